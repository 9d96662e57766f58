public import Glibc
import SystemPackage

/// A process that cannot be mistaken for another one that later got the same number.
///
/// Numbers are reused, so the moment of the start goes with it, and the boot it counts from: three values that no two processes of one
/// machine share. An identity read on another machine is never alive here; compare host names before concluding that it is dead.
public struct ProcessIdentity: Codable, Hashable, Sendable {
    /// The process number in our own pid namespace.
    public let pid: pid_t
    /// When it started, in clock ticks since boot: field 22 of `/proc/PID/stat`, see proc(5).
    public let startTime: UInt64
    /// Which boot of the machine: `/proc/sys/kernel/random/boot_id`.
    public let bootID: String

    /// The identity of the process that has this number now, zombies included; `nil` if there is none.
    public init?(pid: pid_t) {
        guard let status = Status(of: pid), let bootID = Self.thisBoot else { return nil }
        self.pid = pid
        self.startTime = status.startTime
        self.bootID = bootID
    }

    /// The start in one word, `TICKS@BOOT`: what tells the process from every other with its number.
    public var text: String { "\(startTime)@\(bootID)" }

    /// Our own identity.
    public static func current() throws(ProcessError) -> ProcessIdentity {
        guard let identity = ProcessIdentity(pid: getpid()) else {
            throw ProcessError(
                .lostSight, "Cannot read /proc/self/stat or the boot id. Mount /proc: shipit tells processes apart by it.")
        }
        return identity
    }

    /// Whether exactly this process still runs.
    ///
    /// A zombie is dead: it has ended and only waits to be reaped.
    public var isAlive: Bool {
        guard bootID == Self.thisBoot, let status = Status(of: pid) else { return false }
        return status.startTime == startTime && !status.hasEnded
    }

    static let thisBoot = firstLine(of: "/proc/sys/kernel/random/boot_id")

    /// Whether some process has this number, be it one that we may not look at.
    public static func exists(_ pid: pid_t) -> Bool { kill(pid, 0) == 0 || errno == EPERM }
}

/// The two fields we need of `/proc/PID/stat`.
private struct Status {
    let startTime: UInt64
    let hasEnded: Bool

    init?(of pid: pid_t) {
        // The second field is the program's name in parentheses and may itself contain spaces and parentheses.
        guard let line = contents(of: "/proc/\(pid)/stat"), let nameEnd = line.lastIndex(of: UInt8(ascii: ")")) else {
            return nil
        }
        let fields = line[(nameEnd + 1)...].split(separator: UInt8(ascii: " "))
        // fields[0] is field 3 of the page.
        guard fields.count > 19, let startTime = UInt64(String(decoding: fields[19], as: UTF8.self)) else { return nil }
        self.startTime = startTime
        self.hasEnded = fields[0].elementsEqual("Z".utf8) || fields[0].elementsEqual("X".utf8)
    }
}

/// The first line of a small file, without its end.
func firstLine(of path: String) -> String? {
    contents(of: path).map { bytes in String(decoding: bytes.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self) }
}

/// The start of a small file of `/proc`, which is always served in one read.
func contents(of path: String) -> [UInt8]? {
    guard let file = try? unsafe FileDescriptor.open(path, .readOnly, options: .closeOnExec) else { return nil }
    defer { try? file.close() }
    return try? unsafe [UInt8](unsafeUninitializedCapacity: 2048) { buffer, count in
        count = try unsafe file.read(into: UnsafeMutableRawBufferPointer(buffer))
    }
}
