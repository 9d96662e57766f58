import HTTP
import Journal

/// The token that an API gives a workflow for what GitHub signs of it, got anew before it ends: a run may last longer than it.
///
/// All who wait for one share one exchange. While the one they have is good nobody waits: the next is got beside.
actor WorkflowToken {
    private struct Grant {
        let token: APIToken
        /// From when on the next is got.
        var due: ContinuousClock.Instant
        /// From when on it is not used, though nobody refused it.
        let end: ContinuousClock.Instant
        /// How long to wait when the next could not be got.
        let pause: Duration
    }

    private struct Question: Encodable {
        let token: String
    }

    private struct Answer: Decodable {
        struct Token: Decodable {
            let created: Int64
            let expires: Int64
        }

        let token: Token
        let text: String
    }

    private typealias Outcome = Result<Grant, StoreError>

    private let address: APIAddress
    private let identity: JobIdentity
    private let learn: @Sendable (String) -> Void
    private var grant: Grant?
    private var exchange: Task<Void, Never>?
    private var waiting: [AsyncStream<Outcome>.Continuation] = []

    /// A token that is got when somebody wants it.
    ///
    /// - Parameters:
    ///   - address: the API that gives it, which is the audience, too.
    ///   - identity: where GitHub is asked.
    ///   - learn: is told of every secret before it is used.
    init(_ address: APIAddress, for identity: JobIdentity, learn: @escaping @Sendable (String) -> Void) {
        self.address = address
        self.identity = identity
        self.learn = learn
    }

    /// A token that is good as far as is known here.
    ///
    /// - Parameters:
    ///   - refused: one that the API did not take.
    ///   - client: sends what is to be asked.
    func current(insteadOf refused: APIToken?, through client: HTTPClient) async throws(StoreError) -> APIToken {
        if let grant, grant.token.text == refused?.text { self.grant = nil }
        let now = ContinuousClock.now
        if let grant, now < grant.end {
            if now >= grant.due { begin(through: client) }
            return grant.token
        }
        let (outcomes, outcome) = AsyncStream.makeStream(of: Outcome.self)
        waiting.append(outcome)
        begin(through: client)
        // Who is cancelled leaves the others to wait.
        guard let first = await outcomes.first(where: { _ in true }) else {
            throw StoreError(.failed, "The question for a token of \(address) was cancelled.")
        }
        return try first.get().token
    }

    /// Ends an exchange that is under way.
    func close() { exchange?.cancel() }

    private func begin(through client: HTTPClient) {
        guard exchange == nil else { return }
        exchange = Task {
            let begun = ContinuousClock.now
            let outcome: Outcome
            do throws(StoreError) { outcome = .success(try await exchanged(through: client, since: begun)) } catch {
                outcome = .failure(error)
            }
            end(outcome)
        }
    }

    private func end(_ outcome: Outcome) {
        switch outcome {
        case .success(let next): grant = next
        // The one there is may be good for a while.
        case .failure: if let pause = grant?.pause { grant?.due = .now + pause }
        }
        exchange = nil
        for waiter in waiting {
            waiter.yield(outcome)
            waiter.finish()
        }
        waiting = []
    }

    /// Asks GitHub and then the API; what the API's clock says of the token's life counts from before it was asked.
    private func exchanged(through client: HTTPClient, since begun: ContinuousClock.Instant) async throws(StoreError) -> Grant {
        let signed = try await identity.signed(for: address.description, through: client)
        learn(signed)
        let call = try RemoteCall(address, nil, client, "POST", "/api/identities/github").with(Question(token: signed))
        let answer: Answer
        do throws(StoreError) { answer = try await call.once() } catch {
            throw StoreError(
                error.code, "GitHub said who this workflow is, and \(address) gave no token for that. \(error.message) \(remedy)")
        }
        learn(answer.text)
        let life = Duration.milliseconds(answer.token.expires - answer.token.created)
        return Grant(
            token: try APIToken(answer.text, from: "the answer of \(address)"), due: begun + life * 3 / 4, end: begun + life,
            pause: life / 60)
    }

    private var remedy: String {
        """
        The service's API_GITHUB_SUBJECTS must name this workflow, and API_GITHUB_AUDIENCE be \(address); or set SHIPIT_TOKEN, with which \
        no identity is needed.
        """
    }
}
