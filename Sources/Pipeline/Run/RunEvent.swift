import CanonicalJSON
public import Hashing

/// Identifies a run: ten characters, of which the first six grow with time, so that ids sort by age.
public typealias RunID = String

/// The process that drives a run: what a person needs to find it, and what tells whether it is still alive.
public struct Driver: Hashable, Sendable, Codable {
    /// Random per process.
    public var id: String
    /// The machine's name.
    public var host: String
    /// The process id.
    public var pid: Int32
    /// The process's start, in a form that tells it from a later process with the same id.
    public var started: String
    /// Where it runs; nil when it does not know, and of one that was recorded before anybody said.
    public var place: Whereabouts?

    /// A driver.
    public init(id: String, host: String, pid: Int32, started: String, place: Whereabouts? = nil) {
        self.id = id
        self.host = host
        self.pid = pid
        self.started = started
        self.place = place
    }
}

/// A program that works for an attempt: what a person needs to find it on the driver's machine, and what tells it from a later process
/// with the same number.
public struct Launch: Hashable, Sendable, Codable {
    /// Its name, without arguments.
    public var program: String
    /// The process id, which is also that of its process group.
    public var pid: Int32
    /// The process's start, as in ``Driver/started``.
    public var started: String

    /// A program that has begun.
    public init(program: String, pid: Int32, started: String) {
        self.program = program
        self.pid = pid
        self.started = started
    }
}

/// Why a stage failed.
public struct Failure: Hashable, Sendable, Codable, Error {
    /// The sort of failure, a stable word: `docker-unreachable`, `migration-failed`, `timeout`, ….
    public var code: String
    /// What happened, to what, and why: full sentences, no secret.
    public var message: String
    /// What to do next.
    public var remedy: String?
    /// Whether it may pass by itself, so that trying again makes sense.
    public var isPassing: Bool

    /// A failure.
    public init(code: String, message: String, remedy: String? = nil, isPassing: Bool = false) {
        self.code = code
        self.message = message
        self.remedy = remedy
        self.isPassing = isPassing
    }
}

extension Failure {
    /// The code of a Change that a person rejected: it is not asked for again.
    static let rejected = "rejected"
}

/// How a stage came to be done.
public enum Completion: String, Hashable, Sendable, Codable {
    /// It was performed.
    case performed
    /// It was found done already: nothing had to be performed.
    case reused
    /// It was in doubt after an interruption, and observation showed it done.
    case observed
}

/// What happens in a run; the events of its journal.
///
/// Names of cases and fields are the stored format.
public enum RunEvent: Hashable, Sendable, Codable {
    /// The first event: everything the run will ever need to know of the definition.
    case created(id: RunID, plan: Plan, goal: [StageName], reason: String)
    /// The run shall go further than it was asked to at first.
    case goalExtended(to: [StageName])
    /// A process takes the run up.
    case resumed(Driver)
    /// The intent: an attempt is about to begin. Durable before its effect.
    case started(stage: StageName, attempt: Int, key: String, driver: Driver, deadline: TimeSpan)
    /// A program works for an attempt, and has done so for longer than a moment.
    case launched(stage: StageName, attempt: Int, launch: Launch)
    /// An attempt is done, with what it produced.
    case succeeded(stage: StageName, attempt: Int, artifact: ArtifactValue?, how: Completion, note: String?)
    /// An attempt failed. `jitter` is the random part of the pause that follows, in thousandths.
    case failed(stage: StageName, attempt: Int, failure: Failure, jitter: Int)
    /// An attempt has taken as long as it may; it is being ended.
    case timedOut(stage: StageName, attempt: Int)
    /// The pause after attempt `attempt` is over.
    case backoffElapsed(stage: StageName, attempt: Int)
    /// A stage is left out, by a person's word.
    case skipped(stage: StageName, reason: String)
    /// Stages that failed, or of which nobody knows, shall be made again, by a person's word.
    case retried(stages: [StageName], reason: String)
    /// The Change is frozen; a person must approve it. `commits` are those by which it differs from what runs, where that is known.
    case approvalRequested(stage: StageName, attempt: Int, change: Change, commits: CommitSpan? = nil)
    /// A person approved the Change with this hash.
    case approved(stage: StageName, change: SHA256Sum, comment: String?)
    /// A person rejected the Change.
    case rejected(stage: StageName, reason: String)
    /// Attempt `attempt` of `stage` found that the approval does not cover what would be deployed now. Nothing was done.
    case approvalVoided(stage: StageName, attempt: Int, approval: StageName, differences: [String])
    /// The run shall end.
    case cancelRequested(reason: String)
    /// The driving process was told to stop; the run can be resumed.
    case interrupted(driver: String, signal: String)
    /// An attempt was ended before it was done; how far its effect got is not known.
    case stopped(stage: StageName, attempt: Int)
    /// The process that made this attempt is gone; how far its effect got is not known.
    case doubted(stage: StageName, attempt: Int, reason: String)
    /// Observation showed that the attempt had no effect: it may be made again.
    case absolved(stage: StageName, attempt: Int, note: String)
    /// Observation could not decide: a person must look.
    case undecided(stage: StageName, attempt: Int, failure: Failure)
}

/// An event as it is stored: stamped with time, person and format version.
public struct Stamped<Event: Hashable & Sendable & Codable>: Hashable, Sendable, Codable {
    /// The version of the stored form.
    public static var format: Int { 1 }

    /// The version it was written with.
    public var v: Int
    /// When, in milliseconds since 1970, by the writer's clock.
    public var at: Int64
    /// Who.
    public var by: String
    /// What.
    public var event: Event

    /// Stamps `event`.
    public init(_ event: Event, at: Int64, by: String) {
        self.v = Self.format
        self.at = at
        self.by = by
        self.event = event
    }

    /// The stored bytes.
    public var bytes: [UInt8] { Canonical.bytes(of: self) }

    /// Reads stored bytes; a newer format or an unknown event is refused.
    public init(bytes: [UInt8]) throws(UnreadableEvent) {
        do {
            self = try Canonical.decode(Self.self, from: bytes)
        } catch {
            let found = try? Canonical.decode(FormatVersion.self, from: bytes).v
            throw UnreadableEvent(format: found, reason: "\(error)")
        }
        guard v == Self.format else { throw UnreadableEvent(format: v, reason: "unknown format") }
    }
}

/// The one field that every format has.
private struct FormatVersion: Decodable {
    var v: Int
}

/// A stored event that this shipit cannot read.
public struct UnreadableEvent: Error, Hashable, Sendable {
    /// The format version it carries, when even that could be read.
    public var format: Int?
    /// What the decoder says.
    public var reason: String
}
