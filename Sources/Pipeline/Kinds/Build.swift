/// Builds a service's image from the commit and pushes it under the commit's SHA.
public struct Build: StageKind {
    /// What is built.
    public var service: ServiceName

    /// Builds `service`.
    public init(service: ServiceName) {
        self.service = service
    }

    /// A build consumes nothing but the commit.
    public struct Inputs: StageInputs {
        /// Nothing to fill.
        public init(filling inputs: InputValues) throws(InputError) {}
    }
    /// A build produces an image.
    public typealias Output = Image

    /// `build: SERVICE`.
    public static let keyword = "build"
    /// The service's name.
    public static let forms: [[KeyForm]] = [
        [.required(keyword, .text(.name), "Builds the image of this service from the commit and pushes it", example: "api")]
    ]
    /// Half an hour; a failed build is not tried again by itself.
    public static let policy = StagePolicy(timeout: .minutes(30))

    /// Reads `build: SERVICE`.
    public init?(reading fields: inout StageFields) {
        guard let service = fields.service(Self.keyword) else { return nil }
        self.init(service: service)
    }

    /// Nothing.
    public func ports(in project: Project) -> [Port] { [] }
    /// The service's image.
    public func product(in project: Project) -> ArtifactType? { .image(service) }
    /// None: images belong to no environment.
    public var environment: EnvironmentName? { nil }
    /// No.
    public var changesEnvironment: Bool { false }
    /// What it does.
    public var summary: String { "build and push the image of \(service)" }
}
