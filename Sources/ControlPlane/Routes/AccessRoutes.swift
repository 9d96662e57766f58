import CanonicalJSON
import HTTPTypes
import Hummingbird
import Logging
import Pipeline
import Postgres
import Serving

/// Tokens and the record of accesses, for admins.
struct AccessRoutes: Sendable {
    private struct NewToken: Decodable {
        let name: String
        let role: String
        let expires: String?

        private enum CodingKeys: CodingKey {
            case name, role, expires
        }

        init(from decoder: any Decoder) throws {
            let fields = try decoder.container(keyedBy: CodingKeys.self)
            name = try fields.decode(String.self, forKey: .name)
            role = try fields.decode(String.self, forKey: .role)
            expires = try fields.decodeUnlessMissing(String.self, forKey: .expires)
        }
    }

    /// A token with its text, which is told once.
    private struct CreatedToken: Encodable {
        let token: Token
        let text: String
    }

    private struct WorkflowToken: Decodable {
        let token: String
    }

    private let database: Database?
    private let project: String
    private let workflows: WorkflowIdentities?
    private let workflowLife: TimeSpan

    init(database: Database?, access: AccessSettings, workflowLife: TimeSpan) {
        self.database = database
        self.workflowLife = workflowLife
        project = access.project
        workflows = access.workflows.map { WorkflowIdentities($0) }
    }

    func add(to routes: Routes) {
        routes.on(.tokens) { call in
            let (limit, before) = (try call.request.limit(default: 50), try call.request.beforeToken())
            let hasAll = try call.request.truth("all")
            return try await answer(call) { database in
                let (tokens, next) = try await Tokens(database: database).list(
                    of: project, all: hasAll, limit: limit, before: before)
                return Lists.Tokens(tokens: tokens, next: next)
            }
        }
        routes.on(.createToken) { call in
            let wanted = try Self.wanted(call.body)
            var response = try await answer(call) { database in
                let (token, text) = try await Tokens(database: database).create(
                    wanted.name, wanted.role, in: project, for: wanted.life, by: call.actor)
                return CreatedToken(token: token, text: text.text)
            }
            response.status = .created
            return response
        }
        routes.on(.exchangeIdentity) { call in
            let identity = try await identity(call)
            guard let wanted = try? TokenRequest(name: identity.actor, role: Role.ci.rawValue, expires: nil) else {
                throw Problem.unauthorized("The actor of this workflow has no name that can be recorded.", isInvalid: true)
            }
            var response = try await answer(call) { database in
                let (token, text) = try await Tokens(database: database).create(
                    wanted.name, wanted.role, in: project, for: workflowLife,
                    by: Tokens.maker(repository: identity.repository, run: identity.run))
                return CreatedToken(token: token, text: text.text)
            }
            response.status = .created
            return response
        }
        routes.on(.revokeToken) { call in
            let id = call.context.parameters.get("token") ?? ""
            guard TokenText.isID(id) else { throw Problem(.badRequest, "The id of a token is 13 of a-z and 2-7.") }
            return try await answer(call) { database in
                guard let token = try await Tokens(database: database).revoke(id, of: project) else {
                    throw Problem(.notFound, "There is no token '\(id)' of this project.")
                }
                return token
            }
        }
        routes.on(.accesses) { call in
            let (limit, before) = (try call.request.limit(default: 50), try call.request.beforeNumber())
            return try await answer(call) { database in
                let found = try await Accesses(database: database, project: project)
                    .newest(limit + 1, before: before).page(limit)
                return Lists.Accesses(accesses: Array(found.page), next: found.hasMore ? found.page.last?.id : nil)
            }
        }
    }

    private static func wanted(_ body: [UInt8]) throws(Problem) -> TokenRequest {
        guard let wanted = try? Canonical.decode(NewToken.self, from: body) else {
            throw Problem(.badRequest, "A token is asked for with {\"name\": …, \"role\": …, \"expires\": \"90d\"}.")
        }
        do throws(SettingsError) {
            return try TokenRequest(name: wanted.name, role: wanted.role, expires: wanted.expires)
        } catch {
            throw Problem(.badRequest, error.description)
        }
    }

    /// The workflow that sent what GitHub signed for it.
    private func identity(_ call: Call) async throws(Problem) -> WorkflowIdentity {
        guard let text = try? Canonical.decode(WorkflowToken.self, from: call.body).token else {
            throw Problem(.badRequest, "An identity is exchanged with {\"token\": …}.")
        }
        guard let workflows else {
            throw Problem(.forbidden, "No workflow is trusted here: the service's API_GITHUB_SUBJECTS says which are.")
        }
        do throws(WorkflowIdentities.Fault) { return try await workflows.check(text) } catch {
            switch error {
            case .unknown:
                throw Problem.unauthorized(
                    "This is no identity that GitHub signed for this service, or not any more: it must be for the audience that API_GITHUB_AUDIENCE names.",
                    isInvalid: true)
            case .foreign(let subject):
                throw Problem(.forbidden, "The workflow '\(subject)' is not trusted here: API_GITHUB_SUBJECTS says which are.")
            case .keysAway(let why):
                call.context.logger.error("the issuer's keys cannot be had: \(why)", error: error)
                throw Problem(
                    .serviceUnavailable, "GitHub's keys cannot be had now; the service's log says why.", retryAfter: 5)
            }
        }
    }

    private func answer(_ call: Call, _ work: (Database) async throws -> some Encodable) async throws -> Response {
        guard let database else { throw Problem.noDatabase }
        do { return call.answer(try await work(database)) } catch let error as PostgresError {
            throw call.context.unavailable(error)
        }
    }
}
