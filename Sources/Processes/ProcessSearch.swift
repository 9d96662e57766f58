import Glibc
import SystemPackage

extension ProcessIdentity {
    /// The processes that run now and were started with the variable `name` set to `value`.
    ///
    /// Their descendants are among them unless they changed it; those of other users are not seen, unless we are root. Read from
    /// `/proc/PID/environ`, see proc(5): what a process was started with, whatever it did to its environment since.
    public static func all(with name: String, _ value: String) -> [ProcessIdentity] {
        guard let folder = unsafe opendir("/proc") else { return [] }
        defer { unsafe closedir(folder) }
        let wanted = Array("\(name)=\(value)".utf8)
        var found: [ProcessIdentity] = []
        while let entry = unsafe readdir(folder) {
            let text = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                unsafe pointer.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
            }
            guard let pid = pid_t(text), pid != getpid(), let variables = environment(of: pid) else { continue }
            guard variables.split(separator: 0).contains(where: { $0.elementsEqual(wanted) }) else { continue }
            if let identity = ProcessIdentity(pid: pid), identity.isAlive { found.append(identity) }
        }
        return found
    }

    private static func environment(of pid: pid_t) -> [UInt8]? {
        guard let file = try? FileDescriptor.open(FilePath("/proc/\(pid)/environ"), .readOnly, options: .closeOnExec) else {
            return nil
        }
        defer { try? file.close() }
        var content: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while let count = try? unsafe buffer.withUnsafeMutableBytes({ try unsafe file.read(into: $0) }), count > 0 {
            content.append(contentsOf: buffer.prefix(count))
        }
        return content
    }
}
