import CanonicalJSON
import Foundation
import HTTP
import LedgerAPI
import Services
import Serving
import Testing

@testable import ControlPlane

/// Workflows that come with what GitHub signed for them.
struct `A workflow of GitHub Actions` {
    /// What the issuer signs for a workflow that is trusted, with `changes`.
    private func claims(_ issuer: GitHubIssuer, _ changes: [String: Any] = [:]) -> [String: Any] {
        let now = Int(Date.now.timeIntervalSince1970)
        let claims: [String: Any] = [
            "iss": issuer.url, "aud": "https://shipit.example.com", "sub": "repo:acme/shop:ref:refs/heads/main", "exp": now + 300,
            "nbf": now - 5, "actor": "octocat", "repository": "acme/shop", "run_id": "77",
        ]
        return claims.merging(changes) { $1 }
    }

    private func withTrust(_ body: (FullAPI, GitHubIssuer) async throws -> Void) async throws {
        let issuer = try await GitHubIssuer()
        let trust = WorkflowTrust(
            issuer: issuer.url, audience: "https://shipit.example.com",
            subjects: ["repo:acme/shop:ref:refs/heads/main", "repo:acme/tools:*"])
        try await withFullAPI(access: AccessSettings(workflows: trust)) { try await body($0, issuer) }
    }

