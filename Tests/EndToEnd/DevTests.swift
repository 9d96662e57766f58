import Foundation
import Processes
import Shops
import Testing

/// `shipit dev`: the repository's compose file on this machine, built again as its sources change.
@Suite struct DevTests {
    /// Two services, each with a folder of its own.
    private static func with(_ body: (Workshop) async throws -> Void) async throws {
        try await Workshop.with("nothing: {run: [\"true\"]}") { shop in
            for service in ["api", "web"] {
                let folder = "\(shop.folder)/\(service)"
                try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
                try await World.run("cp", ["\(World.repository)/Tests/Fixtures/shop/service/serve.pl", folder])
                try shop.edit("\(service)/Dockerfile") { _ in Self.dockerfile }
                try shop.edit("\(service)/answer.txt") { _ in "\(service) one\n" }
            }
            try shop.edit("web/.dockerignore") { _ in "*.md\n" }
            try shop.edit(".gitignore") { _ in "cache/\n" }
            try shop.edit("compose.yaml") { _ in
                """
                services:
                  api: {build: api, environment: {PORT: "3001"}, stop_grace_period: 1s}
                  web:
                    build: web
                    environment: {PORT: "3000"}
                    stop_grace_period: 1s
                    ports: ["127.0.0.1::3000"]
                    depends_on: [api, once]
                  once: {image: "debian:bookworm-slim", command: ["true"]}

                """
            }
            try await shop.commit("two services")
            let project = String(shop.folder.split(separator: "/").last ?? "")
            try await World.run {
                try await body(shop)
                #expect(try await Self.left(of: project) == "", "containers and networks are gone")
            } andAlways: {
                _ = try? await World.run("docker", ["compose", "down", "--volumes"], in: shop.folder)
                _ = try? await World.run("docker", ["rmi", "\(project)-api", "\(project)-web"])
            }
        }
    }

    private static let dockerfile = """
        FROM debian:bookworm-slim
        COPY serve.pl /serve.pl
        COPY answer.txt /answer.txt
        CMD ["perl", "/serve.pl"]

        """

    private static func left(of project: String) async throws -> String {
        let label = "label=com.docker.compose.project=\(project)"
        return try await World.run("docker", ["ps", "--all", "--quiet", "--filter", label])
            + (try await World.run("docker", ["network", "ls", "--quiet", "--filter", label]))
    }

