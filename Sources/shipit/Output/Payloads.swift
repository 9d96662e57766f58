import Conductor
import Journal
import Pipeline

/// One JSON line of a run under way.
struct ProgressPayload: Encodable {
    var type: String
    var at: Int64?
    var run: RunID?
    var status: RunStatus?
    var stage: StageName?
    var line: String?
    var event: RunEvent?
    var environment: EnvironmentName?
    var lease: Lease?
    var until: Int64?

    /// Nil for what programs are not told.
    init?(_ progress: Progress) {
        switch progress {
        case .event(let stamped, let record):
            type = "event"
            at = stamped.at
            run = record.run.id
            status = record.run.status
            // The plan is the answer of 'shipit plan': a line of progress names the run only.
            if case .created = stamped.event { type = "created" } else { event = stamped.event }
        case .reread: return nil
        case .output(let name, let text):
            type = "output"
            stage = name
            line = text
        case .notice(let text):
            type = "notice"
            line = text
        case .awaiting(let name, let holding, let end):
            type = "awaiting"
            environment = name
            lease = holding
            until = end
        }
    }
}

/// A refusal for programs.
struct RefusalPayload: Encodable {
    struct Problem: Encodable {
        var exit: Int32
        var message: String
        var remedy: String?
        var diagnostics: [Diagnostic]?
    }

    var error: Problem

    init(_ refusal: Refusal) {
        error = Problem(
            exit: refusal.exit.rawValue, message: refusal.message, remedy: refusal.remedy,
            diagnostics: refusal.diagnostics.isEmpty ? nil : refusal.diagnostics)
    }
}

/// The end of a drive for programs.
struct RunPayload: Encodable {
    var type = "run"
    var exit: Int32
    var end: String
    var run: RunView
}
