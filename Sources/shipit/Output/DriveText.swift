import Conductor
import Hashing
import Pipeline

/// How a drive ended: what happened, to what, why, and the next command to type, which are the last things that a person reads.
struct DriveText {
    let text: String

    /// How many are named of what may be many.
    private static let most = 5

    /// - Parameters:
    ///   - driven: how it ended.
    ///   - said: the last lines that a stage printed.
    init(_ driven: Session.Driven, said: (StageName) -> [String], hasColour: Bool) {
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
            lines.append("  → who that is: shipit status")
            lines.append("  → when they are done: shipit resume \(run.id)")
        case .recovered:
            lines += Self.recovered(driven.record, took, said, paint)
        case .interrupted:
            lines.append(paint("run \(run.id) was interrupted after \(took).", .yellow))
            lines += Self.leftToDo(run)
        case .rested(let status):
            lines += Self.rested(status, driven.record, took, said, paint)
        }
        text = lines.joined(separator: "\n")
    }

    /// What is known of a run whose doubts were looked into.
    private static func recovered(
        _ record: RunRecord, _ took: String, _ said: (StageName) -> [String], _ paint: Paint
    ) -> [String] {
        let run = record.run
        guard run.undecided.isEmpty else { return rested(.indeterminate, record, took, said, paint) }
        let live = elsewhere(run)
        guard live.isEmpty else { return ["Nothing of run \(run.id) is in doubt:"] + live }
        guard run.status == .interrupted else { return rested(run.status, record, took, said, paint) }
        return ["Nothing of run \(run.id) is in doubt."] + leftToDo(run)
    }

    /// What a run that is taken up again would do.
    private static func leftToDo(_ run: Run) -> [String] {
        (run.openStages.isEmpty ? [] : ["  left to do: \(run.openStages.named(atMost: most))"])
            + ["  → go on with: shipit resume \(run.id)"]
    }

    /// What others are at work on.
    private static func elsewhere(_ run: Run) -> [String] {
        zip(run.plan.stages, run.states).compactMap { stage, state -> String? in
            guard case .running(let attempt) = state else { return nil }
            return "  \(stage.name) is under way in process \(attempt.driver.pid) on \(attempt.driver.host)"
        }
    }

    private static func rested(
        _ status: RunStatus, _ record: RunRecord, _ took: String, _ said: (StageName) -> [String], _ paint: Paint
    ) -> [String] {
        let run = record.run
        switch status {
        case .succeeded: return [paint("run \(run.id) succeeded in \(took).", .green)]
        case .reached: return [paint("run \(run.id) reached \(run.goal.map(\.text).joined(separator: ", ")) in \(took).", .green)]
        case .waiting:
            return record.waitingApprovals.flatMap { waiting in
                [""] + [ChangeText(waiting, paint: paint).text] + [
                    "", paint("run \(run.id) waits for approval of this change to \(waiting.change.environment).", .yellow),
                    "  → shipit approve \(run.id) --continue", "  → shipit reject \(run.id) --reason …",
                ]
            }
        case .failed: return failed(run, took, said, paint)
        case .cancelled:
            return [paint("run \(run.id) was cancelled.", .yellow), "  → what runs where: shipit status"]
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
        case .running: return ["run \(run.id) goes on elsewhere."] + elsewhere(run) + ["  → how far it is: shipit status"]
        case .interrupted: return [paint("run \(run.id) is not done.", .yellow)] + leftToDo(run)
        }
    }

    /// What failed, why, in its own last words, and what did not begin because of it.
    private static func failed(
        _ run: Run, _ took: String, _ said: (StageName) -> [String], _ paint: Paint
    ) -> [String] {
        var failed: [(name: StageName, failure: Failure)] = []
        var blocked: [StageName] = []
        for (stage, state) in zip(run.plan.stages, run.states) {
            if case .failed(let failure) = state { failed.append((stage.name, failure)) }
            if case .blocked = state { blocked.append(stage.name) }
        }
        var lines = [paint("run \(run.id) failed at \(failed.map(\.name).named(atMost: most)) after \(took).", .red)]
        for (name, failure) in failed.prefix(most) {
            let message = failure.message.split(whereSeparator: \.isNewline).map { TerminalText.safe($0, hasColour: false) }
            lines += message.prefix(1).map { "  \(paint(name.text, .bold)): \($0)" } + message.dropFirst().map { "    \($0)" }
            let words = name == failed[0].name ? said(name) : []
            // Some messages hold the last words already.
            if let last = words.last, !message.contains(TerminalText.safe(last, hasColour: false)) {
                lines += words.map { paint("    │ ", .dim) + TerminalText.safe($0, hasColour: false) }
            }
            if let remedy = failure.remedy, !remedy.contains("shipit logs") { lines.append("    → \(remedy)") }
        }
        if !blocked.isEmpty { lines.append("  left out because of that: \(blocked.named(atMost: most))") }
        for waiting in run.waitingApprovals { lines.append("  \(waiting.stage) waits for approval") }
        guard !run.retryable.isEmpty else { return lines }
        return lines + run.retryable.prefix(1).map { "  → all that it printed: shipit logs \(run.id) \($0)" }
            + ["  → when the reason is gone: shipit retry \(run.id)"]
    }
}

/// A Change for the person who must agree to it.
struct ChangeText {
    let text: String

    /// How many commits are shown.
    private static let commitsShown = 10

    init(_ approval: ApprovalView, paint: Paint) {
        let change = approval.change
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
        text = (lines + Self.commits(approval.commits, paint)).joined(separator: "\n")
    }

    private static func commits(_ span: CommitSpan?, _ paint: Paint) -> [String] {
        guard let span else { return ["  " + paint("the commits since what runs are not known here", .yellow)] }
        guard let from = span.from else { return ["  commits    nothing ran there before"] }
        func list(_ word: String, _ lines: [CommitLine]) -> [String] {
            let shown = lines.prefix(commitsShown).map { line in
                "  \(word)  \(line.commit.prefix(12))  \(TerminalText.safe(line.subject, hasColour: false))"
                    + paint(line.author.map { "  " + TerminalText.safe($0, hasColour: false) } ?? "", .dim)
            }
            let rest = lines.count - shown.count
            guard rest > 0 else { return shown }
            return shown + [paint("  \(word)  and \(rest)\(span.isCut ? " or more" : "") others: see --json", .dim)]
        }
        if span.brought.isEmpty, span.dropped.isEmpty { return ["  commits    none: \(from.prefix(12)) runs already"] }
        return list("commit   ", span.brought) + list(paint("drops    ", .yellow), span.dropped)
    }
}
