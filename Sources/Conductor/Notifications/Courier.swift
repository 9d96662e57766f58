import Pipeline
import Synchronization

/// Tells those whom a project names what happens in its runs: beside the runs, and never in their way.
///
/// Nothing of it is journalled. An event is told by the process that saved it, from its own memory: one that is killed in between tells
/// nobody, and no other tells it a second time.
///
/// A lock, not an actor, since whoever drives a run hands an event over without waiting.
final class Courier: Sendable {
    private struct State {
        var underWay: [Int: Task<Void, Never>] = [:]
        var begun = 0
        /// Whose first failure was told.
        var failures: Set<Failed> = []
        /// What was not delivered, in words.
        var missed: [String] = []
        var isHurried = false
        var isEnding = false
    }

    /// One of many failures of a run is enough for each recipient.
    private struct Failed: Hashable {
        var run: RunID
        var type: String
        var number: Int
    }

    private let tools: Tools
    private let timeout: TimeSpan
    private let state = Mutex(State())

    /// How much may be under way at once: far more than people can read.
    private static let capacity = 64
    /// How long the end of a drive waits for what is under way.
    private static let patience = Duration.seconds(8)

    /// - Parameter timeout: how long an attempt may take.
    init(tools: Tools, timeout: TimeSpan = Delivery.policy.timeout) {
        self.tools = tools
        self.timeout = timeout
    }

    /// Takes what a drive tells whoever watches it; returns at once.
    func take(_ progress: Progress) {
        guard case .event(let stamped, let record) = progress, let recipients = record.run.plan.project.notifications,
            let announcement = Announcement(of: stamped, in: record)
        else { return }
        let project = record.run.plan.project
        for (index, recipient) in recipients.enumerated() where recipient.wants(announcement) {
            hand(
                announcement,
                to: Delivery(tools: tools, project: project, number: index + 1, recipient: recipient, timeout: timeout))
        }
    }

    private func hand(_ announcement: Announcement, to delivery: Delivery) {
        state.withLock { state in
            if announcement.occasion == .failed {
                let failed = Failed(run: announcement.run, type: announcement.type, number: delivery.number)
                guard state.failures.insert(failed).inserted else { return }
            }
            guard state.underWay.count < Self.capacity else {
                state.missed.append(Self.words(announcement, delivery, "too much is under way"))
                return
            }
            state.begun += 1
            let number = state.begun
            state.underWay[number] = Task {
                let why = await delivery.send(announcement)
                self.state.withLock { state in
                    state.underWay[number] = nil
                    if let why { state.missed.append(Self.words(announcement, delivery, why)) }
                }
            }
        }
    }

    /// Somebody wants the process to end: nothing is waited for any more.
    func hurry() {
        state.withLock { state in
            state.isHurried = true
            if state.isEnding { for task in state.underWay.values { task.cancel() } }
        }
    }

    /// Waits for what is under way, for as long as the end of a drive may be put off.
    ///
    /// - Returns: what was not delivered, in one line; nil when all was.
    func finish() async -> String? {
        let waiting = state.withLock { state in
            state.isEnding = true
            if state.isHurried { for task in state.underWay.values { task.cancel() } }
            return Array(state.underWay.values)
        }
        if !waiting.isEmpty {
            let limit = Task {
                do { try await tools.world.sleep(Self.patience) } catch { return }
                hurry()
            }
            for task in waiting { await task.value }
            limit.cancel()
        }
        let missed = state.withLock { $0.missed }
        guard !missed.isEmpty else { return nil }
        return tools.vault.redact("not delivered: " + missed.named(atMost: 3, by: "; ")).onOneLine
    }

    private static func words(_ announcement: Announcement, _ delivery: Delivery, _ why: String) -> String {
        "\(delivery.name), that \(announcement.title): \(why)"
    }
}
