import FoundationEssentials
import HTTP
import JWTKit

/// Who a workflow is, as GitHub signed it.
struct WorkflowIdentity: JWTPayload {
    let iss: IssuerClaim
    let aud: AudienceClaim
    let sub: SubjectClaim
    let exp: ExpirationClaim
    let nbf: NotBeforeClaim?
    /// The login of the person or the app that set the workflow off.
    let actor: String
    let repository: String
    let run: String

    private enum CodingKeys: String, CodingKey {
        case iss, aud, sub, exp, nbf, actor, repository
        case run = "run_id"
    }

    /// What holds whoever trusts it; the signature is checked before.
    func verify(using algorithm: some JWTAlgorithm) async throws {
        try exp.verifyNotExpired()
        try nbf?.verifyNotBefore()
    }
}

/// Tells good identities from others, by the keys that the issuer publishes.
actor WorkflowIdentities {
    /// Why an identity is none that is trusted.
    enum Fault: Error {
        /// Not signed by the issuer for this service, or not now.
        case unknown
        /// Good, and of a workflow that is not trusted.
        case foreign(subject: String)
        /// The issuer's keys cannot be had; the text says why.
        case keysAway(String)
    }

    private struct Discovery: Decodable {
        let jwks_uri: String
    }

    /// How long keys are taken for the issuer's, and how soon they are asked for again at the earliest, since a new one may sign.
    private static let (life, pause) = (Duration.seconds(3600), Duration.seconds(30))
    private static let deadline = Duration.seconds(5)

    private let trust: WorkflowTrust
    private let client: HTTPClient
    private var keys: (collection: JWTKeyCollection, names: Set<String>, asked: ContinuousClock.Instant)?
    /// All who come at a time ask once.
    private var asking: Task<(JWTKeyCollection, Set<String>), any Error>?

    init(_ trust: WorkflowTrust, client: HTTPClient = HTTPClient(userAgent: "shipit-api")) {
        self.trust = trust
        self.client = client
    }

    /// The identity in `text`, a JSON Web Token (RFC 7519), if it is one that is trusted.
    func check(_ text: String) async throws(Fault) -> WorkflowIdentity {
        let unproven = try? DefaultJWTParser().parse(Array(text.utf8), as: WorkflowIdentity.self)
        guard let name = unproven?.header.kid else { throw .unknown }
        let collection = try await keys(with: name)
        guard let identity = try? await collection.verify(text, as: WorkflowIdentity.self), identity.iss.value == trust.issuer,
            identity.aud.value.contains(trust.audience)
        else { throw .unknown }
        guard trust.admits(identity.sub.value) else { throw .foreign(subject: identity.sub.value) }
        return identity
    }

    /// The issuer's keys, asked for anew when they are old or lack this one.
    private func keys(with name: String) async throws(Fault) -> JWTKeyCollection {
        if let keys {
            let age = ContinuousClock.now - keys.asked
            guard age > (keys.names.contains(name) ? Self.life : Self.pause) else {
                // A name that is not theirs would be tried with any of them.
                guard keys.names.contains(name) else { throw .unknown }
                return keys.collection
            }
        }
        do {
            let task = asking ?? Task { [client, trust] in try await Self.published(by: trust.issuer, client) }
            asking = task
            defer { asking = nil }
            let (collection, names) = try await task.value
            keys = (collection, names, .now)
            guard names.contains(name) else { throw Fault.unknown }
            return collection
        } catch let fault as Fault {
            throw fault
        } catch {
            // What was good an hour ago is better than nobody being let in while the issuer is away.
            if let keys, keys.names.contains(name) { return keys.collection }
            throw .keysAway("\(error)")
        }
    }

    /// OpenID Connect Discovery 1.0, section 4.
    private static func published(
        by issuer: String, _ client: HTTPClient
    ) async throws -> (JWTKeyCollection, Set<String>) {
        func get(_ url: String) async throws -> Data {
            let response = try await client.send(HTTPRequest(url: url, deadline: deadline))
            guard response.status == 200 else { throw Fault.keysAway("\(url) answered \(response.status).") }
            return Data(response.body)
        }
        let found = try await JSONDecoder().decode(Discovery.self, from: get("\(issuer)/.well-known/openid-configuration"))
        let address = try HTTPAddress(found.jwks_uri)
        guard address.keepsSecrets else {
            throw Fault.keysAway("\(issuer) names \(address.summary) for its keys, which is not https.")
        }
        let set = try await JSONDecoder().decode(JWKS.self, from: get(found.jwks_uri))
        let collection = JWTKeyCollection()
        var names: Set<String> = []
        for key in set.keys {
            guard let name = key.keyIdentifier?.string, (try? await collection.add(jwk: key)) != nil else { continue }
            names.insert(name)
        }
        return (collection, names)
    }
}
