/// Who holds a lease, for the person who meets it.
public struct LeaseHolder: Codable, Hashable, Sendable {
    /// What tells this process from every other: random per process.
    public let id: String
    /// The machine's name.
    public let host: String
    /// The user's name on that machine.
    public let user: String
    /// `PID@START`, so that a re-used process id is not mistaken for the holder, behind a word for where that id means something and
    /// a `/`, if the holder said; nil where there is none.
    public let process: String?
    /// What the lease is held for, as in "deploying run X".
    public let purpose: String

    /// Describes a holder.
    public init(id: String, host: String, user: String, process: String?, purpose: String) {
        self.id = id
        self.host = host
        self.user = user
        self.process = process
        self.purpose = purpose
    }
}

/// The short right to change something, as the store granted it.
public struct Lease: Sendable, Hashable, Codable {
    /// What is leased, as in `environment/production`.
    public let resource: String
    /// The fencing token, greater than that of every earlier lease on the resource; renewing keeps it.
    public let token: Int64
    /// Who holds it.
    public let holder: LeaseHolder
    /// When it was acquired: milliseconds since 1970, by the store's clock.
    public let acquired: Int64
    /// When it ends unless renewed: milliseconds since 1970, by the store's clock.
    public let expires: Int64

    /// A lease as a store read it.
    public init(resource: String, token: Int64, holder: LeaseHolder, acquired: Int64, expires: Int64) {
        self.resource = resource
        self.token = token
        self.holder = holder
        self.acquired = acquired
        self.expires = expires
    }
}

/// What became of the wish for a lease.
public enum LeaseAnswer: Sendable, Hashable {
    /// The lease is the asker's; `from` is who held the one before and neither gave it up nor renewed it in time.
    case granted(Lease, from: LeaseHolder?)
    /// Somebody else's lease is alive.
    case held(Lease)
}
