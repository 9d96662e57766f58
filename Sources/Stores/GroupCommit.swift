import Executors
import Journal

/// One call of `Store.append`.
struct AppendRequest: Sendable {
    let batch: [Append]
    let leases: [Lease]

    /// Refuses what no store can do: nothing to append, or a journal named twice, be it to grow or to go.
    func check() throws(StoreError) {
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
actor GroupCommit {
    typealias Outcome = Result<[Head], StoreError>
    private typealias Waiting = (request: AppendRequest, answer: CheckedContinuation<Outcome, Never>)

    private let commit: @Sendable ([AppendRequest]) async -> [Outcome]
    private var waiting: [Waiting] = []
    private var isCommitting = false

    /// `commit` writes requests in one transaction and answers each of them, in order.
    init(commit: @escaping @Sendable ([AppendRequest]) async -> [Outcome]) {
        self.commit = commit
    }

    /// Writes `request` in this or the next transaction; a cancelled caller is told what became of it all the same.
    func append(_ request: AppendRequest) async -> Outcome {
        await withCheckedContinuation { answer in
            waiting.append((request, answer))
            guard !isCommitting else { return }
            isCommitting = true
            _ = uncancelled { await self.drain() }
        }
    }

    private func drain() async {
        while !waiting.isEmpty {
            let group = waiting
            waiting = []
            let outcomes = await commit(group.map(\.request))
            for (entry, outcome) in zip(group, outcomes) { entry.answer.resume(returning: outcome) }
        }
        isCommitting = false
    }
}