    private func exchange(_ identity: String, _ api: FullAPI) async throws -> HTTPResponse {
        try await api.send("POST", "/api/identities/github", #"{"token": "\#(identity)"}"#)
    }

    @Test func `exchanges its identity for a token of an hour, whose role is ci`() async throws {
        try await withTrust { api, issuer in
            let answer = try await exchange(try await issuer.post("/sign", claims(issuer)), api)
            #expect(answer.status == 201)
            let token = try #require(answer.object["text"]?.text)
            let who = try await api.send("GET", "/api/whoami", token: token).object
            #expect(who["name"] == .text("octocat"))
            #expect(who["role"] == .text("ci"))
            guard case .number(let created)? = answer.object["token"]?["created"],
                case .number(let expires)? = answer.object["token"]?["expires"]
            else { throw CocoaError(.coderValueNotFound) }
            #expect(expires - created == 3_600_000)
            #expect(try await api.send("GET", "/api/tokens", token: token).status == 403)
            let admin = try await api.token(.admin)
            let accesses = try await api.send("GET", "/api/accesses", token: admin).object["accesses"]?.items ?? []
            #expect(accesses.contains { $0["path"] == .text("/api/identities/github") && $0["status"] == .number(201) })
            let listed = try await api.send("GET", "/api/tokens", token: admin).object["tokens"]?.items ?? []
            #expect(listed.contains { $0["by"] == .text("github acme/shop run 77") })
        }
    }

    @Test func `is trusted by what its subject begins with only where that ends with a star`() async throws {
        try await withTrust { api, issuer in
            for (subject, status) in [
                ("repo:acme/tools:environment:production", 201), ("repo:acme/tools:ref:refs/heads/x", 201),
                ("repo:acme/shop:ref:refs/heads/main2", 403), ("repo:acme/shop:pull_request", 403),
                ("repo:acme/tools2:ref:refs/heads/main", 403), ("repo:evil/shop:ref:refs/heads/main", 403),
            ] {
                let answer = try await exchange(try await issuer.post("/sign", claims(issuer, ["sub": subject])), api)
                #expect(answer.status == status, "\(subject)")
            }
        }
    }

    @Test func `gets nothing for what is not signed for this service, by its issuer, now`() async throws {
        try await withTrust { api, issuer in
            let now = Int(Date.now.timeIntervalSince1970)
            var wrong = [
                try await issuer.post("/sign", claims(issuer, ["aud": "https://other.example.com"])),
                try await issuer.post("/sign", claims(issuer, ["iss": "https://other.example.com"])),
                try await issuer.post("/sign", claims(issuer, ["exp": now - 1])),
                try await issuer.post("/sign", claims(issuer, ["nbf": now + 300])),
                try await issuer.post("/sign?by=0", claims(issuer)),
                try await issuer.post("/sign?algorithm=none", claims(issuer)),
                try await issuer.post("/sign", claims(issuer, ["actor": ""])),
                "", "a.b.c", "....", try await api.token(.admin),
            ]
            // Another's words under a good signature.
            let good = try await issuer.post("/sign", claims(issuer)).split(separator: ".")
            let other = try await issuer.post("/sign", claims(issuer, ["actor": "mallory"])).split(separator: ".")
            wrong.append("\(good[0]).\(other[1]).\(good[2])")
            for identity in wrong {
                let answer = try await exchange(identity, api)
                #expect(answer.status == 401, "\(identity)")
                #expect(answer.headers.first("WWW-Authenticate")?.contains("invalid_token") == true)
            }
            #expect(try await api.send("POST", "/api/identities/github", "{}").status == 400)
            let admin = try await api.token(.admin)
            let accesses = try await api.send("GET", "/api/accesses", token: admin).object["accesses"]?.items ?? []
            #expect(accesses.filter { $0["status"] == .number(401) }.count == wrong.count)
        }
    }

    @Test func `is known by keys that are asked for once, and goes on being known while the issuer is away`() async throws {
        try await withTrust { api, issuer in
            let first = try await issuer.post("/sign", claims(issuer))
            let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<10 { group.addTask { try await exchange(first, api).status } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(statuses == Array(repeating: 201, count: 10))
            #expect(try await issuer.count() == 1)
            // A name that nobody published makes nobody ask again at once.
            #expect(try await exchange(try await issuer.post("/sign?by=0", claims(issuer)), api).status == 401)
            #expect(try await issuer.count() == 1)
            try await issuer.post("/fail")
            #expect(try await exchange(first, api).status == 201)
        }
    }

    @Test func `is told that the issuer's keys cannot be had`() async throws {
        try await withTrust { api, issuer in
            let identity = try await issuer.post("/sign", claims(issuer))
            try await issuer.post("/fail")
            let answer = try await exchange(identity, api)
            #expect(answer.status == 503)
            #expect(answer.headers.first("Retry-After") != nil)
        }
    }

    @Test func `is told that none is trusted where none is`() async throws {
        try await withFullAPI { api in
            let answer = try await exchange("a.b.c", api)
            #expect(answer.status == 403)
            #expect(answer.object["detail"]?.text?.contains("API_GITHUB_SUBJECTS") == true)
        }
    }

    @Test func `is trusted as the variables say, which are checked`() throws {
        let good = ["API_GITHUB_SUBJECTS": "repo:a/b:* repo:a/c:environment:prod", "API_GITHUB_AUDIENCE": "https://x"]
        let trust = try #require(try WorkflowTrust(environment: good))
        #expect(trust.issuer == "https://token.actions.githubusercontent.com")
        #expect(trust.subjects == ["repo:a/b:*", "repo:a/c:environment:prod"])
        #expect(try WorkflowTrust(environment: ["API_GITHUB_AUDIENCE": "https://x"]) == nil)
        for (name, value) in [
            ("API_GITHUB_SUBJECTS", "*"), ("API_GITHUB_SUBJECTS", "repo:*"), ("API_GITHUB_SUBJECTS", "repo:a/*"),
            ("API_GITHUB_SUBJECTS", "repo:a/b"), ("API_GITHUB_SUBJECTS", "repo:a/b:*:x"), ("API_GITHUB_AUDIENCE", ""),
            ("API_GITHUB_ISSUER", "http://token.example.com"), ("API_GITHUB_ISSUER", "https://x/"),
        ] {
            let error = #expect(throws: SettingsError.self) {
                _ = try WorkflowTrust(environment: good.merging([name: value]) { $1 })
            }
            #expect(error?.description.contains(name) == true)
        }
    }
}
