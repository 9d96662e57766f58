/// One input of a stage: its name in `inputs:` and the type it takes.
public struct Port: Hashable, Sendable {
    /// The name: `image.api`, `schema`, `approval`, `release`.
    public var name: String
    /// The type of artifact it takes.
    public var type: ArtifactType

    init(_ name: String, _ type: ArtifactType) {
        self.name = name
        self.type = type
    }
}

/// The inputs of a stage, by port.
public struct InputValues: Sendable {
    /// What fills each port.
    public var values: [String: ArtifactValue]

    /// Inputs by port name.
    public init(_ values: [String: ArtifactValue]) {
        self.values = values
    }
}

/// The inputs of a kind as a struct, filled by name.
public protocol StageInputs: Sendable {
    /// Fills the fields; the checker has seen to it that every port is there, so what is missing is a defect of the journal.
    init(filling inputs: InputValues) throws(InputError)
}

/// An input that is not there or has another type: only possible when a journal was tampered with.
public struct InputError: Error, Sendable, CustomStringConvertible {
    /// Which port.
    public var port: String
    /// One sentence.
    public var description: String { "the journal holds no fitting value for the input '\(port)'" }
}

/// How long and how often a stage may try.
public struct StagePolicy: Hashable, Sendable, Codable {
    /// How long one attempt may take.
    public var timeout: TimeSpan
    /// How many further attempts follow a failure that may pass.
    public var retries: Int
    /// The pause before the first further attempt; it doubles each time, up to five minutes, less a random part.
    public var backoff: TimeSpan

    /// A policy.
    public init(timeout: TimeSpan, retries: Int = 0, backoff: TimeSpan = .seconds(2)) {
        self.timeout = timeout
        self.retries = retries
        self.backoff = backoff
    }
}

/// A kind of stage: what it is called, what it is told, what it consumes and produces.
///
/// A new kind is one declaration here, one performer in the Conductor, and one line in ``StageKinds/all``.
public protocol StageKind: Hashable, Sendable, Codable {
    /// The inputs as a struct.
    associatedtype Inputs: StageInputs
    /// What it produces.
    associatedtype Output: Artifact

    /// The key that makes a stage one of this kind: `build`.
    static var keyword: String { get }
    /// The kind's own keys, with the keyword: one list of them, or several where they exclude each other.
    static var forms: [[KeyForm]] { get }
    /// What holds when the stage says nothing.
    static var policy: StagePolicy { get }

    /// Reads the kind's own keys; nil after having reported why.
    init?(reading fields: inout StageFields)
    /// What it consumes.
    func ports(in project: Project) -> [Port]
    /// The type of what it produces; nil for ``Nothing``.
    func product(in project: Project) -> ArtifactType?
    /// The environment whose state the stage changes, asks or guards.
    var environment: EnvironmentName? { get }
    /// Whether the stage changes the environment.
    var changesEnvironment: Bool { get }
    /// One line for people.
    var summary: String { get }
}

/// The kinds there are.
public enum StageKinds {
    /// Every kind; the order is the one of help and errors.
    public static let all: [any StageKind.Type] = [
        Build.self, Migrate.self, Deploy.self, Verify.self, Approve.self, RunCommand.self,
    ]

    /// The kind with this keyword.
    static func kind(_ keyword: String) -> (any StageKind.Type)? {
        all.first { $0.keyword == keyword }
    }
}
