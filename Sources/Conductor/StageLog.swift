import Glibc
import Pipeline
import Processes
import Redaction
import SystemPackage

/// The output of one attempt: redacted before anything else sees it, kept in a bounded file, told line by line.
///
/// The file holds the first ``headLimit`` bytes and the last ``tailLimit``: the beginning says what was run, the end why it failed.
actor StageLog {
    static let headLimit = 8 << 20
    static let tailLimit = 1 << 20

    private let path: String
    private let stage: StageName
    private let vault: Vault
    private let grown: @Sendable (_ from: Int64, _ to: Int64) -> Void
    private let progress: @Sendable (Progress) -> Void
    private var file: FileDescriptor?
    private var written = 0
    /// How long the file was when we began: another look may have written to it.
    private var start: Int64 = 0
    private var tail: [UInt8] = []
    private var dropped = 0
    private var streams: [OutputStream: Redactor.Stream] = [:]
    private var lines: [OutputStream: LineCutter] = [:]
    private var recent: [String] = []

    /// A log in the file at `path`.
    ///
    /// - Parameters:
    ///   - path: where it is kept.
    ///   - stage: whose output it is.
    ///   - vault: knows what is secret.
    ///   - grown: told that the file was written, and between which places.
    ///   - progress: told each line.
    init(
        path: String, stage: StageName, vault: Vault,
        grown: @escaping @Sendable (_ from: Int64, _ to: Int64) -> Void = { _, _ in },
        progress: @escaping @Sendable (Progress) -> Void
    ) {
        self.path = path
        self.stage = stage
        self.vault = vault
        self.grown = grown
        self.progress = progress
    }

    /// The last lines, for an error message.
    var lastLines: [String] { recent }

    /// Takes a piece of a child's output.
    func take(_ stream: OutputStream, _ piece: [UInt8]) {
        var redaction = streams[stream] ?? vault.redactor.stream()
        let clean = redaction.push(piece)
        streams[stream] = redaction
        keep(clean)
        tell(clean, of: stream)
    }

    /// Writes a line of our own, redacted.
    func say(_ line: String) {
        let clean = Array((vault.redactor.redact(line) + "\n").utf8)
        keep(clean)
        tell(clean, of: .standardOutput)
    }

    /// Writes what is held back and closes the file.
    ///
    /// Nothing may follow.
    func close() {
        for (stream, var redaction) in streams {
            let rest = redaction.finish()
            keep(rest)
            tell(rest, of: stream)
        }
        streams = [:]
        for (_, var line) in lines { line.finish().map(tellLine) }
        lines = [:]
        if dropped > 0 { writeOut(Array("\n… \(dropped) bytes left out …\n".utf8)[...]) }
        writeOut(tail[...])
        tail = []
        try? file?.close()
        file = nil
    }

    private func keep(_ bytes: [UInt8]) {
        guard !bytes.isEmpty else { return }
        let head = bytes.prefix(max(0, Self.headLimit - written))
        writeOut(head)
        let rest = bytes.dropFirst(head.count)
        guard !rest.isEmpty else { return }
        tail.append(contentsOf: rest)
        // Cut rarely, so that each byte is moved a bounded number of times.
        if tail.count > 2 * Self.tailLimit {
            dropped += tail.count - Self.tailLimit
            tail.removeFirst(tail.count - Self.tailLimit)
        }
    }

    /// A log that cannot be written must not fail a deployment: the journal is what counts.
    private func writeOut(_ bytes: ArraySlice<UInt8>) {
        guard !bytes.isEmpty else { return }
        if file == nil {
            file = try? PrivateFile.create(path)
            start = (try? file?.seek(offset: 0, from: .end)) ?? 0
        }
        let isThere = (try? file?.writeAll(bytes)) != nil
        written += bytes.count
        if isThere { grown(start, start + Int64(written)) }
    }

    private func tell(_ bytes: [UInt8], of stream: OutputStream) {
        for line in lines[stream, default: LineCutter()].push(bytes) { tellLine(line) }
    }

    private func tellLine(_ text: String) {
        recent.append(text)
        if recent.count > 20 { recent.removeFirst() }
        progress(.output(stage, text))
    }
}

/// Files and folders that only we may read.
enum PrivateFile {
    /// Creates the file, and its folder when it is missing, for appending.
    static func create(_ path: String) throws -> FileDescriptor {
        let file = FilePath(path)
        try makeFolder(file.removingLastComponent().string)
        return try FileDescriptor.open(file, .writeOnly, options: [.create, .append, .closeOnExec], permissions: .ownerReadWrite)
    }

    /// Writes a whole file.
    static func write(_ content: some Sequence<UInt8>, to path: String) throws {
        let file = try create(path)
        try file.closeAfter { _ = try file.writeAll(content) }
    }

    /// Makes a folder and those above it.
    static func makeFolder(_ path: String) throws {
        if unsafe mkdir(path, 0o700) == 0 || errno == EEXIST { return }
        guard errno == ENOENT else { throw Errno(rawValue: errno) }
        let parent = FilePath(path).removingLastComponent().string
        guard !parent.isEmpty, parent != path else { throw Errno.noSuchFileOrDirectory }
        try makeFolder(parent)
        guard unsafe mkdir(path, 0o700) == 0 || errno == EEXIST else { throw Errno(rawValue: errno) }
    }
}

extension StageLog {
    /// Where the output of an attempt is kept.
    static func path(in folder: String, run: RunID, stage: StageName, attempt: Int) -> String {
        "\(folder)/\(run)/\(stage).\(attempt).log"
    }
}
