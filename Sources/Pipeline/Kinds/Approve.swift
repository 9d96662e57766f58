/// Freezes the Change of an environment and waits for a person's consent to it.
public struct Approve: StageKind {
    /// The environment that would change.
    public let target: EnvironmentName

    /// Waits for consent to the Change of `environment`.
    public init(environment: EnvironmentName) {
        self.target = environment
    }

    /// What the Change is made of.
    public struct Inputs: StageInputs {
        /// The images by service.
        public var images: [ServiceName: Image]

        /// Fills the images.
        public init(filling inputs: InputValues) throws(InputError) {
            images = try inputs.images()
        }
    }
    /// An approval.
    public typealias Output = Approval

    /// `approve: ENVIRONMENT`.
    public static let keyword = "approve"
    /// The environment's name.
    public static let forms: [[KeyForm]] = [
        [.required(keyword, .text(.name), "Waits for a person to approve what this environment would get", example: "production")]
    ]
    /// Two minutes to compute the Change; the waiting itself has no end and no process.
    public static let policy = StagePolicy(timeout: .minutes(2))

    /// Reads `approve: ENVIRONMENT`.
    public init?(reading fields: inout StageFields) {
        guard let environment = fields.environment(Self.keyword) else { return nil }
        self.init(environment: environment)
    }

    /// The image of every service.
    public func ports(in project: Project) -> [Port] { Port.images(in: project) }
    /// The approval.
    public func product(in project: Project) -> ArtifactType? { .approval(target) }
    /// Which environment is guarded.
    public var environment: EnvironmentName? { target }
    /// No.
    public var changesEnvironment: Bool { false }
    /// What it does.
    public var summary: String { "wait for approval of the change to \(target)" }
}
