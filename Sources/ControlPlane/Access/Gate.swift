import HTTPTypes
import Hummingbird
import Logging
import Postgres
import Serving

/// What every request passes on its way to a route: who may, as the route's line in the table says, and the record of accesses.
struct Gate: Sendable {
    /// How long a caller may take to send a body.
    private static let bodyDeadline = Duration.seconds(10)

    let settings: AccessSettings
    /// Nil without a database of the service's own: then nobody has a token.
    let tokens: Tokens?
    let accesses: Accesses?
    private let answers: Answers?
    private let rates: Rates
    private let sieve: TokenSieve?
    /// Whether answers may come from a replica of the ledger.
    private let hasReplica: Bool

    init(_ settings: AccessSettings, database: Database?, hasReplica: Bool) {
        self.settings = settings
        self.hasReplica = hasReplica
        rates = Rates(perSecond: settings.rate)
        tokens = database.map { Tokens(database: $0) }
        sieve = tokens.map { TokenSieve($0, project: settings.project) }
        answers = database.map { Answers(database: $0) }
        accesses = database.map { Accesses(database: $0, project: settings.project) }
    }

    /// Lets a request through to `work`, or throws why not.
    func pass(
        _ request: Request, _ context: ServiceContext, to route: Route,
        _ work: @concurrent (Call) async throws -> Response
    ) async throws -> Response {
        let (caller, hasChanged): (Caller, Bool)
        do { (caller, hasChanged) = try await identify(request, context, for: route) } catch is Spent {
            throw Self.tooMany
        } catch {
            // Whoever guesses tokens pays with the address; a good token has requests of its own.
            let isLate = !rates.take(context.address) && error is Problem
            throw await refused(isLate ? Self.tooMany : error, request, context, .anyone)
        }
        if route.isBounded, !rates.take(caller.token?.id ?? context.address) {
            throw await refused(Self.tooMany, request, context, caller)
        }
        guard route.access.admits(caller, readingIsOpen: settings.readingIsOpen) else {
            throw await refused(Self.forbidden(caller, route), request, context, caller)
        }
        var call = Call(request: request, context: context, route: route, caller: caller, hasChanged: hasChanged)
        if let limit = route.body {
            call.body = try await request.content(route.text.takes, upTo: limit, within: Self.bodyDeadline)
        }
        guard route.isRecorded(call) else {
            do { return try await work(call) } catch let problem as Problem where problem.status == .forbidden && route.isChange {
                throw await refused(problem, request, context, caller)
            }
        }
        return try await recorded(call, route, work)
    }

    /// A token that has no requests left.
    private struct Spent: Error {}

    private static let tooMany = Problem(
        .tooManyRequests, "These are more requests than one caller may send: wait a second.", retryAfter: 1)

    /// Who asks: nobody in particular where nobody needs to be, the owner of a good token otherwise; and whether they have changed
    /// something lately, where that matters.
    private func identify(
        _ request: Request, _ context: ServiceContext, for route: Route
    ) async throws -> (Caller, hasChanged: Bool) {
        if case .everyone = route.access { return (.anyone, false) }
        guard let header = request.headers[.authorization] else {
            if case .readers = route.access, settings.readingIsOpen { return (.anyone, false) }
            throw Problem.unauthorized("This needs a token: send it as 'Authorization: Bearer shipit_…'.")
        }
        let words = header.split(separator: " ", maxSplits: 1)
        guard let tokens, words.first?.lowercased() == "bearer", let text = words.last.flatMap({ TokenText($0) }) else {
            throw Problem.unauthorized(TokensFaults.unknown, isInvalid: true)
        }
        if rates.isSpent(text.id) { throw Spent() }
        do {
            // From there come bad ones, and none of them is worth a question of its own.
            if let sieve, !rates.has(context.address), try await !sieve.passes(text) { throw Tokens.Fault.unknown }
            let found = try await tokens.check(
                text, in: settings.project, andChanges: hasReplica && route.lag.admits(request))
            return (.owner(found.token), found.hasChanged)
        } catch let fault as Tokens.Fault {
            switch fault {
            case .unknown: throw Problem.unauthorized(TokensFaults.unknown, isInvalid: true)
            case .expired:
                throw Problem.unauthorized("This token has expired: an admin can make a new one.", isInvalid: true)
            case .revoked: throw Problem.unauthorized("This token was revoked: an admin can make a new one.", isInvalid: true)
            case .foreign:
                throw Problem(.forbidden, "This token is for another project than '\(settings.project)', which is served here.")
            }
        }
    }

