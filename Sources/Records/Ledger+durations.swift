import Journal
public import Pipeline

extension Ledger {
    /// How long the stages of a pipeline usually take: the median of what each took in the newest runs that came to a good end.
    ///
    /// Bounded, however long the history and the runs are: looks at the newest hundred runs, and reads the journals of the newest five
    /// that count, without their plans, and no more than some thousand entries in all. A stage that was only found done already, or was waiting for a person, says nothing.
    ///
    /// - Parameters:
    ///   - pipeline: the pipeline.
    ///   - current: a run that does not count, since it is still under way.
    /// - Returns: milliseconds by stage; none of a stage that was never seen to be performed.
    public func usualDurations(
        of pipeline: PipelineName, apartFrom current: RunID
    ) async throws(LedgerError) -> [StageName: Int64] {
        let earlier = try await runs(limit: Self.lookback).filter {
            $0.pipeline == pipeline && $0.id != current && ($0.status == .succeeded || $0.status == .reached)
        }
        var took: [StageName: [Int64]] = [:]
        var read = 0
        for run in earlier.prefix(Self.samples) where read < Self.mostEntries {
            let journal = JournalName(.run, run.id)
            var started: [StageName: Int64] = [:]
            try await forEachPage(of: journal, after: 1) { entries throws(LedgerError) in
                for entry in entries {
                    let stamped: Stamped<RunEvent> = try decode(entry)
                    switch stamped.event {
                    case .started(let stage, _, _, _, _): started[stage] = stamped.at
                    case .succeeded(let stage, _, _, .performed, _):
                        if let start = started[stage] { took[stage, default: []].append(max(0, stamped.at - start)) }
                    default: break
                    }
                }
                read += entries.count
                return read < Self.mostEntries
            }
        }
        return took.mapValues { $0.sorted()[$0.count / 2] }
    }

    /// Runs that are looked at for those that count.
    private static let lookback = 100
    /// Runs whose journals are read.
    private static let samples = 5
    /// Entries that are read in all, but for the rest of a page.
    private static let mostEntries = 3000
}
