import SystemPackage

/// Reads small files whole.
enum FileContent {
    /// The bytes of the file at `path`; fails when it has more than `limit`.
    static func read(_ path: String, limit: Int) throws -> [UInt8] {
        let file = try FileDescriptor.open(FilePath(path), .readOnly, options: [.closeOnExec])
        return try file.closeAfter {
            var content: [UInt8] = []
            var buffer = [UInt8](repeating: 0, count: 64 << 10)
            while true {
                let count = try unsafe buffer.withUnsafeMutableBytes { try unsafe file.read(into: $0) }
                if count == 0 { return content }
                content.append(contentsOf: buffer.prefix(count))
                guard content.count <= limit else { throw Errno.fileTooLarge }
            }
        }
    }

    /// The last bytes of the file at `path`, at most `count`; none when it cannot be read.
    static func end(of path: String, atMost count: Int) -> [UInt8] {
        (try? read(path, from: max(0, size(of: path) - Int64(count)), atMost: count)) ?? []
    }

    /// How many bytes the file at `path` has; 0 when it cannot be read.
    static func size(of path: String) -> Int64 {
        guard let file = try? FileDescriptor.open(FilePath(path), .readOnly, options: [.closeOnExec]) else { return 0 }
        return (try? file.closeAfter { try file.seek(offset: 0, from: .end) }) ?? 0
    }

    /// At most `count` bytes of the file at `path` from `offset` on.
    static func read(_ path: String, from offset: Int64, atMost count: Int) throws -> [UInt8] {
        let file = try FileDescriptor.open(FilePath(path), .readOnly, options: [.closeOnExec])
        return try file.closeAfter {
            var buffer = [UInt8](repeating: 0, count: count)
            let read = try unsafe buffer.withUnsafeMutableBytes { try unsafe file.read(fromAbsoluteOffset: offset, into: $0) }
            return Array(buffer.prefix(read))
        }
    }
}
