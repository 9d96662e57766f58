/// The type of what flows along an edge, with what it is about.
public enum ArtifactType: Hashable, Sendable, Codable, CustomStringConvertible {
    /// The image of a service.
    case image(ServiceName)
    /// The database of an environment, with the commit's migrations applied.
    case schema(EnvironmentName)
    /// What an environment runs.
    case release(EnvironmentName)
    /// A person's consent to the Change of an environment.
    case approval(EnvironmentName)

    /// `Image(api)`, `Schema(staging)`, ….
    public var description: String {
        switch self {
        case .image(let service): "Image(\(service))"
        case .schema(let environment): "Schema(\(environment))"
        case .release(let environment): "Release(\(environment))"
        case .approval(let environment): "Approval(\(environment))"
        }
    }
}

/// What a stage produces: one of the typed values below, or nothing.
public protocol Artifact: Hashable, Sendable, Codable {
    /// The value as it stands in the journal; nil for ``Nothing``.
    var value: ArtifactValue? { get }
}

/// What stages produce that only check or order.
public struct Nothing: Artifact {
    /// Nothing.
    public init() {}
    /// Nil.
    public var value: ArtifactValue? { nil }
}

/// An image in the registry, by digest.
public struct Image: Artifact {
    /// The service it is of.
    public var service: ServiceName
    /// `REGISTRY/SERVICE`.
    public var name: String
    /// `sha256:` and 64 hexadecimal digits: the registry's word for it.
    public var digest: String
    /// The tag it was pushed under: the commit's SHA, for people.
    public var tag: String

    /// An image.
    public init(service: ServiceName, name: String, digest: String, tag: String) {
        self.service = service
        self.name = name
        self.digest = digest
        self.tag = tag
    }

    /// `NAME@DIGEST`: what is deployed.
    public var reference: String { "\(name)@\(digest)" }
    /// The journal's form.
    public var value: ArtifactValue? { .image(self) }
}

/// A database whose migrations are applied.
public struct Schema: Artifact {
    /// The environment it belongs to.
    public var environment: EnvironmentName
    /// The newest applied version; nil when there is no migration at all.
    public var version: String?
    /// What this stage applied, in order.
    public var applied: [String]

    /// A database at `version`.
    public init(environment: EnvironmentName, version: String?, applied: [String]) {
        self.environment = environment
        self.version = version
        self.applied = applied
    }

    /// The journal's form.
    public var value: ArtifactValue? { .schema(self) }
}

/// Points at a release in its environment's journal, which is the release's one home.
public struct ReleaseReference: Artifact {
    /// Where it runs.
    public var environment: EnvironmentName
    /// Which it is.
    public var release: ReleaseID

    /// Points at `release`.
    public init(environment: EnvironmentName, release: ReleaseID) {
        self.environment = environment
        self.release = release
    }

    /// The journal's form.
    public var value: ArtifactValue? { .release(self) }
}

/// A person's consent to exactly one Change.
public struct Approval: Artifact {
    /// The environment that may change.
    public var environment: EnvironmentName
    /// The Change that was approved.
    public var change: Change

    /// Consent to `change`; who gave it is the journal's to say.
    public init(environment: EnvironmentName, change: Change) {
        self.environment = environment
        self.change = change
    }

    /// The journal's form.
    public var value: ArtifactValue? { .approval(self) }
}

/// An artifact of any type, as journals store it.
public enum ArtifactValue: Hashable, Sendable, Codable {
    /// An image.
    case image(Image)
    /// A database's state.
    case schema(Schema)
    /// A release.
    case release(ReleaseReference)
    /// An approval.
    case approval(Approval)

    /// What type it has.
    public var type: ArtifactType {
        switch self {
        case .image(let image): .image(image.service)
        case .schema(let schema): .schema(schema.environment)
        case .release(let release): .release(release.environment)
        case .approval(let approval): .approval(approval.environment)
        }
    }
}
