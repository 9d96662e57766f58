import Glibc

/// An open directory to write into; every name is taken from it and no link is ever followed.
struct Directory: ~Copyable {
    private let descriptor: Int32

    private init(descriptor: Int32) {
        self.descriptor = descriptor
    }

    /// Opens a directory, which is made if it is not there and must be empty if it is.
    static func openEmpty(_ path: String) throws(GitError) -> Directory {
        if unsafe mkdir(path, 0o755) != 0, errno != EEXIST { throw failure("create", path) }
        let descriptor = unsafe open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure("open", path) }
        let directory = Directory(descriptor: descriptor)
        guard directory.isEmpty else {
            throw GitError(.file, "Refused to write into \(path): it is not empty. Name a new directory.")
        }
        return directory
    }

    deinit { close(descriptor) }

    private var isEmpty: Bool {
        guard let listing = unsafe fdopendir(dup(descriptor)) else { return false }
        defer { unsafe closedir(listing) }
        while let entry = unsafe readdir(listing) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                unsafe String(cString: UnsafeRawPointer(pointer).assumingMemoryBound(to: CChar.self))
            }
            if name != "." && name != ".." { return false }
        }
        return true
    }

    func makeDirectory(_ name: [UInt8], _ path: String) throws(GitError) -> Directory {
        let name = Self.cString(name)
        guard unsafe mkdirat(descriptor, name, 0o755) == 0 else { throw Self.failure("create", path) }
        let child = unsafe openat(descriptor, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard child >= 0 else { throw Self.failure("open", path) }
        fchmod(child, 0o755)
        return Directory(descriptor: child)
    }

    func makeFile(
        _ name: [UInt8], _ content: UnsafeRawBufferPointer, _ mode: TreeFile.Mode, _ path: String, _ time: Int64
    ) throws(GitError) {
        let file = unsafe openat(descriptor, Self.cString(name), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw Self.failure("create", path) }
        defer { close(file) }
        var written = 0
        while written < content.count {
            let count = unsafe Glibc.write(file, content.baseAddress?.advanced(by: written), content.count - written)
            guard count > 0 || errno == EINTR else { throw Self.failure("write", path) }
            written += max(0, count)
        }
        // Whatever our umask is.
        fchmod(file, mode == .executable ? 0o755 : 0o644)
        _ = unsafe futimens(file, Self.times(time))
    }

    func makeLink(_ name: [UInt8], to target: [UInt8], _ path: String, _ time: Int64) throws(GitError) {
        guard unsafe symlinkat(Self.cString(target), descriptor, Self.cString(name)) == 0 else {
            throw Self.failure("create", path)
        }
        _ = unsafe utimensat(descriptor, Self.cString(name), Self.times(time), AT_SYMLINK_NOFOLLOW)
    }

    /// To be called last: writing into a directory changes its time.
    func setTime(_ seconds: Int64) {
        _ = unsafe futimens(descriptor, Self.times(seconds))
    }

    private static func times(_ seconds: Int64) -> [timespec] {
        Array(repeating: timespec(tv_sec: Int(seconds), tv_nsec: 0), count: 2)
    }

    private static func cString(_ bytes: [UInt8]) -> [CChar] {
        bytes.map { CChar(bitPattern: $0) } + [0]
    }

    private static func failure(_ attempt: String, _ path: String) -> GitError {
        GitError(.file, "Cannot \(attempt) \(path): \(unsafe String(cString: strerror(errno))).")
    }
}
