package import Journal

/// Wakes those who wait for a journal: at once for what this process knows of, and by asking again now and then for the rest.
package actor Bell {
    private var waiting: [JournalName: [Int: AsyncStream<Void>.Continuation]] = [:]
    private var next = 0

    /// Nobody waits yet.
    package init() {}

    /// Says that something was appended to `journals`.
    package func ring(for journals: [JournalName]) {
        for journal in journals {
            for ring in waiting[journal, default: [:]].values { ring.yield() }
        }
    }

    /// Says that anything may have been appended anywhere.
    package func ringAll() {
        for rings in waiting.values {
            for ring in rings.values { ring.yield() }
        }
    }

    /// Asks `isThere` now, whenever the bell rings for `journal`, and every `pause`; true once it is, false after `timeout` or
    /// when the task is cancelled.
    package nonisolated func wait(
        for journal: JournalName, asking pause: Duration, timeout: Duration,
        isThere: @Sendable () async throws(StoreError) -> Bool
    ) async throws(StoreError) -> Bool {
        let end = ContinuousClock.now + timeout
        // One ring is enough to remember: it means "look again", and looking sees all that happened before.
        let (rings, ring) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        let ticket = await enter(journal, ring)
        let ticks = Task {
            while !Task.isCancelled, ContinuousClock.now < end {
                ring.yield()
                try? await Task.sleep(for: min(pause, ContinuousClock.now.duration(to: end)))
            }
            ring.finish()
        }
        defer { ticks.cancel() }
        var found = false
        do throws(StoreError) {
            for await _ in rings where !Task.isCancelled {
                found = try await isThere()
                if found { break }
            }
            // What came between the last look and the end.
            if !found, !Task.isCancelled { found = try await isThere() }
        } catch {
            await leave(journal, ticket)
            // A look that the cancellation cut short is no failure of the store.
            if Task.isCancelled { return false }
            throw error
        }
        await leave(journal, ticket)
        return found
    }

    private func enter(_ journal: JournalName, _ ring: AsyncStream<Void>.Continuation) -> Int {
        next += 1
        waiting[journal, default: [:]][next] = ring
        return next
    }

    private func leave(_ journal: JournalName, _ ticket: Int) {
        waiting[journal]?[ticket] = nil
        if waiting[journal]?.isEmpty == true { waiting[journal] = nil }
    }
}
