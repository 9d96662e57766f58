public import Glibc
import SystemPackage

/// What a look through the table of processes found, and what it could not see.
///
/// Read from `/proc/PID/environ`, see proc(5): what a process was started with, whatever it did to its environment since.
public struct ProcessSearch: Sendable {
    /// A process that we may not ask for its variables: it is another user's, or guards its memory.
    struct Hidden: Sendable {
        /// When it started, in clock ticks since boot; nil when not even that is told.
        var startTime: UInt64?
        /// Whose it is: real, effective, saved and file system user; nil when not even that is told.
        var users: [uid_t]?
    }

    /// The processes that run now and were started with the variable; their descendants are among them unless they changed it.
    public private(set) var found: [ProcessIdentity] = []
    var hidden: [Hidden] = []
    /// Whether other users' processes are in the table at all: they are not where `/proc` is mounted with `hidepid=2`.
    var isComplete = false

    init() {}

    /// Looks for those that were started with the variable `name` set to `value`.
    public init(for name: String, _ value: String) {
        guard let folder = unsafe opendir("/proc") else { return }
        defer { unsafe closedir(folder) }
        let wanted = Array("\(name)=\(value)".utf8)
        while let entry = unsafe readdir(folder) {
            let text = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                unsafe pointer.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
            }
            guard let pid = pid_t(text) else { continue }
            // The first one of a namespace lives as long as that.
            if pid == 1 { isComplete = true }
            guard pid != getpid() else { continue }
            do throws(Errno) {
                let variables = try Self.environment(of: pid)
                guard variables.split(separator: 0).contains(where: { $0.elementsEqual(wanted) }) else { continue }
                if let identity = ProcessIdentity(pid: pid), identity.isAlive { found.append(identity) }
            } catch {
                // It has ended meanwhile.
                if error == .noSuchFileOrDirectory || error == .noSuchProcess { continue }
                hidden.append(Hidden(startTime: ProcessIdentity(pid: pid)?.startTime, users: Self.users(of: pid)))
            }
        }
    }

    /// Whether something that a process of `user` has started since `start` may be among what could not be seen.
    ///
    /// What it started with the rights of another user, as by sudo, is not thought of.
    /// - Parameters:
    ///   - user: who ran that process, by number.
    ///   - start: when it started, in clock ticks since boot.
    public func mayMiss(startedBy user: uid_t, since start: UInt64) -> Bool {
        if !isComplete, user != geteuid() { return true }
        return hidden.contains { $0.users?.contains(user) ?? true && $0.startTime ?? .max >= start }
    }

    private static func environment(of pid: pid_t) throws(Errno) -> [UInt8] {
        do {
            let file = try FileDescriptor.open(FilePath("/proc/\(pid)/environ"), .readOnly, options: .closeOnExec)
            defer { try? file.close() }
            var content: [UInt8] = []
            var buffer = [UInt8](repeating: 0, count: 64 << 10)
            while true {
                let count = try unsafe buffer.withUnsafeMutableBytes { try unsafe file.read(into: $0) }
                guard count > 0 else { return content }
                content.append(contentsOf: buffer.prefix(count))
            }
        } catch let error as Errno {
            throw error
        } catch {
            throw .ioError
        }
    }

    /// The line `Uid:` of `/proc/PID/status`.
    private static func users(of pid: pid_t) -> [uid_t]? {
        guard let content = contents(of: "/proc/\(pid)/status") else { return nil }
        let line = content.split(separator: UInt8(ascii: "\n")).first { $0.starts(with: Array("Uid:".utf8)) }
        return line.map { line in
            line.split(separator: UInt8(ascii: "\t")).compactMap { uid_t(String(decoding: $0, as: UTF8.self)) }
        }
    }
}
