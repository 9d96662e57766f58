import CanonicalJSON
import Journal
import Pipeline

/// What is kept beside an environment's journal, so that no command folds all of it: the state at a position.
///
/// A projection, never a source of truth: one that cannot be read is made again, and the audit compares it with the journal.
struct EnvironmentSnapshot: Codable {
    /// The version of the stored form, and of what the fold makes of events.
    static let format = 1

    var v = Self.format
    var position: Int64
    var state: EnvironmentState

    init(_ record: EnvironmentRecord) {
        position = record.position
        state = record.state
    }

    /// What was stored with a head; nil when this shipit cannot read it, or it is not about this journal.
    init?(_ head: Head) {
        guard let bytes = head.summary, let snapshot = try? Canonical.decode(Self.self, from: bytes),
            snapshot.v == Self.format, (0...head.position).contains(snapshot.position)
        else { return nil }
        self = snapshot
    }

    var bytes: [UInt8] { Canonical.bytes(of: self) }
}
