import Journal
public import Pipeline
import Records

/// The kept output of one attempt.
public struct KeptLog: Sendable {
    /// Where it is.
    enum Place: Sendable {
        /// In a file of this machine.
        case file(String)
        /// Where all who share the ledger read it.
        case shared(LogName)
    }

    /// The stage.
    public var stage: StageName
    /// The attempt, from 1.
    public var attempt: Int
    let place: Place

    /// Whether it is read where whoever drives the run brings it, a moment after it was printed.
    public var isShared: Bool { if case .shared = place { true } else { false } }
}

extension Session {
    /// The logs that are kept of a run, in the order of the plan; those of one stage when it is named.
    ///
    /// What is on this machine is read here, unless there is more of it where all who share the ledger read it.
    public func logs(of record: RunRecord, stage: String?) async throws(Refusal) -> [KeptLog] {
        let run = record.run
        if let stage, StageName(stage).flatMap({ run.stage($0) }) == nil {
            throw Refusal(
                .badInput, "Run \(run.id) has no stage '\(stage)'.",
                remedy: "It has: \(run.plan.stages.prefix(20).map(\.name.text).joined(separator: ", ")).")
        }
        let shared: [LogName: Int64]
        do throws(StoreError) { shared = try await ledger.store.logs?.sizes(ofRun: run.id, stage: stage) ?? [:] } catch {
            throw Refusal(error)
        }
        let files = Set(DirectoryListing.files(in: "\(logFolder)/\(run.id)"))
        var logs: [KeptLog] = []
        for planned in run.plan.stages where stage == nil || planned.name.text == stage {
            let attempts = record.attempts(of: planned.name)
            for attempt in 1..<(attempts + 1) {
                let name = LogName(run: run.id, stage: planned.name.text, attempt: attempt)
                let path = StageLog.path(in: logFolder, run: run.id, stage: planned.name, attempt: attempt)
                let isHere = files.contains("\(planned.name).\(attempt).log")
                if let size = shared[name], !isHere || size > FileContent.size(of: path) {
                    logs.append(KeptLog(stage: planned.name, attempt: attempt, place: .shared(name)))
                } else if isHere {
                    logs.append(KeptLog(stage: planned.name, attempt: attempt, place: .file(path)))
                }
            }
        }
        return logs
    }

    /// A piece of a kept log; what is secret was left out before it was written.
    ///
    /// - Returns: the bytes from `offset` on, at most 1 MiB; none at the end.
    public func read(_ log: KeptLog, from offset: Int64) async throws(Refusal) -> [UInt8] {
        switch log.place {
        case .file(let path): return (try? FileContent.read(path, from: offset, atMost: 1 << 20)) ?? []
        case .shared(let name):
            do throws(StoreError) { return try await ledger.store.logs?.read(name, from: offset, limit: 1 << 20) ?? [] } catch {
                throw Refusal(error)
            }
        }
    }
}