    private static func forbidden(_ caller: Caller, _ route: Route) -> Problem {
        let roles = route.access.roles.map(\.rawValue).joined(separator: ", ")
        let own = caller.token?.role.rawValue ?? "none"
        return Problem(.forbidden, "Your token's role is \(own); this may be done by: \(roles).")
    }

    /// Writes a refusal down, and gives what to answer.
    private func refused(
        _ error: any Error, _ request: Request, _ context: ServiceContext, _ caller: Caller
    ) async -> any Error {
        guard let problem = error as? Problem else { return context.unavailable(error) }
        // A flood leaves one line a minute.
        if problem.status == .tooManyRequests, !rates.notes(caller.token?.id ?? context.address) { return problem }
        do throws(PostgresError) {
            _ = try await accesses?.begin(
                request.method.rawValue, request.uri.path, caller, status: problem.status.code, context: context)
        } catch {
            // It stays refused whether or not it can be written down.
            context.logger.error("a refused access could not be recorded", error: error)
        }
        return problem
    }

    /// Does what changes something between two entries: nothing is changed that no entry speaks of.
    private func recorded(
        _ call: Call, _ route: Route, _ work: @concurrent (Call) async throws -> Response
    ) async throws -> Response {
        guard let accesses, let answers else { throw Problem.noDatabase }
        let entry: Int64?
        do throws(PostgresError) {
            entry = try await accesses.begin(
                call.request.method.rawValue, route.recordedPath(call), call.caller, status: nil, context: call.context)
        } catch { throw call.context.unavailable(error) }
        let outcome: Result<Response, any Error>
        do {
            outcome = .success(route.keepsAnswers ? try await answers.once(call, work) : try await work(call))
        } catch { outcome = .failure(error) }
        let status =
            switch outcome {
            case .success(let response): response.status.code
            case .failure(let error): (error as? Problem)?.status.code ?? HTTPResponse.Status.internalServerError.code
            }
        if let entry {
            // In a task of its own: what was done is to be told also when the service is stopping.
            await Task {
                do throws(PostgresError) { try await accesses.end(entry, status: status) } catch {
                    call.context.logger.error("the end of an access could not be recorded", error: error)
                }
            }.value
        }
        return try outcome.get()
    }
}

/// What a caller with a token that opens nothing is told; the same whether the id or the secret is wrong.
private enum TokensFaults {
    static let unknown = "This is no token that is known here."
}

extension Problem {
    /// A service that has no database of its own can keep neither tokens nor records.
    static let noDatabase = Problem(.serviceUnavailable, "This service has no database of its own: set DATABASE_URL.")

    /// RFC 6750, section 3.
    static func unauthorized(_ detail: String, isInvalid: Bool = false) -> Problem {
        let challenge = "Bearer realm=\"shipit\"" + (isInvalid ? ", error=\"invalid_token\"" : "")
        return Problem(.unauthorized, detail, headers: [.wwwAuthenticate: challenge])
    }
}

extension ServiceContext {
    /// Logs why the service's own database has no answer, and gives what to say of it.
    func unavailable(_ error: any Error) -> Problem {
        logger.error("the service's database has no answer", error: error)
        let isUnmigrated = (error as? PostgresError)?.isUnmigrated == true
        return Problem(
            .serviceUnavailable,
            isUnmigrated
                ? "The service's database is not migrated yet: apply this release's migrations."
                : "The service's database does not answer now; the log says why.", retryAfter: 2)
    }
}
