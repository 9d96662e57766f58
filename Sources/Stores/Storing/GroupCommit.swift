import Executors
package import Journal

/// One call of `Store.append`.
package struct AppendRequest: Sendable {
    package let batch: [Append]
    package let leases: [Lease]

    /// What is to be appended, and under which leases.
    package init(batch: [Append], leases: [Lease]) {
        self.batch = batch
        self.leases = leases
    }

    /// The journals that are to go.
    package var removals: [Removal] { batch.flatMap(\.removing) }
    /// The journals that are to begin.
    package var beginnings: [JournalName] { batch.filter { $0.expected == 0 }.map(\.journal) }
    /// The journals that it grows or removes.
    package var journals: [JournalName] { batch.map(\.journal) + removals.map(\.journal) }

    /// Refuses what no store can do: nothing to append, or a journal named twice, be it to grow or to go.
    package func check() throws(StoreError) {
        var seen: Set<JournalName> = []
        for part in batch {
            guard !part.bodies.isEmpty else {
                throw StoreError(.failed, "An append to the journal \(part.journal) holds no entry; give it at least one.")
            }
            for journal in [part.journal] + part.removing.map(\.journal) where !seen.insert(journal).inserted {
                throw StoreError(.failed, "One transaction names the journal \(journal) twice; join the two parts.")
            }
        }
    }
}

/// Lets appends that arrive while another is being written share the next transaction, so that they share its `fsync`.
///
/// Each request keeps its own outcome: a conflict in one does not touch the others.
package actor GroupCommit {
    /// The heads after a request, or why it was refused.
    package typealias Outcome = Result<[Head], StoreError>
    private typealias Waiting = (request: AppendRequest, answer: CheckedContinuation<Outcome, Never>)

    private let commit: @Sendable ([AppendRequest]) async -> [Outcome]?
    private var waiting: [Waiting] = []
    /// How many more transactions may be under way.
    private var lanes: Int

    /// `commit` writes requests in one transaction and answers each of them, in order; at most `lanes` of it run at a time.
    ///
    /// It answers nil when several cannot share one after all; then each of them gets its own, and waits for no other.
    package init(lanes: Int = 1, commit: @escaping @Sendable ([AppendRequest]) async -> [Outcome]?) {
        self.lanes = lanes
        self.commit = commit
    }

    /// Writes `request` in this or the next transaction; a cancelled caller is told what became of it all the same.
    package func append(_ request: AppendRequest) async -> Outcome {
        await withCheckedContinuation { answer in
            waiting.append((request, answer))
            guard lanes > 0 else { return }
            lanes -= 1
            _ = uncancelled { await self.drain() }
        }
    }

    private func drain() async {
        while !waiting.isEmpty {
            let group = waiting
            waiting = []
            if let outcomes = await commit(group.map(\.request)) {
                for (entry, outcome) in zip(group, outcomes) { entry.answer.resume(returning: outcome) }
            } else {
                for entry in group { _ = uncancelled { [commit] in await Self.write(entry, with: commit) } }
            }
        }
        lanes += 1
    }

    private static func write(_ entry: Waiting, with commit: @Sendable ([AppendRequest]) async -> [Outcome]?) async {
        let alone = StoreError(.failed, "The ledger gave no answer to an append that shared its transaction with no other.")
        entry.answer.resume(returning: await commit([entry.request])?.first ?? .failure(alone))
    }
}
