import Journal
import Pipeline
import Synchronization

/// Brings what stages print to where all who share the ledger can read it: beside the run, and never in its way.
///
/// The file of each log, which is redacted, is what is read: however much is printed, little of it is in memory. What cannot be brought is
/// still in the file.
///
/// A lock, not an actor, since whoever writes a log says so without waiting.
final class LogCarrier: Sendable {
    private struct Growing {
        let path: String
        /// Up to where the file was brought, and up to where it was written.
        var sent: Int64
        var written: Int64
        /// Where the log ends there.
        var end: Int64 = 0
        /// Why it cannot be brought.
        var fault: String?

        var isBehind: Bool { sent < written && fault == nil }

        /// Takes what became of the next so many bytes.
        mutating func take(_ growth: LogGrowth, of count: Int) {
            switch growth {
            case .added:
                sent += Int64(count)
                end += Int64(count)
            case .ends(let place): end = place
            }
        }
    }

    private struct State {
        var logs: [LogName: Growing] = [:]
        var carrying: Task<Void, Never>?
        var pause: Task<Void, Never>?
        var isHurried = false
        var isEnding = false
    }

    /// How much is gathered before it is brought, unless somebody waits for the end of it.
    private static let gathering = Duration.milliseconds(500)
    /// The same after the store had no answer.
    private static let rest = Duration.seconds(2)
    /// How many logs are brought at a time.
    private static let lanes = 4
    /// How long the end of a drive waits for what was not brought.
    static let patience = Duration.seconds(8)
    /// The same when somebody wants the process to end.
    static let haste = Duration.seconds(1)

    private let store: any LogStore
    private let world: World
    private let vault: Vault
    private let state = Mutex(State())

    /// Brings logs to `store`.
    init(_ store: any LogStore, world: World, vault: Vault) {
        self.store = store
        self.world = world
        self.vault = vault
    }

    /// Takes the news that the file of a log was written from one place to another; returns at once.
    func take(_ name: LogName, in path: String, from start: Int64, to end: Int64) {
        state.withLock { state in
            state.logs[name, default: Growing(path: path, sent: start, written: start)].written = end
            guard state.carrying == nil else { return }
            state.carrying = Task { await self.carry() }
        }
    }

    /// Brings what there is until there is no more.
    private func carry() async {
        var isRefused = false
        while true {
            await pause(isRefused ? Self.rest : Self.gathering)
            let behind = state.withLock { state in
                let names = state.logs.filter(\.value.isBehind).map(\.key)
                if names.isEmpty || Task.isCancelled { state.carrying = nil }
                return Task.isCancelled ? [] : names
            }
            if behind.isEmpty { return }
            isRefused = await withTaskGroup(of: Bool.self) { group in
                var rest = behind[...]
                for name in rest.prefix(Self.lanes) { group.addTask { await self.bring(name) } }
                rest = rest.dropFirst(Self.lanes)
                var areAllThere = true
                for await isThere in group {
                    areAllThere = areAllThere && isThere
                    if let name = rest.popFirst() { group.addTask { await self.bring(name) } }
                }
                return !areAllThere
            }
        }
    }

    /// Waits, unless somebody waits for us.
    private func pause(_ duration: Duration) async {
        let pause = state.withLock { state -> Task<Void, Never>? in
            let isShort = state.isEnding && duration == Self.gathering
            guard !isShort else { return nil }
            let pause = Task { [world] in _ = try? await world.sleep(duration) }
            state.pause = pause
            return pause
        }
        await withTaskCancellationHandler {
            await pause?.value
        } onCancel: {
            pause?.cancel()
        }
    }

    /// Brings a log up to where it was written.
    ///
    /// - Returns: false when the store has no answer now.
    private func bring(_ name: LogName) async -> Bool {
        while !Task.isCancelled, let log = state.withLock({ $0.logs[name] }), log.isBehind {
            let count = min(Int(log.written - log.sent), LogLimits.piece)
            let piece = (try? FileContent.read(log.path, from: log.sent, atMost: count)) ?? []
            guard !piece.isEmpty else {
                note("its file \(log.path) cannot be read", of: name)
                return true
            }
            do throws(StoreError) {
                let growth = try await store.append(piece, to: name, at: log.end)
                // Elsewhere when another driver has written to it before: we go on there.
                if growth == .ends(at: log.end) { return false }
                state.withLock { $0.logs[name]?.take(growth, of: piece.count) }
            } catch {
                guard error.passing else {
                    note(error.message, of: name)
                    return true
                }
                return false
            }
        }
        return true
    }

    private func note(_ fault: String, of name: LogName) {
        state.withLock { $0.logs[name]?.fault = fault }
    }

    /// Waits for what was not brought yet, for as long as the end of a drive may be put off.
    ///
    /// - Returns: what is only here, in one line; nil when all was brought.
    func finish() async -> String? {
        let (carrying, isHurried) = state.withLock { state in
            state.isEnding = true
            state.pause?.cancel()
            return (state.carrying, state.isHurried)
        }
        if let carrying {
            let limit = Task { [world] in
                do { try await world.sleep(isHurried ? Self.haste : Self.patience) } catch { return }
                carrying.cancel()
            }
            await carrying.value
            limit.cancel()
        }
        let missed = state.withLock { $0.logs.filter { $0.value.sent < $0.value.written } }
        guard let first = missed.min(by: { $0.key.stage < $1.key.stage }) else { return nil }
        let stages = Set(missed.map(\.key.stage)).sorted()
        let why = first.value.fault ?? "the ledger did not take it in time"
        let names = stages.named(atMost: 3)
        return vault.redact("the output of \(names) is kept on this machine alone, or not whole elsewhere: \(why)").onOneLine
    }

    /// Somebody wants the process to end: little is waited for from now on.
    func hurry() {
        state.withLock { state in
            state.isHurried = true
            if state.isEnding { state.carrying?.cancel() }
        }
    }
}
