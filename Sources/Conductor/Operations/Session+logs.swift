public import Pipeline
import Records

/// The kept output of one attempt.
public struct KeptLog: Sendable {
    /// The stage.
    public var stage: StageName
    /// The attempt, from 1.
    public var attempt: Int
    /// The file.
    public var path: String
}

extension Session {
    /// The logs that are kept here of a run, in the order of the plan; those of one stage when it is named.
    public func logs(of record: RunRecord, stage: String?) throws(Refusal) -> [KeptLog] {
        let run = record.run
        if let stage, StageName(stage).flatMap({ run.stage($0) }) == nil {
            throw Refusal(
                .badInput, "Run \(run.id) has no stage '\(stage)'.",
                remedy: "It has: \(run.plan.stages.prefix(20).map(\.name.text).joined(separator: ", ")).")
        }
        let folder = "\(logFolder)/\(run.id)"
        let files = Set(DirectoryListing.files(in: folder))
        var logs: [KeptLog] = []
        for planned in run.plan.stages where stage == nil || planned.name.text == stage {
            let attempts = record.attempts(of: planned.name)
            for attempt in 1..<(attempts + 1) where files.contains("\(planned.name).\(attempt).log") {
                let path = StageLog.path(in: logFolder, run: run.id, stage: planned.name, attempt: attempt)
                logs.append(KeptLog(stage: planned.name, attempt: attempt, path: path))
            }
        }
        return logs
    }

    /// A piece of a kept log; what is secret was left out before it was written.
    ///
    /// - Returns: the bytes from `offset` on, at most 1 MiB; none at the end.
    public func read(_ log: KeptLog, from offset: Int64) -> [UInt8] {
        (try? FileContent.read(log.path, from: offset, atMost: 1 << 20)) ?? []
    }
}
