import Glibc
import SystemPackage

/// Files of lines, read and written in one pass whatever their size.
enum LineFile {
    /// The longest line that is read: a plan of ten thousand stages has some ten million bytes.
    private static let longest = 256 << 20

    /// Hands every line to `body`, without its end; an empty last line is none.
    static func read<Failure: Error>(_ path: String, _ body: ([UInt8]) async throws(Failure) -> Void) async throws {
        let file = try FileDescriptor.open(FilePath(path), .readOnly, options: [.closeOnExec])
        defer { try? file.close() }
        var line: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 256 << 10)
        while true {
            let count = try unsafe buffer.withUnsafeMutableBytes { try unsafe file.read(into: $0) }
            guard count > 0 else { break }
            var rest = buffer[..<count]
            while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
                line.append(contentsOf: rest[..<end])
                try await body(line)
                line.removeAll(keepingCapacity: true)
                rest = rest[(end + 1)...]
            }
            line.append(contentsOf: rest)
            guard line.count <= longest else { throw Errno.fileTooLarge }
        }
        if !line.isEmpty { try await body(line) }
    }

    /// Writes a file for this user alone, which takes the place of an older one only when it is whole and on the disk.
    ///
    /// - Parameter body: is given what takes the bytes.
    static func write<Answer>(_ path: String, _ body: (Writer) async throws -> Answer) async throws -> Answer {
        // Two who write at once each have a draft of their own.
        let draft = "\(path).\(getpid()).part"
        do {
            let answer = try await fill(draft, body)
            guard unsafe rename(draft, path) == 0 else { throw Errno(rawValue: errno) }
            return answer
        } catch {
            unsafe unlink(draft)
            throw error
        }
    }

    private static func fill<Answer>(_ draft: String, _ body: (Writer) async throws -> Answer) async throws -> Answer {
        let file = try FileDescriptor.open(
            FilePath(draft), .writeOnly, options: [.create, .truncate, .closeOnExec], permissions: .ownerReadWrite)
        // What is on the disk is there, whatever closing says.
        defer { try? file.close() }
        let writer = Writer(file: file)
        let answer = try await body(writer)
        try writer.flush()
        guard fsync(file.rawValue) == 0 else { throw Errno(rawValue: errno) }
        return answer
    }

    /// Takes bytes and writes them in large pieces.
    final class Writer {
        private let file: FileDescriptor
        private var held: [UInt8] = []

        fileprivate init(file: FileDescriptor) {
            self.file = file
        }

        func write(_ bytes: [UInt8]) throws {
            held += bytes
            if held.count >= 256 << 10 { try flush() }
        }

        fileprivate func flush() throws {
            try file.writeAll(held)
            held.removeAll(keepingCapacity: true)
        }
    }
}
