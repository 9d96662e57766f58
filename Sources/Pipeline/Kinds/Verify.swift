/// Asks a release whether it works; a release that passes is good.
public struct Verify: StageKind {
    /// Where the release runs.
    public let target: EnvironmentName

    /// Verifies what `environment` runs.
    public init(environment: EnvironmentName) {
        self.target = environment
    }

    /// The release that is asked.
    public struct Inputs: StageInputs {
        /// The release.
        public var release: ReleaseReference

        /// Fills the release.
        public init(filling inputs: InputValues) throws(InputError) {
            guard case .release(let release) = inputs.values["release"] else { throw InputError(port: "release") }
            self.release = release
        }
    }
    /// A verification produces nothing.
    public typealias Output = Nothing

    /// `verify: ENVIRONMENT`.
    public static let keyword = "verify"
    /// The environment's name.
    public static let forms: [[KeyForm]] = [
        [.required(keyword, .text(.name), "Proves that what this environment runs works", example: "staging")]
    ]
    /// Three minutes: a service that has not answered by then is not coming.
    public static let policy = StagePolicy(timeout: .minutes(3))

    /// Reads `verify: ENVIRONMENT`.
    public init?(reading fields: inout StageFields) {
        guard let environment = fields.environment(Self.keyword) else { return nil }
        self.init(environment: environment)
    }

    /// The release.
    public func ports(in project: Project) -> [Port] { [Port("release", .release(target))] }
    /// Nothing.
    public func product(in project: Project) -> ArtifactType? { nil }
    /// Where.
    public var environment: EnvironmentName? { target }
    /// No: it only asks.
    public var changesEnvironment: Bool { false }
    /// What it does.
    public var summary: String { "prove that \(target) works" }
}