    /// What the page that was told last answers; nil when it does not.
    private static func page(_ text: String) async -> String? {
        guard let address = text.matches(of: #/127\.0\.0\.1:\d+/#).last?.output else { return nil }
        return try? await World.run("curl", ["--silent", "--fail", "--max-time", "30", "http://\(address)/"])
    }

    private static func api(_ shop: Workshop) async -> String? {
        try? await World.run("docker", ["compose", "ps", "--quiet", "api"], in: shop.folder)
    }

    @Test func `what is changed is built again and alone, what is broken leaves what ran, and an interrupt ends it all`()
        async throws
    {
        try await Self.with { shop in
            let before = Holder()
            let (end, text) = try await shop.shipit(
                "dev",
                steps: [
                    Step(when: "127.0.0.1:") { _, text in
                        #expect(text.contains(#/once +● done/#) && text.contains(#/api +● running/#), "\(text)")
                        #expect(await Self.page(text)?.contains("web one") == true)
                        await before.set(await Self.api(shop))
                        // Neither git nor docker has a use for these.
                        try? shop.edit("web/notes.md") { _ in "ignored" }
                        try? FileManager.default.createDirectory(
                            atPath: "\(shop.folder)/web/cache", withIntermediateDirectories: true)
                        try? shop.edit("web/cache/file") { _ in "ignored" }
                        try? shop.edit("web/answer.txt") { _ in "web two\n" }
                    },
                    Step(when: "serving 'web two'") { _, _ in
                        try? shop.edit("web/Dockerfile") { $0 + "RUN echo out of luck >&2; exit 3\n" }
                    },
                    Step(when: "could not be built: what ran before goes on") { _, text in
                        #expect(text.contains("out of luck"), "\(text)")
                        #expect(await Self.page(text)?.contains("web two") == true)
                        try? shop.edit("web/answer.txt") { _ in "web three\n" }
                        try? shop.edit("web/Dockerfile") { _ in Self.dockerfile }
                    },
                    Step(when: "serving 'web three'") { pid, text in
                        #expect(await Self.api(shop) == before.value, "api was left alone")
                        #expect(!text.contains("changed: web/notes.md") && !text.contains("cache/file"), "\(text)")
                        _ = Glibc.kill(pid, SIGINT)
                    },
                ])
            #expect(end == .exited(0), "\(text)")
            #expect(text.contains("changed: web/answer.txt → web\n"), "\(text)")
            #expect(!FileManager.default.fileExists(atPath: "\(shop.folder)/.shipit"), "no ledger is touched")
        }
    }

    @Test func `a build that fails at first is waited for, and a compose file that changes is followed`() async throws {
        try await Self.with { shop in
            try shop.edit("web/Dockerfile") { _ in "FROM debian:bookworm-slim\nRUN false\n" }
            let (end, text) = try await shop.shipit(
                "dev", "web", "--json",
                steps: [
                    Step(when: #""service":"web","type":"not-built""#) { _, _ in
                        try? shop.edit("web/Dockerfile") { _ in Self.dockerfile }
                    },
                    Step(when: "serving 'web one' on 3000") { _, _ in
                        try? shop.edit("compose.yaml") { $0.replacing("PORT: \"3000\"", with: "PORT: \"3456\"") }
                    },
                    Step(when: "serving 'web one' on 3456") { pid, _ in _ = Glibc.kill(pid, SIGTERM) },
                ])
            #expect(end == .exited(0), "\(text)")
            #expect(text.contains(#""files":["compose.yaml"]"#), "\(text)")
        }
    }

    @Test func `a compose file that is included is followed as the one that includes it`() async throws {
        try await Self.with { shop in
            try shop.edit("compose.yaml") { "include:\n  - path: parts/web.yaml\n    project_directory: .\n" + $0 }
            try FileManager.default.createDirectory(atPath: "\(shop.folder)/parts", withIntermediateDirectories: true)
            try shop.edit("parts/web.yaml") { _ in
                """
                services:
                  more: {image: "debian:bookworm-slim", command: [sh, -c, "echo more one; exec sleep 300"], stop_signal: SIGKILL}

                """
            }
            let (end, text) = try await shop.shipit(
                "dev", "more", "--json",
                steps: [
                    Step(when: "more one") { _, _ in
                        try? shop.edit("parts/web.yaml") { $0.replacing("more one", with: "more two") }
                    },
                    Step(when: "more two") { pid, _ in _ = Glibc.kill(pid, SIGTERM) },
                ])
            #expect(end == .exited(0), "\(text)")
            #expect(text.contains(#""files":["parts/web.yaml"]"#), "\(text)")
        }
    }

    @Test func `what is missing is told with what to do about it`() async throws {
        try await Self.with { shop in
            let stranger = try await shop.shipit("dev", "wep")
            #expect(stranger.code == 2 && stranger.all.contains("It has: api, once, web."), "\(stranger.all)")
            let alone = try await shop.shipit("dev", adding: ["DOCKER_HOST": "unix:///nowhere.sock"])
            #expect(alone.code == 1 && alone.all.contains("No Docker engine answers."), "\(alone.all)")
            try FileManager.default.removeItem(atPath: "\(shop.folder)/compose.yaml")
            let empty = try await shop.shipit("dev")
            #expect(empty.code == 2 && empty.all.contains("Write compose.yaml"), "\(empty.all)")
            try shop.edit("compose.yaml") { _ in "services: {web: {build: web}}\n" }
        }
    }

    /// What one step leaves for a later one.
    private actor Holder {
        private(set) var value: String?

        func set(_ value: String?) { self.value = value }
    }
}
