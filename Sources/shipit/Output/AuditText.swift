import Records

/// The outcome of an audit, for people.
struct AuditText {
    let text: String

    init(_ report: AuditReport, heads: String, hasColour: Bool) {
        let paint = Paint(isOn: hasColour)
        let amount =
            "\(report.marks.count) of \(report.marks.count + report.faults.count) journals are whole, \(report.entries) entries"
        guard !report.isIntact else {
            let pruned = report.pruned == 0 ? "" : " \(report.pruned) more were pruned, each with a record of where it ended."
            let note = report.compared == 0 ? " None was remembered before, so that a cut off end could not be seen." : ""
            text =
                "\(paint("✓", .green)) \(amount), \(report.compared) compared with their last heads.\(pruned)\(note)\n  heads are kept in \(heads)"
            return
        }
        let lines = report.faults.map { fault in
            "\(paint("✗", .red)) \(fault.journal) at \(fault.position): \(fault.message)"
        }
        text = lines.joined(separator: "\n") + "\n\(amount). \(Self.remedy(for: report))"
    }

    private static func remedy(for report: AuditReport) -> String {
        if report.faults.allSatisfy({ $0.code == .summary }) {
            return "What lists show is wrong and the journals are right."
        }
        if report.faults.allSatisfy({ $0.code == .unreadable }) { return "Use the newest shipit." }
        return "Restore the ledger from its backup, and find out who could write to it."
    }
}

/// The outcome of an audit, for programs.
struct AuditPayload: Encodable {
    var intact: Bool
    var journals: Int
    var entries: Int64
    var compared: Int
    var pruned: Int
    var faults: [AuditReport.Fault]
    var heads: String

    init(_ report: AuditReport, heads: String) {
        intact = report.isIntact
        journals = report.marks.count
        entries = report.entries
        compared = report.compared
        pruned = report.pruned
        faults = report.faults
        self.heads = heads
    }
}

/// How much of a ledger was moved, for people.
struct TransferText {
    let amount: String
    let text: String

    init(_ count: TransferCount) {
        amount =
            "\(count.journals) journal\(count.journals == 1 ? "" : "s") with \(count.entries) entr\(count.entries == 1 ? "y" : "ies")"
        let known = count.entries - count.new
        text = "\(amount) arrived" + (known == 0 ? "." : ", \(known) of them had been there before.")
    }
}
