import CanonicalJSON
import Hummingbird
import Pipeline
import Records

/// The newest events of one run, ready to be sent, and where the run stands after them.
struct RunTail {
    /// What there is of the run's events after a position.
    enum Part {
        /// Events, as they are sent, up to this position.
        case frames(ByteBuffer, upTo: Int64)
        /// What comes next is not kept: read it from the ledger, up to here.
        case behind(upTo: Int64)
        /// None will come: the run has ended.
        case ended(RunStatus)
    }

    /// How many bytes are kept; the newest event is in any case.
    private static let keptBytes = 1 << 20
    /// How many bytes are sent at once, but for an event that is longer.
    private static let portion = 1 << 16

    /// How many events are kept.
    private let kept: Int
    private var record: RunRecord?
    private var frames: [(position: Int64, bytes: ByteBuffer)] = []
    private var size = 0

    init(keeping kept: Int) {
        self.kept = kept
    }

    /// Where the run stands; nil before its first event.
    var state: (position: Int64, status: RunStatus)? { record.map { ($0.position, $0.run.status) } }

    /// What there is after `position`; nil when nothing is yet.
    func part(after position: Int64) -> Part? {
        guard let record else { return nil }
        guard position < record.position else { return record.run.status.isOpen ? nil : .ended(record.run.status) }
        guard let first = frames.first, first.position <= position + 1 else {
            return .behind(upTo: (frames.first?.position ?? record.position + 1) - 1)
        }
        // Positions have no gaps, and what was asked for is kept. A connection takes no more at once: somebody who does not read it holds
        // no more than this.
        let start = frames.count - Int(record.position - position)
        var (end, length) = (start, 0)
        while end < frames.count, end == start || length + frames[end].bytes.readableBytes <= Self.portion {
            length += frames[end].bytes.readableBytes
            end += 1
        }
        return .frames(Self.joined(frames[start..<end].map(\.bytes)), upTo: position + Int64(end - start))
    }

    /// Adds the run's next events.
    mutating func add(_ events: [(position: Int64, event: Stamped<RunEvent>)]) throws {
        for (position, event) in events {
            if record == nil { record = try RunRecord(event) } else { try record?.apply(event) }
            let bytes = Self.frame(position, event)
            frames.append((position, bytes))
            size += bytes.readableBytes
        }
        var dropped = 0
        while frames.count - dropped > 1, size > Self.keptBytes || frames.count - dropped > kept {
            size -= frames[dropped].bytes.readableBytes
            dropped += 1
        }
        frames.removeFirst(dropped)
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
