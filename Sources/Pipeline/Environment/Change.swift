import CanonicalJSON
public import Hashing

/// What an environment would receive, frozen when its `approve` stage becomes ready.
///
/// Its hash is what an approval covers.
public struct Change: Hashable, Sendable, Codable {
    /// The environment.
    public var environment: EnvironmentName
    /// `NAME@DIGEST` by service.
    public var images: [ServiceName: String]
    /// The database's part; nil when the environment has none.
    public var schema: SchemaChange?
    /// The hash of the compose file or chart.
    public var manifest: SHA256Sum
    /// Configuration, secrets by reference.
    public var values: [String: ConfigValue]
    /// Where it goes.
    public var target: Target
    /// Who must agree.
    public var policy: ApprovalPolicy

    /// A change.
    public init(
        environment: EnvironmentName, images: [ServiceName: String], schema: SchemaChange?, manifest: SHA256Sum,
        values: [String: ConfigValue], target: Target, policy: ApprovalPolicy
    ) {
        self.environment = environment
        self.images = images
        self.schema = schema
        self.manifest = manifest
        self.values = values
        self.target = target
        self.policy = policy
    }

    /// What an approval covers.
    public var sum: SHA256Sum { Canonical.sum(of: self) }

    /// Whether a release with `change` is what this is: a release does not tell which migrations were pending before it.
    public func isReleased(as change: Change) -> Bool {
        var released = change
        released.schema = schema
        return released == self
    }
}

/// What would happen to an environment's database.
public struct SchemaChange: Hashable, Sendable, Codable {
    /// The newest version applied before; nil for an empty database.
    public var from: String?
    /// What would be applied, in order.
    public var pending: [MigrationMark]

    /// A change from `from` by `pending`.
    public init(from: String?, pending: [MigrationMark]) {
        self.from = from
        self.pending = pending
    }

    /// The version after it.
    public var to: String? { pending.last?.version ?? from }
}

/// A migration as plans and records name it.
public struct MigrationMark: Hashable, Sendable, Codable {
    /// The digits its file name begins with.
    public var version: String
    /// The file name.
    public var file: String
    /// The hash of the file.
    public var sum: SHA256Sum
    /// Whether the release before works with the schema after it.
    public var isCompatible: Bool

    /// A migration.
    public init(version: String, file: String, sum: SHA256Sum, isCompatible: Bool) {
        self.version = version
        self.file = file
        self.sum = sum
        self.isCompatible = isCompatible
    }
}

extension Change {
    /// Each difference from `approved`, in words; empty when the approval covers this change.
    ///
    /// - Parameters:
    ///   - approved: the Change that a person consented to.
    ///   - migrated: the versions that this run itself has applied since: what it did with consent voids nothing.
    public func differences(from approved: Change, migrated: [String] = []) -> [String] {
        var differences: [String] = []
        if environment != approved.environment {
            differences.append("environment: approved \(approved.environment), now \(environment)")
        }
        differences += images.differing(from: approved.images).map { service, now, then in
            "image of \(service): approved \(then ?? "none"), now \(now ?? "none")"
        }
        differences += schemaDifferences(from: approved, migrated: migrated)
        if manifest != approved.manifest {
            differences.append("the target's file: approved \(approved.manifest.hex.prefix(12)), now \(manifest.hex.prefix(12))")
        }
        differences += values.differing(from: approved.values).map { key, now, then in
            "value \(key): approved \(then?.description ?? "none"), now \(now?.description ?? "none")"
        }
        if target != approved.target { differences.append("target: approved \(approved.target.summary), now \(target.summary)") }
        if policy != approved.policy {
            differences.append("policy: approved \(approved.policy.rawValue), now \(policy.rawValue)")
        }
        return differences
    }

    /// The names of what an environment would run otherwise than with `other`: the database and the policy aside.
    ///
    /// - Parameters:
    ///   - other: what it runs.
    ///   - unknown: services whose image is not to be compared.
    public func parts(unlike other: Change, butFor unknown: Set<ServiceName> = []) -> [String] {
        images.differing(from: other.images).map(\.key).filter { !unknown.contains($0) }.map { "image of \($0)" }
            + (manifest == other.manifest ? [] : [target.fileWord])
            + values.differing(from: other.values).map { "value \($0.key)" }
            + (target == other.target ? [] : ["target"])
    }

    /// Whether an environment runs the same after this change as after `other`: the database and the policy aside.
    func runsTheSame(as other: Change) -> Bool {
        images == other.images && manifest == other.manifest && values == other.values && target == other.target
    }

    private func schemaDifferences(from approved: Change, migrated: [String]) -> [String] {
        guard schema != approved.schema else { return [] }
        guard let now = schema, let then = approved.schema else {
            return [
                "database: approved with \(approved.schema == nil ? "none" : "one"), now with \(schema == nil ? "none" : "one")"
            ]
        }
        var expected = then
        for version in migrated where expected.pending.first?.version == version {
            expected.from = version
            expected.pending.removeFirst()
        }
        var differences: [String] = []
        if expected.from != now.from {
            differences.append("schema version: approved from \(expected.from ?? "empty"), now at \(now.from ?? "empty")")
        }
        let approvedMarks = Set(expected.pending)
        let currentMarks = Set(now.pending)
        for mark in now.pending where !approvedMarks.contains(mark) {
            differences.append("migration \(mark.file) was not approved in this form")
        }
        for mark in expected.pending
        where !currentMarks.contains(mark) && !now.pending.contains(where: { $0.version == mark.version }) {
            differences.append("migration \(mark.file) was approved and is not pending now")
        }
        if differences.isEmpty, expected.pending != now.pending {
            differences.append("the migrations would be applied in another order")
        }
        return differences
    }
}
