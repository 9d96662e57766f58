/// A finished program with what it wrote.
public struct Captured: Sendable {
    /// How it ended.
    public let outcome: Outcome
    /// The head of its standard output.
    public let standardOutput: [UInt8]
    /// The tail of its standard error: the last words tell why.
    public let standardError: [UInt8]
    /// Whether ``standardOutput`` misses its end: then it is no answer to parse.
    public let standardOutputTruncated: Bool
    /// Whether ``standardError`` misses its beginning.
    public let standardErrorTruncated: Bool

    /// ``standardOutput`` as text, invalid UTF-8 replaced.
    public var text: String { String(decoding: standardOutput, as: UTF8.self) }
    /// ``standardError`` as text, invalid UTF-8 replaced.
    public var errorText: String { String(decoding: standardError, as: UTF8.self) }
}

/// Runs a program and keeps what it writes, at most `limit` bytes of each stream (1 MiB unless told otherwise).
///
/// More output is read and dropped, never an error: the program ends as it would have. Of standard output the head is kept,
/// of standard error the tail; ``Captured`` says which of them is incomplete.
/// - Parameters:
///   - command: the program.
///   - limit: how much of each stream is kept, in bytes.
///   - started: told of the process once it runs, as by `run`.
///   - heard: told of each piece of standard error as it comes.
/// - Returns: how it ended, with what it wrote.
public func capture(
    _ command: Command, limit: Int = 1 << 20,
    started: @escaping @Sendable (ProcessIdentity) async throws -> Void = { _ in },
    heard: @escaping @Sendable ([UInt8]) async -> Void = { _ in }
) async throws(ProcessError) -> Captured {
    let kept = Kept(limit: limit)
    let outcome = try await run(command, started: started) { stream, piece in
        await kept.add(piece, from: stream)
        if stream == .standardError { await heard(piece) }
    }
    return await kept.captured(outcome)
}

/// The output kept so far; an actor, because both streams arrive at the same time.
private actor Kept {
    private let limit: Int
    private var head: [UInt8] = []
    private var tail: [UInt8] = []
    private var headCut = false
    private var tailCut = false

    init(limit: Int) {
        self.limit = limit
    }

    func add(_ piece: [UInt8], from stream: OutputStream) {
        switch stream {
        case .standardOutput:
            let room = limit - head.count
            headCut = headCut || piece.count > room
            head += piece.prefix(room)
        case .standardError:
            tail += piece
            // Cut at twice the limit, so that each byte moves once and not with every piece.
            if tail.count > 2 * limit { cutTail() }
        }
    }

    func captured(_ outcome: Outcome) -> Captured {
        cutTail()
        return Captured(
            outcome: outcome, standardOutput: head, standardError: tail, standardOutputTruncated: headCut,
            standardErrorTruncated: tailCut)
    }

    private func cutTail() {
        guard tail.count > limit else { return }
        tail.removeFirst(tail.count - limit)
        tailCut = true
    }
}
