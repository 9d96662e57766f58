import Conductor
import Pipeline
import Records

/// A way of showing a run that is driven to whoever watches it, other than as plain lines.
protocol Display: Sendable {
    /// Learns what is about to be driven.
    func begin(_ writer: RunWriter, in session: Session, jobs: Int) async

    /// Shows what happens.
    func show(_ progress: Progress)

    /// Tells something by the way; answers false when it should go where remarks usually go.
    func note(_ text: String) -> Bool

    /// Learns how the drive ended, and can ask for the last lines that a stage printed.
    func conclude(_ driven: Session.Driven, said: (StageName) -> [String])

    /// Gives out what was held back, and leaves nothing behind; shows nothing afterwards.
    func end()
}

/// Who watches: what that makes of the output is decided here, and nowhere else.
enum Audience {
    /// A person at a terminal that can be drawn on.
    case terminal
    /// The log of a job in GitHub Actions.
    case workflow
    /// Anything else: a file, a pipe, another CI, a screen reader.
    case lines

    /// - Parameters:
    ///   - plainly: whether plain lines were asked for.
    ///   - world: whose variables tell.
    init(plainly: Bool, in world: World) throws(Refusal) {
        let wish = world.variables["SHIPIT_PROGRESS"] ?? ""
        guard ["", "auto", "plain"].contains(wish) else {
            throw Refusal(.badInput, "SHIPIT_PROGRESS is 'auto' or 'plain', not '\(wish)'.")
        }
        let terminal = world.variables["TERM"] ?? ""
        if plainly || wish == "plain" {
            self = .lines
        } else if world.variables["GITHUB_ACTIONS"] == "true" {
            self = .workflow
        } else if Terminal.isOutput, !world.isCI, !["", "dumb"].contains(terminal) {
            self = .terminal
        } else {
            self = .lines
        }
    }
}
