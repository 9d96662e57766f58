import CanonicalJSON
import HTTPTypes
import Hummingbird
import Journal
import Logging
import Pipeline
import Records
import Serving

/// What the API tells of the ledger.
struct LedgerRoutes: Sendable {
    /// How many of the newest runs that wait are shown: as many as `shipit approvals` shows.
    static let waitingRuns = 200
    /// Less than the 5 s the page's own service waits for an answer.
    private static let deadline = Duration.seconds(4)

    let source: LedgerSource
    private let replica: Replica?
    private let projections = Projections()
    private let looks = Looks()

    /// Answers from the ledger in `source`, and from a replica of it where there is one and the answer may be a moment old.
    init(_ source: LedgerSource, replica: Replica? = nil) {
        self.source = source
        self.replica = replica
    }

    func add(to routes: Routes) {
        routes.on(.environments) { try await answer($0, environments) }
        routes.on(.environment) { call in
            let name = try call.context.environmentName()
            return try await answer(call) { try await environment(name, in: $0).view }
        }
        routes.on(.releases) { call in
            let name = try call.context.environmentName()
            let (limit, before) = (try call.request.limit(default: 20), try call.request.before())
            return try await answer(call) { try await releases(of: name, before: before, limit: limit, in: $0) }
        }
        routes.on(.runs) { call in
            let (limit, before) = (try call.request.limit(default: 20), try call.request.before())
            let statuses = try call.request.statuses()
            return try await answer(call) { try await runs(in: statuses, before: before, limit: limit, in: $0) }
        }
        routes.on(.run) { call in
            let id = try call.context.runID()
            return try await answer(call) { try await run(id, in: $0) }
        }
        routes.on(.events) { call in
            let id = try call.context.runID()
            let (limit, after) = (try call.request.limit(default: 100), try call.request.after())
            return try await answer(call) { try await events(of: id, after: after, limit: limit, in: $0) }
        }
        routes.on(.approvals) { try await answer($0, approvals) }
    }

    private func environments(in ledger: Ledger) async throws -> Lists.Environments {
        var views: [EnvironmentView] = []
        for name in try await ledger.environments() {
            if let environment = try await projections.environment(name, in: ledger) { views.append(environment.view) }
        }
        return Lists.Environments(environments: views)
    }

    func environment(_ name: EnvironmentName, in ledger: Ledger) async throws -> Projections.Environment {
        guard let environment = try await projections.environment(name, in: ledger) else {
            throw Problem(.notFound, "The ledger knows no environment '\(name)'.")
        }
        return environment
    }

    private func releases(
        of name: EnvironmentName, before: ReleaseID?, limit: Int, in ledger: Ledger
    ) async throws -> Lists.Releases {
        let record = try await environment(name, in: ledger).record
        guard let releases = try await ledger.releases(of: record, before: before, limit: limit + 1) else {
            throw Problem(.notFound, "'before' names no release of '\(name)'.")
        }
        let found = releases.map(EnvironmentView.ReleaseView.init).page(limit)
        return Lists.Releases(releases: Array(found.page), next: found.hasMore ? found.page.last?.id : nil)
    }

    private func runs(
        in statuses: Set<RunStatus>?, before: RunID?, limit: Int, in ledger: Ledger
    ) async throws -> Lists.Runs {
        if let statuses {
            let found = try await ledger.runs(in: statuses, before: before, limit: limit)
            return Lists.Runs(runs: found.runs.map(Rendered.init), next: found.next)
        }
        let found = try await projections.runs(before: before, limit: limit + 1, in: ledger).page(limit)
        return Lists.Runs(runs: Array(found.page), next: found.hasMore ? found.page.last?.value.id : nil)
    }

    func run(_ id: RunID, in ledger: Ledger) async throws -> RunView { try await driven(id, in: ledger).view }

    /// A run, and who has driven it.
    func driven(_ id: RunID, in ledger: Ledger) async throws -> (view: RunView, drivers: Set<String>) {
        guard let run = try await projections.run(id, in: ledger) else {
            throw Problem(.notFound, "The ledger knows no run '\(id)'.")
        }
        return (run.view, run.record.drivers)
    }

