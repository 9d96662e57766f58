import Conductor
import Hashing
import Pipeline

/// How a drive ended, and the next command to type.
struct DriveText {
    let text: String

    init(_ driven: Session.Driven, hasColour: Bool) {
        let paint = Paint(isOn: hasColour)
        let run = driven.record.run
        let took = Moment.span(driven.record.updated - driven.record.created)
        var lines: [String] = []
        switch driven.end {
        case .performed(let stages):
            lines.append(paint("\(stages.map(\.text).joined(separator: ", ")) of run \(run.id) is done.", .green))
        case .voided(let differences):
            lines.append(paint("The approval does not cover this change:", .red))
            lines += differences.map { "  \($0)" }
            lines.append("  → look at it with 'shipit approvals' and approve again: shipit approve \(run.id) --continue")
        case .leased(let environment, let lease):
            lines.append(paint("\(environment) is being changed by \(LeaseText(lease).text).", .yellow))
            lines.append("  → when that is done: shipit resume \(run.id)")
            lines.append("  → or wait for it: shipit resume \(run.id) --wait 10m")
        case .held(let environment, let hold):
            lines.append(
                paint("Deploys to \(environment) are held by \(hold.by) since \(Moment.text(hold.at)): \(hold.reason)", .yellow))
            lines.append("  → when the reason is gone: shipit unhold \(environment) --reason …; then: shipit resume \(run.id)")
        case .leaseLost(let resource):
            lines.append(
                paint("The lease on \(resource) was lost: another shipit has taken over. Everything of ours was ended.", .red))
            lines.append("  → see 'shipit status'")
        case .recovered:
            lines += Self.recovered(run, took, paint)
        case .interrupted:
            lines.append(paint("run \(run.id) was interrupted after \(took).", .yellow))
            lines.append("  → go on with: shipit resume \(run.id)")
        case .rested(let status):
            lines += Self.rested(status, run, took, paint)
        }
        text = lines.joined(separator: "\n")
    }

    /// What is known of a run whose doubts were looked into.
    private static func recovered(_ run: Run, _ took: String, _ paint: Paint) -> [String] {
        guard run.undecided.isEmpty else { return rested(.indeterminate, run, took, paint) }
        let live = zip(run.plan.stages, run.states).compactMap { stage, state -> String? in
            guard case .running(let attempt) = state else { return nil }
            return "  \(stage.name) is under way in process \(attempt.driver.pid) on \(attempt.driver.host)"
        }
        guard live.isEmpty else { return ["Nothing of run \(run.id) is in doubt:"] + live }
        guard run.status == .interrupted else { return rested(run.status, run, took, paint) }
        let open = run.openStages.map(\.text).joined(separator: ", ")
        return ["Nothing of run \(run.id) is in doubt. Left to do: \(open)", "  → go on with: shipit resume \(run.id)"]
    }

    private static func rested(_ status: RunStatus, _ run: Run, _ took: String, _ paint: Paint) -> [String] {
        switch status {
        case .succeeded: return [paint("run \(run.id) succeeded in \(took).", .green)]
        case .reached: return [paint("run \(run.id) reached \(run.goal.map(\.text).joined(separator: ", ")) in \(took).", .green)]
        case .waiting:
            return run.waitingApprovals.flatMap { waiting in
                [""] + [ChangeText(waiting.change, paint: paint).text] + [
                    "", paint("run \(run.id) waits for approval of this change to \(waiting.change.environment).", .yellow),
                    "  → shipit approve \(run.id) --continue", "  → shipit reject \(run.id) --reason …",
                ]
            }
        case .failed:
            let failed = run.plan.stages.filter { if case .failed = run.state(of: $0.name) { true } else { false } }
            return [paint("run \(run.id) failed at \(failed.map(\.name.text).joined(separator: ", ")).", .red)]
                + failed.prefix(1).map { "  → shipit logs \(run.id) \($0.name)" }
                + (run.retryable.isEmpty ? [] : ["  → when the reason is gone: shipit retry \(run.id)"])
        case .cancelled: return [paint("run \(run.id) was cancelled.", .yellow)]
        case .indeterminate:
            let stages = run.undecided
            return [
                paint("Nobody knows what became of \(stages.map(\.text).joined(separator: ", ")); a person must look.", .red)
            ]
                + stages.compactMap { run.state(of: $0)?.failure }.flatMap {
                    ["  \($0.message)"] + ($0.remedy.map { ["  → \($0)"] } ?? [])
                }
                + stages.prefix(1).flatMap {
                    [
                        "  → if it had no effect: shipit retry \(run.id) \($0) --reason …",
                        "  → if it is done: shipit skip \(run.id) \($0) --reason …",
                    ]
                }
        case .running, .interrupted: return ["run \(run.id) goes on elsewhere.", "  → shipit status"]
        }
    }
}

/// A Change for the person who must agree to it.
struct ChangeText {
    let text: String

    init(_ change: Change, paint: Paint) {
        var lines = [paint("change \(change.sum.hex.prefix(12))", .bold) + " to \(change.environment) (\(change.target.summary))"]
        for (service, reference) in change.images.sorted(by: { $0.key < $1.key }) {
            lines.append("  image      \(service)  \(reference)")
        }
        if let schema = change.schema {
            lines.append("  schema     at \(schema.from ?? "its beginning"), \(schema.pending.count) pending")
            for migration in schema.pending {
                lines.append(
                    "  migration  \(migration.file)"
                        + (migration.isCompatible ? paint("  compatible", .dim) : paint("  blocks a rollback", .yellow)))
            }
        }
        lines.append("  file       \(change.manifest.hex.prefix(12))")
        for (name, value) in change.values.sorted(by: { $0.key < $1.key }) { lines.append("  value      \(name) = \(value)") }
        text = lines.joined(separator: "\n")
    }
}
