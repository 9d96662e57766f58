/// Where a process runs, beyond its machine's name, which two may share: what its number can be told by, and by whom.
public struct Whereabouts: Hashable, Sendable, Codable {
    /// The machine: a hash of its id, which it keeps when it starts anew; nil where it has none, as most containers.
    public var machine: String?
    /// Which boot of the machine; no two machines share one.
    public var boot: String
    /// The namespace of process numbers, of which a container has one of its own; elsewhere they mean nothing.
    public var namespace: UInt64
    /// The user, by number: what other users have started cannot be asked whose it is.
    public var user: UInt32

    /// A place.
    public init(machine: String?, boot: String, namespace: UInt64, user: UInt32) {
        self.machine = machine
        self.boot = boot
        self.namespace = namespace
        self.user = user
    }

    /// The namespace of a machine itself, which is the same number everywhere: `PROC_PID_INIT_INO` of Linux.
    private static let initialNamespace: UInt64 = 0xEFFF_FFFC

    /// Whether it is not in a container, whose machine id may be one that many machines have from an image.
    fileprivate var isMachineItself: Bool { machine != nil && namespace == Self.initialNamespace }
}

extension Whereabouts {
    /// The place in one word without `@`, `MACHINE/BOOT/NAMESPACE/USER`.
    public var text: String { "\(machine ?? "")/\(boot)/\(namespace)/\(user)" }

    /// Reads ``text``.
    public init?(text: some StringProtocol) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 4, let namespace = UInt64(parts[2]), let user = UInt32(parts[3]) else { return nil }
        self.init(machine: parts[0].isEmpty ? nil : String(parts[0]), boot: String(parts[1]), namespace: namespace, user: user)
    }
}

/// From where one process can look at another.
public enum Nearness: Hashable, Sendable {
    /// From the same place: the table of processes tells.
    case here
    /// From a later boot of the same machine: nothing of it is left.
    case afterwards
    /// From elsewhere, or nobody knows.
    case elsewhere
}

extension Driver {
    /// From where `other` can look at this one.
    ///
    /// A machine's name alone decides only for a driver that did not say where it is, as none did once.
    public func nearness(to other: Driver) -> Nearness {
        guard host == other.host else { return .elsewhere }
        guard let place else { return .here }
        guard let there = other.place, place.machine == there.machine else { return .elsewhere }
        if place.boot == there.boot { return place.namespace == there.namespace ? .here : .elsewhere }
        return place.isMachineItself && there.isMachineItself ? .afterwards : .elsewhere
    }
}
