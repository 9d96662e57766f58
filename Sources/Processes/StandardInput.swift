import Glibc
import SystemPackage

extension FileDescriptor {
    /// An unnamed file in memory that holds a program's input, or `/dev/null` for none.
    ///
    /// Unlike a pipe it needs no feeding, and a program that does not read all of it raises no SIGPIPE in us. POSIX shared memory
    /// (shm_open(3)), unlinked at once, never touches a disk; Linux' memfd_create would do the same but is not imported into Swift.
    static func standardInput(holding bytes: [UInt8]) throws(ProcessError) -> FileDescriptor {
        do {
            if bytes.isEmpty { return try unsafe FileDescriptor.open("/dev/null", .readOnly, options: .closeOnExec) }
            let name = "/processes-\(getpid())-\(UInt64.random(in: .min ... .max))"
            let file = FileDescriptor(rawValue: unsafe shm_open(name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600))
            guard file.rawValue >= 0 else { throw Errno(rawValue: errno) }
            unsafe shm_unlink(name)
            do {
                try file.writeAll(bytes)
                try file.seek(offset: 0, from: .start)
            } catch {
                try? file.close()
                throw error
            }
            return file
        } catch {
            throw ProcessError(.cannotStart, "Cannot prepare a program's standard input in memory: \(error).")
        }
    }
}
