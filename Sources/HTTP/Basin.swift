import Synchronization

/// What has come of an answer and was not read yet: little, since the transfer waits when nobody reads.
///
/// Filled on the loop's thread, read by one task. Behind a lock and not in an actor, because that thread cannot await.
final class Basin: Sendable {
    private struct State {
        var bytes: [UInt8] = []
        /// Since when the transfer waits for room; nil while it does not.
        var fullSince: ContinuousClock.Instant?
        var end: Result<Void, HTTPError>?
        var reader: CheckedContinuation<[UInt8]?, any Error>?
    }

    /// How many bytes are kept at least before the transfer waits; one more piece of libcurl's, 16 KiB, is the most.
    private static let room = 64 << 10

    private let state = Mutex(State())
    private let drained: @Sendable () -> Void

    /// An empty one; `drained` is told when there is room again after `fill` refused something.
    init(drained: @escaping @Sendable () -> Void) {
        self.drained = drained
    }

    /// Takes what has come; answers false, and takes nothing, while what came before waits to be read.
    func fill(_ bytes: [UInt8]) -> Bool {
        let (isTaken, reader) = state.withLock { state -> (Bool, CheckedContinuation<[UInt8]?, any Error>?) in
            // Nobody reads it any more: the transfer is about to be ended.
            guard state.end == nil else { return (true, nil) }
            guard state.bytes.count < Self.room else {
                state.fullSince = .now
                return (false, nil)
            }
            guard let reader = state.reader else {
                state.bytes += bytes
                return (true, nil)
            }
            state.reader = nil
            return (true, reader)
        }
        reader?.resume(returning: bytes)
        return isTaken
    }

    /// Everything that has come since the last call, once there is something; nil at the end, or when the task is cancelled.
    func next() async throws -> [UInt8]? {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { reader in
                let (found, wasFull) = state.withLock { state -> (Result<[UInt8]?, any Error>?, Bool) in
                    guard state.bytes.isEmpty else {
                        defer { (state.bytes, state.fullSince) = ([], nil) }
                        return (.success(state.bytes), state.fullSince != nil)
                    }
                    if let end = state.end { return (Self.last(end), false) }
                    state.reader = reader
                    return (nil, false)
                }
                if wasFull { drained() }
                if let found { reader.resume(with: found) }
            }
        } onCancel: {
            end(.success(()), isEmptied: true)
        }
    }

    /// Ends it, behind what has come or at once; does nothing when it has ended.
    func end(_ end: Result<Void, HTTPError>, isEmptied: Bool = false) {
        let reader = state.withLock { state -> CheckedContinuation<[UInt8]?, any Error>? in
            guard state.end == nil else { return nil }
            state.end = end
            if isEmptied { state.bytes = [] }
            defer { state.reader = nil }
            return state.reader
        }
        reader?.resume(with: Self.last(end))
    }

    /// When the transfer will have waited so long for room, as far as is known now; nil once it has, or when all is over.
    func waits(atMost patience: Duration) -> ContinuousClock.Instant? {
        state.withLock { state in
            guard state.end == nil else { return nil }
            let now = ContinuousClock.now
            let due = (state.fullSince ?? now) + patience
            return due > now ? due : nil
        }
    }

    private static func last(_ end: Result<Void, HTTPError>) -> Result<[UInt8]?, any Error> {
        end.map { nil }.mapError { $0 }
    }
}
