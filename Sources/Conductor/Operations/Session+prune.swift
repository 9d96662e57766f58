public import Pipeline
public import Records

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

extension Session {
    /// Removes the runs that ended longer ago than `age` and that no environment needs any more, with what is kept here of their output.
    ///
    /// - Parameters:
    ///   - age: how long ago a run must have ended to be removed.
    ///   - isRehearsal: whether only to say what would be removed.
    public func prune(olderThan age: TimeSpan, isRehearsal: Bool) async throws(Refusal) -> PruneReport {
        let report = try await ledger { () async throws(LedgerError) in
            try await ledger.prune(before: world.now() - age.milliseconds, isRehearsal: isRehearsal) { world.stamp($0) }
        }
        if !isRehearsal { try await removeOrphanedLogs() }
        return report
    }

    /// Removes the output of every run that was pruned: also of those that went from another machine, or just before a crash.
    private func removeOrphanedLogs() async throws(Refusal) {
        let folders = DirectoryListing.files(in: logFolder)
        guard !folders.isEmpty else { return }
        let pruned = try await ledger { () async throws(LedgerError) in try await ledger.prunedRuns() }
        for name in folders where pruned.contains(name) {
            do {
                try FileManager.default.removeItem(atPath: "\(logFolder)/\(name)")
            } catch {
                throw Refusal(
                    .failed, "The output of the pruned run \(name) cannot be removed: \(error).",
                    remedy: "Remove \(logFolder)/\(name) yourself.")
            }
        }
    }
}