    private func events(of id: RunID, after: Int64, limit: Int, in ledger: Ledger) async throws -> Lists.Events {
        let events = try await ledger.events(of: id, after: after, limit: limit).map {
            Lists.Events.Event(position: $0.position, at: $0.event.at, by: $0.event.by, event: $0.event.event)
        }
        // No events: either there are none after that position, or there is no such run, which this then says.
        if events.isEmpty { _ = try await run(id, in: ledger) }
        return Lists.Events(events: events, next: events.last?.position ?? after)
    }

    private func approvals(in ledger: Ledger) async throws -> Lists.Approvals {
        var waiting: [ApprovalView] = []
        for summary in try await ledger.waitingRuns(limit: Self.waitingRuns) {
            waiting += try await run(summary.id, in: ledger).approvals
        }
        return Lists.Approvals(approvals: waiting)
    }

    /// Answers with what `work` makes of the ledger, in time: what reads is done once for all who ask the same at the same time.
    func answer(
        _ call: Call, _ work: @escaping @concurrent @Sendable (Ledger) async throws -> some Encodable & Sendable
    ) async throws -> Response {
        if let late = await late(call, work) { return late.response(to: call.request) }
        return try await respond(call) { ledger in
            guard call.isReading else { return JSON.response(try await work(ledger)) }
            let prepared = try await looks.answer(to: call.request.uri.string) {
                try await Self.inTime { JSON.Prepared(try await work(ledger)) }
            }
            return prepared.response(to: call.request)
        }
    }

    /// What the replica answers; nil where the primary has to.
    ///
    /// What is not what the caller has seen is news, and the primary is asked for it: it may have told them already what the replica has
    /// yet to learn, and nobody gets an older answer after a newer one.
    private func late(
        _ call: Call, _ work: @escaping @concurrent @Sendable (Ledger) async throws -> some Encodable & Sendable
    ) async -> JSON.Prepared? {
        guard let replica, call.mayLag else { return nil }
        let answer = try? await looks.answer(to: "replica \(call.request.uri.string)") {
            try await replica.answer { ledger in
                if call.route.lag == .ofEndedRuns {
                    let summary = try await ledger.summary(of: try call.context.runID())
                    guard summary?.status.isOpen == false else { return nil }
                }
                return JSON.Prepared(try await work(ledger))
            }
        }
        guard let answer, call.route.lag == .timed || answer.isHeld(by: call.request) != false else { return nil }
        return answer
    }

    /// Answers with what `work` begins with the ledger, in time.
    func respond(
        _ call: Call, _ work: @escaping @concurrent @Sendable (Ledger) async throws -> Response
    ) async throws -> Response {
        do {
            let left = replica != nil && call.mayLag ? Self.deadline - Replica.deadline : Self.deadline
            return try await Self.inTime(left) { [source] in try await work(try await source.ledger()) }
        } catch let error as Problem {
            throw error
        } catch {
            // What the store says names hosts and users: for the log, and not for whoever asks.
            call.context.logger.error("the ledger has no answer", error: error)
            throw Self.problem(error)
        }
    }

    private static func inTime<Answer: Sendable>(
        _ limit: Duration = deadline, _ work: @escaping @concurrent @Sendable () async throws -> Answer
    ) async throws -> Answer {
        let outcome = await within(limit) { () -> Result<Answer, any Error> in
            do { return .success(try await work()) } catch { return .failure(error) }
        }
        guard let outcome else { throw Problem(.serviceUnavailable, "The ledger did not answer in time.", retryAfter: 2) }
        return try outcome.get()
    }

    private static func problem(_ error: any Error) -> Problem {
        if case LedgerError.unreadable(let journal, let position, _) = error {
            return Problem(
                .internalServerError, "Entry \(position) of \(journal) cannot be read: it is damaged, or of a newer shipit.")
        }
        return Problem(.serviceUnavailable, "The ledger does not answer now; the log says why.", retryAfter: 2)
    }
}
