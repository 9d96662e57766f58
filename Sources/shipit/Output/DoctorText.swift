import Conductor

/// What a machine still needs, for people.
struct DoctorText {
    let text: String

    init(_ examination: Examination, hasColour: Bool) {
        let paint = Paint(isOn: hasColour)
        let findings = examination.findings
        let columns = Terminal.columns
        // Mark and subject stand before the words, with two spaces after each.
        let indent = 5 + (findings.map { Table.width($0.subject) }.max() ?? 0)
        var table = Table()
        for finding in findings {
            let mark =
                switch finding.verdict {
                case .fine: paint("✓", .green)
                case .doubtful: paint("!", .yellow)
                case .missing: paint("✗", .red)
                }
            let words = finding.message.replacing("\n", with: " ")
            table.add(mark, paint(finding.subject, .bold), WrappedText(words, indent: indent, columns: columns).text)
            if finding.verdict != .fine, let remedy = finding.remedy {
                table.add("", "", "→ " + WrappedText(remedy, indent: indent + 2, columns: columns).text)
            }
        }
        let missing = findings.count { $0.verdict == .missing }
        let end = missing == 0 ? "Nothing is missing." : missing == 1 ? "1 thing is missing." : "\(missing) things are missing."
        text = table.text + "\n\n" + end
    }
}
