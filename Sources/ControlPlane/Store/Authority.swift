import HTTPTypes
import Journal
import Pipeline
import Records
import RemoteStores
import Serving

/// What the owner of a token may write into journals: no more than the other routes let their role do.
///
/// | what | who |
/// |---|---|
/// | `approved`, `rejected` | who may decide: ``Route/decide`` |
/// | `held`, `unheld` | who may stop deploys: ``Route/hold``; so they alone can begin a rollback, which sets a hold |
/// | `pruned`, and journals that go | admins |
/// | `released`, where an approval is demanded | what was approved in its run; who may stop deploys, anything: ``Consent`` |
/// | leases of others that are given up | on-call and admins |
/// | all else that a run or an environment records | every role: it is what a driving shipit writes |
///
/// Everything carries the name of its writer, but for what admins bring in, who move whole ledgers.
struct Authority {
    private let token: Token

    /// What the owner of `token` may.
    init(_ token: Token) {
        self.token = token
    }

    /// An event of a run; `approves` says whether a stage is an approval.
    func check(_ event: Stamped<RunEvent>, approves: (StageName) -> Bool) throws(Problem) {
        try checkName(event.by)
        switch event.event {
        case .approved, .rejected: try check(Route.decide, .decide)
        case .succeeded(let stage, _, _, _, _) where approves(stage):
            throw Problem(.forbidden, "The approval '\(stage)' can only be approved by somebody, and does not succeed by itself.")
        default: break
        }
    }

    /// An event of an environment.
    func check(_ event: Stamped<EnvironmentEvent>) throws(Problem) {
        try checkName(event.by)
        switch event.event {
        case .held(let hold):
            try check(Route.hold, .hold)
            try checkName(hold.by)
        case .unheld(let person, _):
            try check(Route.hold, .unhold)
            try checkName(person)
        case .released, .verified, .refuted, .sighted: break
        }
    }

    /// An event of the ledger's own journal.
    func check(_ event: Stamped<LedgerEvent>) throws(Problem) {
        try check([.admin], .prune)
    }

    /// Whether they may stop deploys.
    var mayHold: Bool { Route.hold.access.roles.contains(token.role) }

    /// Whoever is said to hold a lease that is taken or kept.
    func check(_ holder: LeaseHolder) throws(Problem) { try checkName(holder.user) }

    /// Whoever is said to hold a lease that is given up: it is freed for others by who may have to, and by nobody else.
    func checkFreeing(_ holder: LeaseHolder) throws(Problem) {
        if holder.user != token.name { try check([.onCall, .admin], .free) }
    }

    private func checkName(_ name: String) throws(Problem) {
        guard name == token.name || token.role == .admin else {
            throw Problem(.forbidden, "Your token is for \(token.name), and this is in the name of somebody else.")
        }
    }

    private func check(_ route: Route, _ deed: RoleLack.Deed) throws(Problem) { try check(route.access.roles, deed) }

    private func check(_ roles: [Role], _ deed: RoleLack.Deed) throws(Problem) {
        guard let lack = RoleLack(token.role.rawValue, to: deed, of: roles.map(\.rawValue)) else { return }
        throw Problem(.forbidden, lack.sentences)
    }
}
