import Hashing
import Postgres

/// Tells good tokens from others, many with one question: for addresses that have no requests left, from where most are bad.
///
/// There is one question at a time, about all who came while the one before was under way. So a flood of bad tokens costs no more
/// than that, and nothing is remembered: a token that was made or revoked just now is known as such.
actor TokenSieve {
    private typealias Sums = [String: [UInt8]]
    private typealias Look = Task<Result<Sums, PostgresError>, Never>

    private let tokens: Tokens
    private let project: String
    private var underWay: Look?
    /// The look that waits, and the ids it will ask about.
    private var next: (look: Look, ids: Set<String>)?

    /// A sieve for tokens of `project`.
    init(_ tokens: Tokens, project: String) {
        self.tokens = tokens
        self.project = project
    }

    /// Whether this is the text of a token that is good now.
    func passes(_ text: TokenText) async throws(PostgresError) -> Bool {
        try await look(for: text.id).value.get()[text.id].map(text.matches) ?? false
    }

    private func look(for id: String) -> Look {
        next?.ids.insert(id)
        if let next { return next.look }
        let look = Look { [underWay] in
            _ = await underWay?.value
            return await ask()
        }
        next = (look, [id])
        return look
    }

    private func ask() async -> Result<Sums, PostgresError> {
        let ids = next?.ids ?? []
        underWay = next?.look
        next = nil
        do throws(PostgresError) { return .success(try await tokens.sums(of: ids, in: project)) } catch { return .failure(error) }
    }
}
