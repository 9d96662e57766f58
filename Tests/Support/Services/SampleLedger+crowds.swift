import CanonicalJSON
import Foundation
import Journal
public import Pipeline
import Records

extension SampleLedger {
    /// Takes an environment back to an earlier release, as `shipit rollback` records it; without a verdict when it is not verified.
    public func rollback(
        _ environment: EnvironmentName, to release: ReleaseID, as id: RunID, at start: Int64, reason: String
    ) async throws {
        let record = try await ledger.environment(environment)
        guard let earlier = try await ledger.release(of: record, where: { $0.release.id == release })?.release,
            let plan = Plan.rollback(of: environment, to: earlier, in: try plan(commit: release).project)
        else { throw CocoaError(.fileNoSuchFile) }
        var story = Story(plan: plan, id: id, person: person, novelty: .standard, clock: start)
        let first = RunEvent.created(id: id, plan: plan, goal: plan.stages.suffix(1).map(\.name), reason: reason)
        var writer = try await ledger.create(Stamped(first, at: start, by: person))
        for stage in plan.stages {
            try writer.add(story.start(stage))
            let at = story.clock + 4_000
            let isDeploy = stage.kind.value is Deploy
            let artifact = isDeploy ? ReleaseReference(environment: environment, release: id).value : nil
            try writer.add(
                Stamped(
                    .succeeded(stage: stage.name, attempt: 1, artifact: artifact, how: .performed, note: nil), at: at, by: person)
            )
            let event =
                isDeploy
                ? EnvironmentEvent.released(
                    Release(
                        id: id, change: earlier.change, source: earlier.source, by: person, at: at, manifest: earlier.manifest,
                        restores: release))
                : .verified(id, run: id)
            try await writer.save(environments: [
                EnvironmentAppend(try await ledger.environment(environment), [Stamped(event, at: at, by: person)])
            ])
        }
    }

    /// Says that a release did not pass its verification.
    public func refute(_ release: ReleaseID, in environment: EnvironmentName, at time: Int64) async throws {
        let record = try await ledger.environment(environment)
        try await ledger.append(EnvironmentAppend(record, [Stamped(.refuted(release, run: release), at: time, by: person)]))
    }

    /// Records `count` runs that were cancelled or failed before anything began, one a minute up to `end`, many in one transaction.
    public func crowd(_ count: Int, until end: Int64) async throws {
        let template = try plan(commit: "crowd")
        let digits = Array("0123456789abcdefghijklmnopqrstuvwxyz")
        for start in stride(from: 0, to: count, by: 250) {
            var batch: [Append] = []
            for number in start..<min(start + 250, count) {
                var plan = template
                plan.source.commit = String((String(number, radix: 16) + template.source.commit).prefix(40))
                var rest = number
                var id: [Character] = []
                for _ in 0..<4 {
                    id.insert(digits[rest % 36], at: 0)
                    rest /= 36
                }
                let at = end - Int64(count - number) * 60_000
                let first = Stamped(
                    RunEvent.created(
                        id: "000000" + String(id), plan: plan, goal: plan.stages.suffix(1).map(\.name),
                        reason: "nightly \(number)"),
                    at: at, by: person)
                var record = try RunRecord(first)
                let last = Stamped(RunEvent.cancelRequested(reason: "superseded"), at: at + 9_000, by: person)
                let isOpen = number % 10 == 0
                if !isOpen { try record.apply(last) }
                let summary = RunSummary(record, plan: "\(number)")
                batch.append(
                    Append(
                        JournalName(.run, summary.id), expected: 0, bodies: isOpen ? [first.bytes] : [first.bytes, last.bytes],
                        summary: Canonical.bytes(of: summary), isWaiting: false))
            }
            _ = try await ledger.store.append(batch, under: [])
        }
    }
}
