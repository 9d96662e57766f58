/// Makes an environment run a release: the one the inputs make, or an earlier one.
public struct Deploy: StageKind {
    /// Where.
    public let target: EnvironmentName
    /// The earlier release to go back to; nil deploys what the inputs bring.
    public let restoring: ReleaseID?

    /// Deploys to `environment`; with `restoring`, takes it back to that release.
    public init(environment: EnvironmentName, restoring: ReleaseID? = nil) {
        self.target = environment
        self.restoring = restoring
    }

    /// Every service's image, the schema they need, and the approval, where one is demanded.
    public struct Inputs: StageInputs {
        /// The images by service.
        public var images: [ServiceName: Image]
        /// The database's state; nil when the environment has none.
        public var schema: Schema?
        /// The consent to the Change.
        public var approval: Approval?

        /// Fills the struct.
        public init(filling inputs: InputValues) throws(InputError) {
            images = try inputs.images()
            approval = try inputs.approval("approval")
            switch inputs.values["schema"] {
            case nil: schema = nil
            case .schema(let value): schema = value
            default: throw InputError(port: "schema")
            }
        }
    }
    /// A deploy produces a release.
    public typealias Output = ReleaseReference

    /// `deploy: ENVIRONMENT`.
    public static let keyword = "deploy"
    /// The environment's name.
    public static let forms: [[KeyForm]] = [
        [.required(keyword, .text(.name), "Makes this environment run the images, by digest", example: "staging")]
    ]
    /// A quarter of an hour.
    public static let policy = StagePolicy(timeout: .minutes(15))

    /// Reads `deploy: ENVIRONMENT`.
    public init?(reading fields: inout StageFields) {
        guard let environment = fields.environment(Self.keyword) else { return nil }
        self.init(environment: environment)
    }

    /// Images of all services, the schema where there is a database, the approval where one is demanded.
    public func ports(in project: Project) -> [Port] {
        guard restoring == nil else { return [] }
        var ports = Port.images(in: project)
        if project.environments[target]?.database != nil { ports.append(Port("schema", .schema(target))) }
        return ports + Port.approvals(for: target, in: project)
    }
    /// The environment's release.
    public func product(in project: Project) -> ArtifactType? { .release(target) }
    /// Where.
    public var environment: EnvironmentName? { target }
    /// Yes.
    public var changesEnvironment: Bool { true }
    /// What it does.
    public var summary: String {
        restoring.map { "take \(target) back to release \($0)" } ?? "deploy the images by digest to \(target)"
    }
}

extension Port {
    /// The image of every service, by service name.
    static func images(in project: Project) -> [Port] {
        project.services.keys.sorted().map { Port("image.\($0)", .image($0)) }
    }
}

extension InputValues {
    /// All images.
    func images() throws(InputError) -> [ServiceName: Image] {
        var images: [ServiceName: Image] = [:]
        for (port, value) in values where port.hasPrefix("image.") {
            guard case .image(let image) = value else { throw InputError(port: port) }
            images[image.service] = image
        }
        return images
    }
}
