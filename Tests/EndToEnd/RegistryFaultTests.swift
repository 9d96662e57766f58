import Foundation
import Processes
import Shops
import Testing

/// What the registry does to us, and how a deployment takes it.
@Suite struct RegistryFaultTests {
    /// A fault of the registry's front, for our own requests for one shop's manifests.
    ///
    /// - Parameters:
    ///   - method: of the requests it spoils.
    ///   - reference: the tag or digest, a regular expression.
    ///   - times: how many requests it spoils.
    private func spoil(
        _ shop: Shop, _ fault: String, method: String = "GET", of reference: String = "", times: Int
    ) async throws {
        let registry = try World.variable("SHIPIT_E2E_REGISTRY")
        let body = """
            [{"path": "^/v2/\(shop.name)/[a-z]+/manifests/\(reference)", "method": "\(method)", "fault": "\(fault)", "times": \(times)}]
            """
        try await World.run("curl", ["--silent", "--fail", "--data-binary", body, "http://\(registry)/_faults"])
    }

    @Test(arguments: [
        ("unauthorized", "401"), ("denied", "403"), ("rate-limited", "429"), ("unavailable", "503"),
        ("wrong-digest", "digest"), ("truncated", "before the answer was complete"),
    ])
    func `a fault that stays ends the deployment with a clear word`(fault: String, word: String) async throws {
        try await Shop.with { shop in
            if fault == "wrong-digest" || fault == "truncated" {
                #expect(
                    try await shop.shipit("run", "release", "--to", "build-api").code == 0, "there must be something to spoil")
                try shop.forget()
            }
            try await spoil(shop, fault, times: 200)
            let answer = try await shop.shipit("deploy", "staging")
            #expect(answer.code == 1, "\(answer.all)")
            #expect(answer.text.contains("failed at build-api"), "\(answer.all)")
            #expect(answer.text.lowercased().contains(word), "\(answer.all)")
            #expect(answer.text.contains(shop.name), "it names the image: \(answer.all)")
            let password = try World.variable("SHIPIT_E2E_REGISTRY_PASSWORD")
            #expect(!answer.all.contains(password))
            #expect(await shop.page(shop.stagingPort) == nil, "nothing was deployed")
        }
    }

    @Test func `faults that pass are outlived, and told while they last`() async throws {
        try await Shop.with { shop in
            try await spoil(shop, "rate-limited", times: 2)
            try await spoil(shop, "unavailable", times: 2)
            try await spoil(shop, "truncated", times: 1)
            let answer = try await shop.shipit("deploy", "staging")
            #expect(answer.code == 0, "\(answer.all)")
            #expect(await shop.page(shop.stagingPort)?.contains("web one") == true)
            #expect(answer.text.contains("answered HTTP 429. Asking again within "), "who waits sees for what: \(answer.text)")
            let registry = try World.variable("SHIPIT_E2E_REGISTRY")
            let seen = try await World.run("curl", ["--silent", "--fail", "http://\(registry)/_requests?path=/\(shop.name)/"])
            #expect(seen.contains("\"status\": 429") && seen.contains("\"status\": 503"), "the faults were met: \(seen)")
        }
    }

    @Test(arguments: ["GET", "PUT"]) func `a registry that goes away before latest is moved leaves it for the next attempt`(
        method: String
    ) async throws {
        try await Shop.with { shop in
            // As often as a request is sent.
            try await spoil(shop, "unavailable", method: method, of: "latest$", times: 5)
            let first = try await shop.shipit("run", "release", "--to", "build-api")
            #expect(first.code == 1 && first.text.contains("503"), "what passes is a failure: \(first.all)")
            let second = try await shop.shipit("retry", run(in: first.text))
            #expect(second.code == 0 && second.text.contains("latest moved to"), "\(second.all)")
            #expect(second.text.contains("is there already"), "the image is not pushed again: \(second.all)")
        }
    }

    @Test func `a registry that refuses latest keeps nothing from going on`() async throws {
        try await Shop.with { shop in
            try await spoil(shop, "denied", method: "PUT", of: "latest$", times: 200)
            let answer = try await shop.shipit("run", "release", "--to", "build-api")
            #expect(answer.code == 0 && answer.text.contains("latest stays: "), "\(answer.all)")
        }
    }

    @Test func `a registry that is down is said to be down`() async throws {
        try await Shop.with { shop in
            try shop.edit("pipelines/project.yml") { text in
                text.replacing(#/registry: \S+/#, with: "registry: localhost:1/\(shop.name)")
            }
            try await shop.commit("no registry")
            let answer = try await shop.shipit("deploy", "staging")
            #expect(answer.code == 1, "\(answer.all)")
            #expect(answer.text.contains("localhost:1") && answer.text.lowercased().contains("connect"), "\(answer.all)")
        }
    }

    @Test func `docker that is not installed is named`() async throws {
        try await Shop.with { shop in
            let answer = try await shop.shipit("deploy", "staging", adding: ["PATH": shop.folder])
            #expect(answer.code == 1, "\(answer.all)")
            #expect(answer.text.contains("docker, or correct PATH"), "\(answer.all)")
        }
    }
}
