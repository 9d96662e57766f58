public import Journal
import Pipeline
public import Records
import SystemPackage

extension Session {
    /// Writes the whole ledger to a file.
    public func exportLedger(to file: String) async throws(Refusal) -> TransferCount {
        try await refuseBusyLedger()
        return try await onFile(file, "written") {
            try await LineFile.write(file) { writer in
                try await ledger.export { (line) throws(LedgerError) in
                    do { try writer.write(line) } catch { throw .damaged("the file \(file) cannot be written: \(error)") }
                }
            }
        }
    }

    /// Takes up the journals of an exported file; what the ledger has already must be the same.
    public func importLedger(from file: String) async throws(Refusal) -> TransferCount {
        try await onFile(file, "read") {
            try await ledger.take { (line) async throws(LedgerError) in try await Self.lines(of: file, line) }
        }
    }

    /// Copies every journal into another ledger and proves afterwards that it has them all.
    public func moveLedger(to store: any Store) async throws(Refusal) -> TransferCount {
        try await refuseBusyLedger()
        let other = Ledger(store)
        let count = try await ledger { () async throws(LedgerError) in try await ledger.copy(to: other) }
        let differences = try await ledger { () async throws(LedgerError) in try await other.differences(from: ledger) }
        guard differences.isEmpty else { throw Self.differing(differences) }
        return count
    }

    /// Proves that this ledger has what another has, no more and no less; the answer is how many journals that are.
    public func compareLedger(with store: any Store) async throws(Refusal) -> Int {
        try await compare { (ledger) async throws(LedgerError) in try await ledger.differences(from: Ledger(store)) }
    }

    /// Proves that this ledger has what an exported file has, no more and no less; the answer is how many journals that are.
    public func compareLedger(withFile file: String) async throws(Refusal) -> Int {
        try await onFile(file, "read") {
            try await compare { (ledger) async throws(LedgerError) in
                try await ledger.differences { (line) async throws(LedgerError) in try await Self.lines(of: file, line) }
            }
        }
    }

    private func compare(
        _ differences: (Ledger) async throws(LedgerError) -> [String]
    ) async throws(Refusal) -> Int {
        // Ends are compared, which says everything of journals that are whole.
        let report = try await ledger { () async throws(LedgerError) in try await ledger.audit() }
        if let fault = report.faults.first { throw Refusal(.failed, "This ledger is not whole: \(fault.message).") }
        let found = try await ledger { () async throws(LedgerError) in try await differences(ledger) }
        guard found.isEmpty else { throw Self.differing(found) }
        return report.marks.count
    }

    private static func differing(_ differences: [String]) -> Refusal {
        let shown = differences.named(atMost: 10, by: "; ")
        return Refusal(
            .failed, "The ledgers differ in \(differences.count) place\(differences.count == 1 ? "" : "s"): \(shown).",
            remedy: "If somebody was working meanwhile, do it again: what is there already stays.")
    }

    /// What is being written cannot be copied as one.
    private func refuseBusyLedger() async throws(Refusal) {
        let environments = try await ledger { () async throws(LedgerError) in try await ledger.environments() }
        for environment in environments {
            guard let lease = try await lease(on: environment) else { continue }
            throw Refusal(
                .occupied,
                "\(environment) is being changed by \(lease.holder.user) on \(lease.holder.host): \(lease.holder.purpose).",
                remedy: "Wait until that is done.")
        }
    }

    private static func lines(
        of file: String, _ line: ([UInt8]) async throws(LedgerError) -> Void
    ) async throws(LedgerError) {
        do {
            try await LineFile.read(file, line)
        } catch let error as LedgerError {
            throw error
        } catch {
            throw .damaged("the file \(file) cannot be read: \(error)")
        }
    }

    private func onFile<Answer>(_ file: String, _ what: String, _ body: () async throws -> Answer) async throws(Refusal) -> Answer
    {
        do {
            return try await body()
        } catch let error as LedgerError {
            throw Refusal(error)
        } catch let error as Refusal {
            throw error
        } catch {
            throw Refusal(.failed, "\(file) cannot be \(what): \(error).")
        }
    }
}
