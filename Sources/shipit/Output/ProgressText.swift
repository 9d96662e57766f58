import Conductor
import Hashing
import Pipeline

/// Progress as plain prefixed lines: the stage's name, padded, then what happens to it.
struct ProgressText {
    private let paint: Paint
    /// The run whose stages' names were measured, and the longest of them.
    private var measured: RunID?
    private var width = 0

    init(hasColour: Bool) {
        paint = Paint(isOn: hasColour)
    }

    /// The line for an event; nil when it says nothing to a person.
    mutating func text(for progress: Progress) -> String? {
        switch progress {
        case .event(let stamped, let record):
            if measured != record.run.id {
                measured = record.run.id
                width = record.run.plan.stages.map(\.name.text.utf8.count).max() ?? 0
            }
            return line(for: stamped, record)
        case .reread: return nil
        case .output(let stage, let text):
            return "\(prefix(stage)) \(paint("│", .dim)) \(text)"
        case .notice(let text):
            return paint(text, .yellow)
        case .awaiting(let environment, let lease, let until):
            return paint(
                "waits until \(Moment.text(until)) for \(environment), which is being changed by \(LeaseText(lease).text)",
                .yellow)
        }
    }

    private func prefix(_ stage: StageName) -> String {
        stage.text + String(repeating: " ", count: max(0, width - stage.text.utf8.count))
    }

    private func line(for stamped: Stamped<RunEvent>, _ record: RunRecord) -> String? {
        func say(_ stage: StageName, _ mark: String, _ colour: Paint.Colour, _ text: String) -> String {
            "\(prefix(stage)) \(paint(mark, colour)) \(text)"
        }
        func took(_ stage: StageName) -> String {
            record.timings[stage].map { Moment.span(stamped.at - $0.started) } ?? ""
        }
        switch stamped.event {
        case .created(let id, let plan, let goal, let reason):
            let to = goal.count == plan.stages.count ? "" : " to \(goal.map(\.text).joined(separator: ", "))"
            return paint("run \(id)", .bold) + " of \(plan.pipeline)\(to) for \(plan.source.commit.prefix(12)): \(reason)"
        case .goalExtended(let stages):
            return paint("run \(record.run.id)", .bold) + " goes on to \(stages.map(\.text).joined(separator: ", "))"
        case .resumed: return paint("run \(record.run.id)", .bold) + " is taken up again"
        case .started(let stage, let attempt, _, _, _):
            return say(
                stage, "▶", .blue,
                (record.run.stage(stage)?.kind.value.summary ?? "started") + (attempt > 1 ? " (attempt \(attempt))" : ""))
        case .launched: return nil
        case .succeeded(let stage, _, let artifact, let how, let note):
            let words = how == .performed ? "done in \(took(stage))" : "\(how.rawValue): nothing to do"
            return say(stage, "✓", .green, [words, note, artifact?.summary].compactMap { $0 }.joined(separator: " · "))
        case .failed(let stage, let attempt, let failure, _):
            let text =
                say(stage, "✗", .red, "\(failure.code): \(failure.message)")
                + (failure.remedy.map { "\n\(prefix(stage)) → \($0)" } ?? "")
            guard case .backingOff(_, let pause, _)? = record.run.state(of: stage) else { return text }
            return text + "\n\(prefix(stage)) … attempt \(attempt + 1) in \(pause)"
        case .timedOut(let stage, _): return say(stage, "✗", .red, "took too long: it is being ended")
        case .skipped(let stage, let reason): return say(stage, "–", .dim, "skipped: \(reason)")
        case .retried(let stages, let reason):
            return stages.map { say($0, "↺", .blue, "to be made again: \(reason)") }.joined(separator: "\n")
        case .approvalRequested(let stage, _, let change, _):
            return say(stage, "⏸", .yellow, "waits for approval of change \(change.sum.hex.prefix(12))")
        case .approved(let stage, let sum, _):
            return say(stage, "✓", .green, "change \(sum.hex.prefix(12)) approved by \(stamped.by)")
        case .rejected(let stage, let reason): return say(stage, "✗", .red, "rejected by \(stamped.by): \(reason)")
        case .approvalVoided(let stage, _, let approval, let differences):
            return say(
                stage, "✗", .red,
                "the approval of '\(approval)' does not cover this change: \(differences.joined(separator: "; "))")
        case .cancelRequested(let reason): return paint("run \(record.run.id)", .bold) + " is cancelled: \(reason)"
        case .interrupted(_, let signal): return paint("run \(record.run.id)", .bold) + " is interrupted (\(signal))"
        case .stopped(let stage, _): return say(stage, "■", .yellow, "ended before it was done")
        case .doubted(let stage, _, let reason): return say(stage, "?", .yellow, "\(reason): looking what became of it")
        case .absolved(let stage, _, let note): return say(stage, "↺", .blue, note)
        case .undecided(let stage, _, let failure): return say(stage, "?", .red, failure.message)
        case .backoffElapsed: return nil
        }
    }
}
