import Executors
import Journal
public import Pipeline
public import Records
import Synchronization

/// The only place where actions become effects.
///
/// One task owns the run and the journal's pen; stages run in tasks of their own and report through one mailbox. Every intent is
/// durable before its effect starts, and everything that came in since the last turn is saved in one append.
public struct Engine: Sendable {
    let world: World
    let ledger: Ledger
    let effects: any Effects
    let progress: @Sendable (Progress) -> Void
    /// The one thread that everything of a drive runs on between its effects: the run's owner, its stages, their output.
    ///
    /// A drive waits most of the time, and what it does in between takes microseconds. Handing each such piece to whichever thread of
    /// the pool is free cost more than the pieces themselves: with ten stages at once, forty wake-ups of a thread a stage.
    let executor: any TaskExecutor

    /// An engine that drives runs of `ledger` by means of `effects`.
    package init(
        world: World, ledger: Ledger, effects: any Effects, executor: any TaskExecutor,
        progress: @escaping @Sendable (Progress) -> Void = { _ in }
    ) {
        self.world = world
        self.ledger = ledger
        self.effects = effects
        self.executor = executor
        self.progress = progress
    }

    /// Drives a run until nothing more can be done for now.
    ///
    /// - Parameters:
    ///   - writer: the run.
    ///   - terms: how far and how eagerly.
    ///   - interrupts: the name of each signal that tells us to stop.
    /// - Returns: how it came to rest, and the run as it is then.
    public func drive(
        _ writer: RunWriter, on terms: DriveTerms, interrupts: AsyncStream<String>
    ) async throws(LedgerError) -> (end: DriveEnd, record: RunRecord) {
        try await drive(writer, on: terms, interrupts: interrupts, under: nil)
    }

    /// Drives a run under leases of its own, or under those of another drive, which keeps them.
    ///
    /// - Parameter outer: the leases of the other drive, and the one among them that every append must prove, also when that drive has
    ///   ended meanwhile.
    func drive(
        _ writer: RunWriter, on terms: DriveTerms, interrupts: AsyncStream<String>, under outer: (leases: Leases, fence: Lease)?
    ) async throws(LedgerError) -> (end: DriveEnd, record: RunRecord) {
        let mailbox = Mailbox()
        let cursor = Cursor(writer.record.position)
        let holder = LeaseHolder(world.driver, user: world.actor, driving: writer.record.run)
        let leases =
            outer?.leases
            ?? Leases(
                store: ledger.store, holder: holder, world: world, executor: executor,
                lost: { mailbox.put(.leaseLost(resource: $0)) })
        let relay = Task(executorPreference: executor) {
            for await signal in interrupts { mailbox.put(.interrupt(signal)) }
        }
        let watch = Task(executorPreference: executor) {
            await tellNews(in: JournalName(.run, writer.record.run.id), from: cursor, telling: mailbox)
        }
        defer {
            relay.cancel()
            watch.cancel()
        }
        var drive = Drive(
            writer: writer, engine: self, terms: terms, leases: leases, fence: outer?.fence, mailbox: mailbox, cursor: cursor)
        do throws(LedgerError) {
            let end = try await withTaskExecutorPreference(executor) { () async throws(LedgerError) in
                try await drive.untilRest()
            }
            if outer == nil { await leases.release() }
            return (end, drive.writer.record)
        } catch {
            // The ledger is gone: no effect may go on that nobody can record.
            await drive.abandon()
            if outer == nil { await leases.release() }
            throw error
        }
    }

    /// Tells the owner what others write into the run: a cancellation, an approval, another runner's stage.
    private func tellNews(in journal: JournalName, from cursor: Cursor, telling mailbox: Mailbox) async {
        while !Task.isCancelled {
            // Our own appends come several to a moment; looking that often would cost more than it tells.
            try? await world.sleep(.milliseconds(200))
            let known = cursor.position
            guard let isNew = try? await ledger.store.wait(for: journal, after: known, timeout: .seconds(10)) else { continue }
            if !isNew { mailbox.put(.tick) } else if cursor.position == known { mailbox.put(.journalChanged) }
        }
    }
}

/// Where a run's journal ended when its owner last looked; shared with the task that watches for others' entries.
final class Cursor: Sendable {
    private let value: Atomic<Int64>

    init(_ position: Int64) {
        value = Atomic(position)
    }

    var position: Int64 {
        get { value.load(ordering: .relaxed) }
        set { value.store(newValue, ordering: .relaxed) }
    }
}

/// An attempt of a stage.
package struct StageKey: Hashable, Sendable {
    /// The stage.
    package var stage: StageName
    /// The attempt's number, from 1.
    package var attempt: Int
}

/// Something that becomes due for an attempt.
struct Timer: Hashable, Sendable {
    /// What becomes due.
    enum Kind: Hashable, Sendable {
        /// It has taken as long as it may.
        case timeout
        /// The pause after it is over.
        case backoff
    }

    var key: StageKey
    var kind: Kind

    var event: RunEvent {
        switch kind {
        case .timeout: .timedOut(stage: key.stage, attempt: key.attempt)
        case .backoff: .backoffElapsed(stage: key.stage, attempt: key.attempt)
        }
    }
}
