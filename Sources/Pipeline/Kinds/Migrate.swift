/// Applies the commit's pending migrations to an environment's database.
public struct Migrate: StageKind {
    /// Whose database.
    public let target: EnvironmentName

    /// Migrates the database of `environment`.
    public init(environment: EnvironmentName) {
        self.target = environment
    }

    /// An approval, where the environment demands one.
    public struct Inputs: StageInputs {
        /// The consent to the Change that the migrations are part of.
        public var approval: Approval?

        /// Fills the approval.
        public init(filling inputs: InputValues) throws(InputError) {
            approval = try inputs.approval("approval")
        }
    }
    /// A migration produces the schema.
    public typealias Output = Schema

    /// `migrate: ENVIRONMENT`.
    public static let keyword = "migrate"
    /// The environment's name.
    public static let forms: [[KeyForm]] = [
        [
            .required(
                keyword, .text(.name), "Applies the pending migrations to the database of this environment", example: "staging")
        ]
    ]
    /// A quarter of an hour.
    public static let policy = StagePolicy(timeout: .minutes(15))

    /// Reads `migrate: ENVIRONMENT`.
    public init?(reading fields: inout StageFields) {
        let place = fields.fields.place(of: Self.keyword)
        guard let environment = fields.environment(Self.keyword) else { return nil }
        guard fields.project.environments[environment]?.database != nil else {
            fields.fields.collector.report(
                .badValue, at: place, "environment '\(environment)' has no database to migrate", offending: environment.text,
                remedy: "add 'database' to it in project.yml, or remove this stage")
            return nil
        }
        self.init(environment: environment)
    }

    /// The approval, where one is demanded.
    public func ports(in project: Project) -> [Port] { Port.approvals(for: target, in: project) }
    /// The environment's schema.
    public func product(in project: Project) -> ArtifactType? { .schema(target) }
    /// Whose database it is.
    public var environment: EnvironmentName? { target }
    /// Yes.
    public var changesEnvironment: Bool { true }
    /// What it does.
    public var summary: String { "apply pending migrations to the database of \(target)" }
}

extension Port {
    /// The approval that `environment` demands, if it does.
    static func approvals(for environment: EnvironmentName, in project: Project) -> [Port] {
        project.environments[environment]?.approval == .required ? [Port("approval", .approval(environment))] : []
    }
}

extension InputValues {
    /// The approval at a port; nil when the environment demands none.
    func approval(_ port: String) throws(InputError) -> Approval? {
        switch values[port] {
        case nil: nil
        case .approval(let approval): approval
        default: throw InputError(port: port)
        }
    }
}
