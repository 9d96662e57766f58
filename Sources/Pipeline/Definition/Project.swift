/// One repository: what it builds and where that runs.
///
/// Read from `pipelines/project.yml`.
public struct Project: Hashable, Sendable, Codable {
    /// The project's name.
    public var name: Name<Project>
    /// Where images go: `ghcr.io/ORG/REPO`; a service's image is `REGISTRY/SERVICE`.
    public var registry: String
    /// The branch whose commits may move `latest`.
    public var releaseBranch: String
    /// The pipeline that `deploy` runs.
    public var pipeline: PipelineName
    /// How to sign in at the registry; nil means docker's own login.
    public var credentials: RegistryLogin?
    /// What is built.
    public var services: [ServiceName: Service]
    /// Where releases live.
    public var environments: [EnvironmentName: Environment]
    /// Who is told what happens; nil where nobody is.
    public var notifications: [Recipient]?
    /// Where the project's page is, without a slash at its end; nil where nobody said.
    public var page: String?

    /// The name of a service's image, without tag or digest.
    public func image(of service: ServiceName) -> String { "\(registry)/\(service)" }
}

/// A user's name and password for the registry, by reference.
public struct RegistryLogin: Hashable, Sendable, Codable {
    /// The user's name.
    public var username: ConfigValue
    /// The password or token; holds a reference, never the secret itself.
    public var password: ConfigValue
}

/// Something built into one image.
public struct Service: Hashable, Sendable, Codable {
    /// The Dockerfile, relative to the repository's root.
    public var dockerfile: String
    /// The Dockerfile's target; nil means the last one.
    public var target: String?
    /// The build context, relative to the repository's root; `.` for the whole tree.
    public var context: String
    /// Build arguments.
    ///
    /// They end in the image's history and so cannot be secret.
    public var arguments: [String: String]
    /// The port the service listens on in its container.
    public var port: Int?
}

/// Where releases live.
public struct Environment: Hashable, Sendable, Codable {
    /// How a release is run.
    public var target: Target
    /// The database that migrations go to, if there is one.
    public var database: Database?
    /// Configuration handed to the target.
    public var values: [String: ConfigValue]
    /// What `verify` asks, in order.
    public var checks: [HTTPCheck]
    /// Who must agree before anything changes.
    public var approval: ApprovalPolicy
}

/// The database of an environment.
public struct Database: Hashable, Sendable, Codable {
    /// `postgres://…`, its password by reference.
    public var url: ConfigValue
    /// The folder of migration files, relative to the repository's root.
    public var migrations: String
}

/// Whether an environment demands an approval.
public enum ApprovalPolicy: String, Hashable, Sendable, Codable, CaseIterable {
    /// Nobody need agree.
    case none
    /// A person must approve the Change.
    case required
}

/// One HTTP question to a release, and the answer that proves it.
public struct HTTPCheck: Hashable, Sendable, Codable {
    /// The address, `http://…` or `https://…`.
    public var url: String
    /// Request headers; values may hold references.
    public var headers: [String: ConfigValue]
    /// The status wanted.
    public var status: Int
    /// A text the body must contain.
    public var contains: String?
    /// Values the JSON body must have, by dotted path: `database.ready: true`; numbers index lists.
    public var json: [String: String]
    /// How long one answer may take.
    public var within: TimeSpan
    /// How many good answers in a row prove it.
    public var successes: Int
}
