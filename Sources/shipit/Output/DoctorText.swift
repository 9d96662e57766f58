import Conductor

/// What a machine still needs, for people.
struct DoctorText {
    let text: String

    init(_ examination: Examination, hasColour: Bool) {
        let paint = Paint(isOn: hasColour)
        let findings = examination.findings
        var table = Table()
        for finding in findings {
            let mark =
                switch finding.verdict {
                case .fine: paint("✓", .green)
                case .doubtful: paint("!", .yellow)
                case .missing: paint("✗", .red)
                }
            table.add(mark, paint(finding.subject, .bold), finding.message.replacing("\n", with: " "))
            if finding.verdict != .fine, let remedy = finding.remedy { table.add("", "", "→ \(remedy)") }
        }
        let missing = findings.count { $0.verdict == .missing }
        let end = missing == 0 ? "Nothing is missing." : missing == 1 ? "1 thing is missing." : "\(missing) things are missing."
        text = table.text + "\n\n" + end
    }
}
