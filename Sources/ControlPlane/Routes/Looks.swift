import Serving

/// Answers that many want at the same time, each looked up once for all of them.
///
/// Whoever asks shares a look that begins after they asked, and never one that is under way: what was acknowledged to anybody before
/// is in what they get. So however many ask, there is one look at a time for each question, and one that waits.
actor Looks {
    typealias Look = Task<Result<JSON.Prepared, any Error>, Never>

    private var underWay: [String: Look] = [:]
    private var waiting: [String: Look] = [:]

    /// What `look` makes of the question, for this caller and for all who wait with them.
    func answer(
        to question: String, _ look: @escaping @concurrent @Sendable () async throws -> JSON.Prepared
    ) async throws -> JSON.Prepared {
        try await self.look(question, look).value.get()
    }

    private func look(_ question: String, _ look: @escaping @concurrent @Sendable () async throws -> JSON.Prepared) -> Look {
        if let shared = waiting[question] { return shared }
        let before = underWay[question]
        let task = Look {
            _ = await before?.value
            if before != nil { self.begin(question) }
            let outcome: Result<JSON.Prepared, any Error>
            do { outcome = .success(try await look()) } catch { outcome = .failure(error) }
            self.end(question)
            return outcome
        }
        if before == nil { underWay[question] = task } else { waiting[question] = task }
        return task
    }

    /// From here on nobody joins the look that waited.
    private func begin(_ question: String) { underWay[question] = waiting.removeValue(forKey: question) }

    private func end(_ question: String) {
        if waiting[question] == nil { underWay[question] = nil }
    }
}
