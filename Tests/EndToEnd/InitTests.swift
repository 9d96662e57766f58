import Foundation
import Shops
import Testing

/// `shipit init` in the repositories of `Fixtures/repositories`, by the real command; no servers are needed.
@Suite struct InitTests {
    /// One of them in a git repository of its own, that nobody has seen before.
    private final class Stranger: Checkout {
        let folder: String
        let variables = plainVariables

        static func with(_ name: String, _ body: (Stranger) async throws -> Void) async throws {
            let stranger = try Stranger(name)
            defer { try? FileManager.default.removeItem(atPath: Self.parent(of: stranger.folder)) }
            try await stranger.git("init", "--quiet", "--initial-branch=main")
            let origin = try? String(contentsOfFile: "\(fixtures)/\(name)/origin", encoding: .utf8)
            if let origin { try await stranger.git("remote", "add", "origin", origin.trimmingCharacters(in: .newlines)) }
            try await stranger.commit("one")
            try await body(stranger)
        }

        private init(_ name: String) throws {
            // The folder's own name counts where there is no remote.
            folder = NSTemporaryDirectory() + "shipit-e2e-\(UInt64.random(in: .min ... .max))/\(name)"
            try FileManager.default.createDirectory(atPath: Self.parent(of: folder), withIntermediateDirectories: true)
            try FileManager.default.copyItem(atPath: "\(fixtures)/\(name)/files", toPath: folder)
        }

        private static func parent(of path: String) -> String { URL(filePath: path).deletingLastPathComponent().path }

        /// The text of a file; nil when there is none.
        func text(_ path: String) -> String? { try? String(contentsOfFile: "\(folder)/\(path)", encoding: .utf8) }
    }

    private static let fixtures = "\(World.repository)/Tests/Fixtures/repositories"
    private static let all = (try? FileManager.default.contentsOfDirectory(atPath: fixtures).sorted()) ?? []

    @Test func `there are repositories of many languages`() {
        #expect(Self.all.count >= 9)
    }

    @Test(arguments: all)
    func `what is written checks and plans at once, and a second time nothing changes`(name: String) async throws {
        try await Stranger.with(name) { stranger in
            let first = try await stranger.shipit("init")
            #expect(first.code == 0, "\(first.all)")
            for file in ["project.yml", "release.yml"] {
                let expected = try String(contentsOfFile: "\(Self.fixtures)/\(name)/expected/\(file)", encoding: .utf8)
                #expect(stranger.text("pipelines/\(file)") == expected)
            }
            let check = try await stranger.shipit("check")
            #expect(check.code == 0 && check.text.contains("no mistakes"), "\(check.all)")
            let plan = try await stranger.shipit("plan")
            #expect(plan.code == 0 && plan.text.contains("verify-production"), "\(plan.all)")
            try await stranger.commit("begin")
            let second = try await stranger.shipit("init")
            #expect(second.code == 0 && !second.text.contains("wrote"), "\(second.all)")
            #expect(try await stranger.git("status", "--porcelain") == "", "nothing changed, and .shipit ignores itself")
        }
    }

    @Test func `a file that is there is left, and what would be written is shown`() async throws {
        try await Stranger.with("ruby-rails") { stranger in
            try FileManager.default.createDirectory(atPath: "\(stranger.folder)/pipelines", withIntermediateDirectories: true)
            try stranger.edit("pipelines/project.yml") { _ in "name: mine\n" }
            let answer = try await stranger.shipit("init")
            #expect(answer.code == 2)
            #expect(answer.text.contains("✗ pipelines/project.yml is there already"), "\(answer.all)")
            #expect(answer.text.contains("registry: codeberg.org/acme/blog") && answer.text.contains("Nothing was written"))
            #expect(stranger.text("pipelines/project.yml") == "name: mine\n")
            #expect(stranger.text("pipelines/release.yml") == nil && stranger.text("deploy/compose.yaml") == nil)

            let json = try await stranger.shipit("init", "--json")
            struct Payload: Decodable {
                struct File: Decodable {
                    var path: String
                    var fate: String
                    var content: String?
                }
                var files: [File]
            }
            let payload = try JSONDecoder().decode(Payload.self, from: Data(json.text.utf8))
            #expect(json.code == 2)
            #expect(payload.files.map(\.fate) == ["in-the-way", "proposed", "proposed"])
            #expect(payload.files.map { $0.content == nil } == [false, true, true])
        }
    }

    @Test func `a link is in the way like any file, wherever it leads`() async throws {
        try await Stranger.with("rust-axum") { stranger in
            try FileManager.default.createDirectory(atPath: "\(stranger.folder)/deploy", withIntermediateDirectories: true)
            let elsewhere = "\(stranger.folder)/../elsewhere"
            try FileManager.default.createSymbolicLink(
                atPath: "\(stranger.folder)/deploy/compose.yaml", withDestinationPath: elsewhere)
            let answer = try await stranger.shipit("init")
            #expect(answer.code == 0 && answer.text.contains("wrote deploy/shipit.compose.yaml"), "\(answer.all)")
            #expect(!FileManager.default.fileExists(atPath: elsewhere))
        }
    }

    @Test func `--print writes nothing`() async throws {
        try await Stranger.with("go-cmd-helm") { stranger in
            let answer = try await stranger.shipit("init", "--print")
            #expect(answer.code == 0 && answer.text.contains("chart: charts/gopher"), "\(answer.all)")
            #expect(try await stranger.git("status", "--porcelain") == "")
        }
    }

    @Test func `what git ignores is no part of the repository, and what is not committed yet is`() async throws {
        try await Stranger.with("rust-axum") { stranger in
            try stranger.edit(".gitignore") { _ in "/scratch/\n" }
            for folder in ["scratch", "mailer"] {
                try FileManager.default.createDirectory(atPath: "\(stranger.folder)/\(folder)", withIntermediateDirectories: true)
                try stranger.edit("\(folder)/Dockerfile") { _ in "FROM scratch\n" }
            }
            try FileManager.default.removeItem(atPath: "\(stranger.folder)/migrations")
            let answer = try await stranger.shipit("init")
            #expect(answer.code == 0, "\(answer.all)")
            let project = stranger.text("pipelines/project.yml") ?? ""
            #expect(project.contains("mailer: {dockerfile: mailer/Dockerfile, context: mailer}"), "\(project)")
            #expect(!project.contains("scratch") && !project.contains("database"), "what was deleted is gone")
        }
    }

    @Test func `a repository without a commit, and one in a folder below, will do`() async throws {
        try await Stranger.with("python-fastapi") { stranger in
            try FileManager.default.removeItem(atPath: "\(stranger.folder)/.git")
            try await stranger.git("init", "--quiet", "--initial-branch=stable")
            let answer = try await stranger.shipit("init", "-C", "app")
            #expect(answer.code == 0, "\(answer.all)")
            #expect(stranger.text("pipelines/project.yml")?.contains("release-branch: stable") ?? false)
        }
    }

    @Test func `without a Dockerfile, or a repository, it says what to do`() async throws {
        try await Stranger.with("rust-axum") { stranger in
            try FileManager.default.removeItem(atPath: "\(stranger.folder)/Dockerfile")
            let nothing = try await stranger.shipit("init")
            #expect(
                nothing.code == 2 && nothing.errors.contains("There is no Dockerfile here that makes a service."),
                "\(nothing.all)")
            try FileManager.default.removeItem(atPath: "\(stranger.folder)/.git")
            let nowhere = try await stranger.shipit("init")
            #expect(nowhere.code == 2 && nowhere.errors.contains("git init"), "\(nowhere.all)")
        }
    }
}
