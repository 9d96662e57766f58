import FoundationEssentials
import HTTPTypes
import Pipeline
import Records
import Serving

/// What the API works out of the ledger: comparisons, the way back, figures; whose ledger it is, and who asks.
struct InsightRoutes: Sendable {
    /// The caller as the page shows them; nil where anyone may read and nobody said who they are.
    private struct Identity: Encodable {
        let name: String?
        let role: Role?
        let project: String
        /// When the token ends, in milliseconds since 1970.
        let expires: Int64?
        /// What the role lets them decide: `approve`, `cancel`, `hold`.
        let may: [String]
        /// Which roles may decide it.
        let roles: [String: [Role]]
    }

    let views: LedgerRoutes
    let project: String
    private let deliveries = Deliveries()

    /// Answers from what `views` reads, for `project`.
    init(views: LedgerRoutes, project: String) {
        self.views = views
        self.project = project
    }

    func add(to routes: Routes) {
        routes.on(.comparison) { call in
            let name = try call.context.environmentName()
            let (from, to, run) = (try call.request.id("from"), try call.request.id("to"), try call.request.id("run"))
            return try await views.answer(call) { ledger in
                let record = try await views.environment(name, in: ledger).record
                return try await comparison(in: record, from: from, to: to, run: run, ledger)
            }
        }
        routes.on(.rollback) { call in
            let (name, wanted) = (try call.context.environmentName(), try call.request.id("to"))
            return try await views.answer(call) { ledger in
                try await ledger.rollbackView(of: try await views.environment(name, in: ledger).record, to: wanted)
            }
        }
        routes.on(.figures) { call in
            let (name, days) = (try call.request.environment(), try call.request.days())
            let until = Int64(Date.now.timeIntervalSince1970 * 1000)
            return try await views.answer(call) { ledger in
                _ = try await views.environment(name, in: ledger)
                return try await deliveries.figures(of: name, days: days, until: until, in: ledger)
            }
        }
        routes.on(.projects) { call in
            try await views.answer(call) { [project] ledger in
                Lists.Projects(projects: [
                    .init(
                        name: project, environments: try await ledger.environments(),
                        newestRun: try await ledger.runs(limit: 1).first?.id)
                ])
            }
        }
        routes.on(.whoami) { call in
            let token = call.caller.token
            let decisions = [("approve", Route.decide), ("cancel", .cancel), ("hold", .hold)]
            let roles = Dictionary(uniqueKeysWithValues: decisions.map { ($0, $1.access.roles) })
            let may = decisions.map(\.0).filter { name in token.map { roles[name]?.contains($0.role) == true } ?? false }
            return JSON.response(
                Identity(
                    name: token?.name, role: token?.role, project: project, expires: token?.expires, may: may, roles: roles))
        }
    }

    private func comparison(
        in record: EnvironmentRecord, from: ReleaseID?, to: ReleaseID?, run: RunID?, _ ledger: Ledger
    ) async throws -> ReleaseComparison {
        if let run {
            _ = try await views.run(run, in: ledger)
            guard let found = try await ledger.comparison(withWaitingIn: run, in: record) else {
                throw Problem(.notFound, "Nothing in the run '\(run)' waits for approval to change '\(record.name)'.")
            }
            return found
        }
        guard let from, let to else { throw Problem(.badRequest, "Name two releases by 'from' and 'to', or a 'run' that waits.") }
        guard let found = try await ledger.comparison(of: from, and: to, in: record) else {
            throw Problem(.notFound, "'\(from)' and '\(to)' are not both releases of '\(record.name)'.")
        }
        return found
    }
}
