import CanonicalJSON
import Hummingbird
import Journal
import Logging
import Pipeline
import Records

/// What happens in one run, looked at once for all who follow it: the newest events, ready to be sent.
///
/// Followers come for what they have not got. Whoever is slow takes longer and costs nothing, and who is further behind than what is
/// kept here reads it from the ledger.
actor RunFeed {
    /// What there is for a follower.
    enum Step {
        /// Events, as they are sent, up to this position.
        case frames(ByteBuffer, upTo: Int64)
        /// What comes next is not kept: read it from the ledger, up to here.
        case behind(upTo: Int64)
        /// Nothing; say that the connection lives.
        case beat
        /// The run has ended, and the follower has everything.
        case ended(RunStatus)
        /// The service is stopping.
        case closed
    }

    /// How many bytes are kept; the newest event is in any case.
    private static let keptBytes = 1 << 20
    private static let page = 500
    /// How many bytes are sent at once, but for an event that is longer.
    private static let portion = 1 << 16
    /// How long after a failure the ledger is asked again.
    private static let pause = Duration.seconds(1)

    private let id: RunID
    private let ledger: Ledger
    private let limits: Followers.Limits
    private let logger: Logger
    private var record: RunRecord?
    private var frames: [(position: Int64, bytes: ByteBuffer)] = []
    private var size = 0
    private var waiting: [CheckedContinuation<Void, Never>] = []
    private var loading: Task<Void, any Error>?
    private var watching: Task<Void, Never>?
    private var isClosed = false

    init(_ id: RunID, in ledger: Ledger, _ limits: Followers.Limits, logger: Logger) {
        self.id = id
        self.ledger = ledger
        self.limits = limits
        self.logger = logger
    }

    /// Reads what there is, once for all who ask at the same time; throws when there is no such run.
    func open() async throws {
        let task = loading ?? Task { try await load() }
        loading = task
        try await task.value
    }

    /// Where the run stands; nil before it was read.
    var state: (position: Int64, status: RunStatus)? { record.map { ($0.position, $0.run.status) } }

    /// What there is after `position`, waiting until there is something.
    func next(after position: Int64) async -> Step {
        if let step = step(after: position) { return step }
        await withCheckedContinuation { waiting.append($0) }
        return step(after: position) ?? .beat
    }

    /// Ends the looking, and with it all following.
    func close() {
        isClosed = true
        watching?.cancel()
        wake()
    }

    private func step(after position: Int64) -> Step? {
        if isClosed { return .closed }
        guard let record else { return .beat }
        if position < record.position {
            guard let first = frames.first, first.position <= position + 1 else {
                return .behind(upTo: (frames.first?.position ?? record.position + 1) - 1)
            }
            return portion(after: position)
        }
        return record.run.status.isOpen ? nil : .ended(record.run.status)
    }

    /// What a connection takes at once: somebody who does not read it holds no more than this.
    private func portion(after position: Int64) -> Step {
        // Positions have no gaps, and what was asked for is kept.
        let start = frames.count - Int((record?.position ?? position) - position)
        var (end, length) = (start, 0)
        while end < frames.count, end == start || length + frames[end].bytes.readableBytes <= Self.portion {
            length += frames[end].bytes.readableBytes
            end += 1
        }
        return .frames(Self.joined(frames[start..<end].map(\.bytes)), upTo: position + Int64(end - start))
    }

    private func load() async throws {
        try await take()
        guard record != nil else { throw LedgerError.noSuchRun(id) }
        guard !isClosed else { return }
        watching = Task { await watch() }
    }

    private func watch() async {
        while !Task.isCancelled {
            do {
                let (journal, end) = (JournalName(.run, id), record?.position ?? 0)
                if try await ledger.store.wait(for: journal, after: end, timeout: limits.heartbeat) { try await take() }
            } catch {
                guard !Task.isCancelled else { return }
                logger.error("a run cannot be followed now", error: error, metadata: ["run": .string(id)])
                try? await Task.sleep(for: Self.pause)
            }
            wake()
        }
    }

    /// Takes what is new in the ledger.
    private func take() async throws {
        while true {
            let events = try await ledger.events(of: id, after: record?.position ?? 0, limit: Self.page)
            for (position, event) in events {
                if record == nil { record = try RunRecord(event) } else { try record?.apply(event) }
                keep(Self.frame(position, event), at: position)
            }
            guard events.count == Self.page else { return }
        }
    }

    private func keep(_ bytes: ByteBuffer, at position: Int64) {
        frames.append((position, bytes))
        size += bytes.readableBytes
        var dropped = 0
        while frames.count - dropped > 1, size > Self.keptBytes || frames.count - dropped > limits.kept {
            size -= frames[dropped].bytes.readableBytes
            dropped += 1
        }
        frames.removeFirst(dropped)
    }

    private func wake() {
        let all = waiting
        waiting = []
        for continuation in all { continuation.resume() }
    }

    /// Frames as one: a connection keeps a record of each thing that it is given, and the room for as many.
    static func joined(_ frames: [ByteBuffer]) -> ByteBuffer {
        guard var all = frames.first else { return ByteBuffer() }
        for frame in frames.dropFirst() { all.writeImmutableBuffer(frame) }
        return all
    }

    /// An event as it is sent; canonical JSON has no line breaks.
    static func frame(_ position: Int64, _ event: Stamped<RunEvent>) -> ByteBuffer {
        let value = Lists.Events.Event(position: position, at: event.at, by: event.by, event: event.event)
        var buffer = ByteBuffer(string: "id: \(position)\ndata: ")
        buffer.writeBytes(Canonical.bytes(of: value))
        buffer.writeString("\n\n")
        return buffer
    }
}
