import Hummingbird
import Serving

/// Where routes are added: the gate stands before each, and nothing is added that is not in the table.
struct Routes {
    let router: Router<ServiceContext>
    let gate: Gate

    /// Answers `route` by `work`.
    func on(_ route: Route, _ work: @escaping @concurrent @Sendable (Call) async throws -> Response) {
        precondition(Route.all.contains(route), "\(route.method) \(route.path) is not in the table of routes")
        router.on(RouterPath(route.path), method: route.method) { [gate] request, context in
            try await gate.pass(request, context, to: route, work)
        }
    }
}
