import CanonicalJSON
import Conductor
import Glibc
import Pipeline
import Records
import Synchronization

/// The one door for output: plain lines for people, JSON lines for programs; nothing passes it unredacted.
final class Door: Sendable {
    /// Plain for people, JSON for programs.
    enum Form {
        case plain
        case json
    }

    /// The process has one standard output, and so one door.
    static let shared = Door(form: CommandLine.arguments.contains("--json") ? .json : .plain)

    let form: Form
    /// Whether standard output is a terminal that shows colour: see no-color.org.
    let hasColour: Bool
    private let vault = Mutex<Vault?>(nil)
    private let progress: Mutex<ProgressText>
    private let display = Mutex<(any Display)?>(nil)
    /// Whether a job in GitHub Actions reads this: mistakes become annotations, and text of others never a command.
    private let isWorkflow: Bool
    /// What stands before a file's name to make it relative to the job's workspace.
    private let folder = Mutex("")

    init(form: Form) {
        self.form = form
        // An empty one says nothing.
        let isColourless = Self.variable("NO_COLOR")?.isEmpty == false
        hasColour = form == .plain && Terminal.isOutput && !isColourless && Self.variable("TERM") != "dumb"
        progress = Mutex(ProgressText(hasColour: hasColour))
        isWorkflow = form == .plain && Self.variable("GITHUB_ACTIONS") == "true"
    }

    /// Keeps the secrets of `vault` out of everything that follows.
    func keepOut(_ vault: Vault) {
        self.vault.withLock { $0 = vault }
    }

    /// Shows what follows as it suits whoever watches.
    ///
    /// - Parameters:
    ///   - plainly: whether plain lines were asked for.
    ///   - session: where it happens.
    func watch(plainly: Bool, _ session: Session) throws(Refusal) {
        let (vault, world) = (session.vault, session.world)
        guard form == .plain else { return }
        switch try Audience(plainly: plainly, in: world) {
        case .lines: return
        case .terminal:
            let screen = LiveScreen(hasColour: hasColour, now: world.now) { vault.redact($0) }
            display.withLock { $0 = screen }
        case .workflow:
            let log = WorkflowLog(in: world, root: session.workspace.root) {
                vault.redact($0)
            } print: { [self] lines in
                write(lines.joined(separator: "\n"), to: STDOUT_FILENO)
            }
            display.withLock { $0 = log }
        }
    }

    /// Where the files are that mistakes are found in.
    func place(root: String) {
        folder.withLock { $0 = WorkflowLog.folder(of: root, below: Self.variable("GITHUB_WORKSPACE")) }
    }

    private static func variable(_ name: String) -> String? {
        unsafe getenv(name).map { unsafe String(cString: $0) }
    }

    /// Tells whoever watches what is about to be driven.
    func begin(_ writer: RunWriter, in session: Session, jobs: Int) async {
        await display.withLock { $0 }?.begin(writer, in: session, jobs: jobs)
    }

    /// Tells whoever watches how it ended.
    func conclude(_ driven: Session.Driven, said: (StageName) -> [String]) {
        display.withLock { $0 }?.conclude(driven, said: said)
    }

    /// Shows nothing further of a drive, and leaves the terminal as it was.
    func endDisplay() {
        let ended = display.withLock { display in
            defer { display = nil }
            return display
        }
        ended?.end()
    }

    /// Prints a command's answer: `payload` for programs, `text` for people.
    func answer<Payload: Encodable>(_ payload: @autoclosure () -> Payload, _ text: @autoclosure () -> String) {
        endDisplay()
        switch form {
        case .json: write(String(decoding: Canonical.bytes(of: payload()), as: UTF8.self), to: STDOUT_FILENO)
        case .plain: write(harmless(text()), to: STDOUT_FILENO)
        }
    }

    /// Shows what happens while a run is driven.
    func show(_ event: Progress) {
        switch form {
        case .json:
            guard let payload = ProgressPayload(event) else { return }
            write(String(decoding: Canonical.bytes(of: payload), as: UTF8.self), to: STDOUT_FILENO)
        case .plain:
            if let display = display.withLock({ $0 }) { return display.show(event) }
            guard let text = progress.withLock({ $0.text(for: event) }) else { return }
            write(harmless(text), to: STDOUT_FILENO)
        }
    }

    /// Tells a person something by the way; programs are not told.
    func note(_ text: String) {
        guard form == .plain, display.withLock({ $0 })?.note(text) != true else { return }
        write(harmless(text), to: STDERR_FILENO)
    }

    /// Says why a command was not carried out.
    func refuse(_ refusal: Refusal) {
        endDisplay()
        switch form {
        case .json:
            write(String(decoding: Canonical.bytes(of: RefusalPayload(refusal)), as: UTF8.self), to: STDOUT_FILENO)
        case .plain:
            write(harmless(RefusalText(refusal, hasColour: hasColour).text), to: STDERR_FILENO)
            if isWorkflow { annotate(refusal) }
        }
    }

    private func annotate(_ refusal: Refusal) {
        var lines: [String] = []
        for diagnostic in refusal.diagnostics {
            var place = diagnostic.location
            place.file = folder.withLock { $0 } + place.file
            let words = diagnostic.message + (diagnostic.remedy.map { "\n\($0)" } ?? "")
            lines.append(WorkflowText.error(words, title: diagnostic.code.rawValue, at: place))
        }
        if lines.isEmpty { lines.append(WorkflowText.error(refusal.description, title: "shipit", at: nil)) }
        write(lines.joined(separator: "\n"), to: STDOUT_FILENO)
    }

    /// The text for people, much of which others wrote: nothing in it moves the cursor, and in a workflow nothing is a command.
    private func harmless(_ text: String) -> String {
        let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).map {
            TerminalText.safe($0, hasColour: hasColour || isWorkflow)
        }
        return (isWorkflow ? WorkflowText.guarded(lines, token: WorkflowText.token()) : lines).joined(separator: "\n")
    }

    /// Prints what the argument parser says.
    func usage(_ text: String, isError: Bool) {
        write(text, to: isError ? STDERR_FILENO : STDOUT_FILENO)
    }

    /// Copies the bytes of a log, which were redacted before they were kept.
    func copy(_ bytes: [UInt8]) {
        Terminal.write(bytes, to: STDOUT_FILENO)
    }

    private func write(_ text: String, to descriptor: Int32) {
        let clean = vault.withLock { $0?.redact(text) ?? text }
        Terminal.write(Array((clean.hasSuffix("\n") ? clean : clean + "\n").utf8), to: descriptor)
    }
}
