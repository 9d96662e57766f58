import Conductor
import Discovery

/// What `init` found and wrote, for people.
struct InitText {
    let text: String

    init(_ proposal: Proposal, _ files: [(file: Proposal.File, fate: Beginning.Fate)], isPrinting: Bool, hasColour: Bool) {
        let paint = Paint(isOn: hasColour)
        let columns = Terminal.columns
        let isBlocked = files.contains { $0.fate == .inTheWay }
        if isPrinting {
            text = files.map { Self.print($0.file, paint) }.joined(separator: "\n")
            return
        }
        var lines = [paint("Found", .bold)]
        var table = Table()
        for guess in proposal.guesses {
            // What is about a service stands below it.
            let service = proposal.services.first { guess.subject.hasPrefix("\($0.name) ") }
            let subject = service.map { "  \(guess.subject.dropFirst($0.name.count + 1))" } ?? guess.subject
            table.add("  " + subject, paint(guess.value, .bold), paint(guess.reason, .dim))
        }
        lines += [table.text, ""]
        if !proposal.notes.isEmpty {
            lines +=
                [paint("To look at", .bold)]
                + proposal.notes.map { note in
                    "  \(paint("!", .yellow)) " + WrappedText(note, indent: 4, columns: columns).text
                } + [""]
        }
        lines += files.map { Self.told($0.file, $0.fate, paint) }
        lines.append("")
        if isBlocked {
            for (file, fate) in files where fate == .inTheWay { lines += [Self.print(file, paint)] }
            lines.append("Nothing was written: the files belong together.")
            lines.append("  → compare with the above, or move yours away and run 'shipit init' again")
        } else {
            lines.append("Next")
            lines.append("  → shipit doctor                        what this machine still needs")
            lines.append("  → shipit check && shipit plan          what a run would do")
            lines.append("  → git add \(Self.folders(of: files).joined(separator: " ")) && git commit")
            lines.append("  → shipit deploy staging")
        }
        text = lines.joined(separator: "\n")
    }

    private static func told(_ file: Proposal.File, _ fate: Beginning.Fate, _ paint: Paint) -> String {
        switch fate {
        case .written: "\(paint("✓", .green)) wrote \(file.path)"
        case .unchanged: "\(paint("✓", .green)) \(file.path) is as it would be written"
        case .inTheWay: "\(paint("✗", .red)) \(file.path) is there already, and is another: it is left as it is"
        case .proposed: "  \(file.path) was not written"
        }
    }

    private static func print(_ file: Proposal.File, _ paint: Paint) -> String {
        paint("# ── \(file.path) ──", .bold) + "\n" + file.content
    }

    private static func folders(of files: [(file: Proposal.File, fate: Beginning.Fate)]) -> [String] {
        Set(files.map { String($0.file.path.prefix { $0 != "/" }) }).sorted().reversed()
    }
}

/// The same for programs.
struct InitPayload: Encodable {
    struct File: Encodable {
        var path: String
        var fate: Beginning.Fate
        /// What would stand there; left out when it does.
        var content: String?
    }

    var project: String
    var services: [Proposal.Service]
    var files: [File]
    var guesses: [Proposal.Guess]
    var notes: [String]

    init(_ proposal: Proposal, _ files: [(file: Proposal.File, fate: Beginning.Fate)], isPrinting: Bool) {
        project = proposal.project
        services = proposal.services
        self.files = files.map { file, fate in
            File(path: file.path, fate: fate, content: isPrinting || fate == .inTheWay ? file.content : nil)
        }
        guesses = proposal.guesses
        notes = proposal.notes
    }
}
