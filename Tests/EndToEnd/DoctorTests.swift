import Foundation
import Postgres
import Processes
import Shops
import Testing

/// `shipit doctor` where something is missing, and where nothing is.
@Suite struct DoctorTests {
    /// What `--json` prints.
    private struct Report: Decodable {
        struct Finding: Decodable {
            var subject: String
            var verdict: String
            var message: String
            var remedy: String?
        }
        var ready: Bool
        var findings: [Finding]

        init(_ answer: Answer) throws {
            self = try JSONDecoder().decode(Self.self, from: Data(answer.text.utf8))
        }

        subscript(subject: String) -> Finding? { findings.first { $0.subject == subject } }
        var missing: [String] { findings.filter { $0.verdict == "missing" }.map(\.subject) }
    }

    /// A folder of programs for PATH: these scripts and no others.
    private static func path(_ scripts: [String: String], _ body: (String) async throws -> Void) async throws {
        let folder = NSTemporaryDirectory() + "shipit-e2e-path-\(UInt64.random(in: .min ... .max))"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        for (name, script) in scripts {
            try "#!/bin/sh\n\(script)\n".write(toFile: "\(folder)/\(name)", atomically: true, encoding: .utf8)
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: "\(folder)/\(name)")
        }
        try await body(folder)
    }

    /// What doctor reports, asked until it is right: see `Checkout.doctor`.
    private static func report(
        on shop: some Checkout, adding variables: [String: String] = [:], until isRight: (Report) -> Bool
    ) async throws -> (answer: Answer, report: Report) {
        let answer = try await shop.doctor("--json", adding: variables) { isRight(try Report($0)) }
        return (answer, try Report(answer))
    }

    @Test func `where everything is there, everything is fine, and nothing is changed`() async throws {
        try await Shop.with { shop in
            let ledger = try await World.database("\(shop.name)_ledger")
            let (answer, report) = try await Self.report(on: shop, adding: ["SHIPIT_STATE": ledger]) {
                $0.findings.allSatisfy { $0.verdict == "fine" }
            }
            #expect(answer.code == 0 && report.ready, "\(answer.all)")
            #expect(
                report.findings.map(\.subject) == [
                    "git", "docker", "BuildKit", "compose", "commit", "registry", "values of staging", "database of staging",
                    "values of production", "database of production", "ledger",
                ])
            #expect(report.findings.allSatisfy { $0.verdict == "fine" }, "\(answer.text)")
            #expect(report["registry"]?.message.hasSuffix("takes pushes to \(shop.name)/api") ?? false, "\(answer.text)")
            #expect(report["database of staging"]?.message.hasSuffix("has no migrations yet") ?? false)
            #expect(try await shop.query(ledger, "SELECT to_regnamespace('shipit') IS NULL") == "t", "no ledger is made")
            #expect(!FileManager.default.fileExists(atPath: "\(shop.folder)/.shipit"))
            let password = try #require(shop.variables["REGISTRY_PASSWORD"])
            #expect(!answer.all.contains(password))
        }
    }

    @Test func `a registry that refuses us, a database that is away and a value that is not set are told, with no secret`()
        async throws
    {
        try await Shop.with { shop in
            try shop.edit("pipelines/project.yml") {
                $0.replacing("    values: {WEB_PORT", with: "    values: {TOKEN: \"${env:SHOP_TOKEN}\", WEB_PORT")
            }
            let missing = ["registry", "values of staging", "values of production", "database of production", "ledger"]
            func isRefused(_ report: Report) -> Bool {
                report["registry"]?.remedy?.contains("Correct what 'credentials'") ?? false
            }
            let (answer, report) = try await Self.report(
                on: shop,
                adding: [
                    "REGISTRY_PASSWORD": "wrong-hunter2",
                    "PRODUCTION_DATABASE_URL": "postgres://shop:hunter2-too@127.0.0.1:1/shop",
                    "SHIPIT_STATE": "postgres://shop:hunter2-three@127.0.0.1:1/ledger",
                ]
            ) { $0.missing == missing && isRefused($0) }
            #expect(answer.code == 1 && !report.ready)
            #expect(report.missing == missing, "\(answer.text)")
            #expect(isRefused(report), "\(answer.text)")
            #expect(report["values of staging"]?.message.contains("SHOP_TOKEN, which is not set") ?? false, "\(answer.text)")
            #expect(report["commit"]?.verdict == "doubtful")
            #expect(!answer.all.contains("hunter2"), "\(answer.all)")
        }
    }

    @Test func `programs that are missing are named, with where they are to be had, and none that is not needed`() async throws {
        try await Shop.with { shop in
            try await Self.path([:]) { path in
                let answer = try await shop.shipit("doctor", adding: ["PATH": path])
                #expect(answer.code == 1)
                for program in ["git", "docker", "BuildKit", "compose"] {
                    #expect(answer.text.contains("✗  \(program) "), "\(program): \(answer.all)")
                }
                #expect(answer.text.contains("https://docs.docker.com/engine/install"), "\(answer.all)")
                #expect(!answer.text.contains("helm") && !answer.text.contains("kubectl"))
            }
        }
    }

    @Test func `an engine that does not answer costs some seconds and no more`() async throws {
        try await Shop.with { shop in
            try await Self.path(["docker": "exec /bin/sleep 600"]) { path in
                let begin = ContinuousClock.now
                let report = try Report(
                    try await shop.shipit("doctor", "--json", adding: ["PATH": path, "DOCKER_HOST": "tcp://engine:2375"]))
                #expect(ContinuousClock.now - begin < .seconds(300))
                #expect(report["docker"]?.message == "The engine at tcp://engine:2375 does not answer within 4 s.")
                #expect(report.missing.contains("compose"))
            }
        }
    }

    @Test func `an engine that is not there, and a helm that is too old, are told apart from missing programs`() async throws {
        let programs = [
            "docker": "echo '20.10 '; echo 'Cannot connect to the Docker daemon' >&2; exit 1", "helm": "echo v3.16.4+g7877b45",
            "kubectl": "echo 'Client Version: v1.32.4'", "git": "echo git version 2.39",
        ]
        try await Self.path(programs) { path in
            let folder = URL(filePath: path).appending(path: "nowhere").path
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            let captured = try await capture(
                Command(
                    World.shipit, ["doctor", "--json", "-C", folder], environment: ["PATH": path, "HOME": folder],
                    workingDirectory: folder,
                    deadline: .seconds(300)))
            let report = try JSONDecoder().decode(Report.self, from: Data(captured.standardOutput))
            #expect(captured.outcome.termination == .exited(1))
            #expect(report["docker"]?.message.contains("No engine answers of docker's current context: Cannot connect") ?? false)
            #expect(report["helm"]?.verdict == "doubtful", "no project says that it is needed")
            #expect(report["helm"]?.message.contains("too old") ?? false)
            #expect(report["kubectl"]?.verdict == "fine")
            #expect(report.findings.last?.subject == "repository")
        }
    }

    @Test func `a repository with no project is sent to init, and one with mistakes to check`() async throws {
        try await Workshop.with("greet: {run: [echo, hello]}") { shop in
            try shop.edit("pipelines/project.yml") { $0 + "unknown: key\n" }
            let wrong = try Report(try await shop.shipit("doctor", "--json"))
            #expect(wrong["project"]?.remedy == "shipit check")
            try FileManager.default.removeItem(atPath: "\(shop.folder)/pipelines")
            let none = try Report(try await shop.shipit("doctor", "--json"))
            #expect(none["project"]?.remedy == "Begin one: shipit init")
        }
    }

    @Test func `a cluster is asked where its context leads, and whether it has the namespace`() async throws {
        let cluster = try ClusterDouble(Helm.allCases[0])
        try await HelmShop.with(cluster) { shop, cluster in
            let fine = try await Self.report(on: shop) { $0.missing.isEmpty }.report
            #expect(fine.missing.isEmpty, "\(fine)")
            #expect(fine["cluster double of staging"]?.message.contains("answers, namespace") ?? false, "\(fine)")
            #expect(fine["helm"] != nil && fine["compose"] == nil)
            try shop.edit("pipelines/project.yml") { $0.replacing(cluster.server, with: "https://elsewhere.example.org:6443") }
            let clusters = ["cluster double of staging", "cluster double of production"]
            func isTold(_ report: Report) -> Bool { report[clusters[0]]?.message.contains("leads to \(cluster.server)") ?? false }
            let wrong = try await Self.report(on: shop) { $0.missing == clusters && isTold($0) }.report
            #expect(wrong.missing == clusters && isTold(wrong), "\(wrong)")
        }
    }
}

extension Checkout {
    /// Asks doctor, again where the answer is not right: a machine that stalls may take longer than doctor waits, which is no finding.
    func doctor(
        _ arguments: String..., adding variables: [String: String] = [:], until isRight: (Answer) throws -> Bool
    ) async throws -> Answer {
        var answer = try await finish(command(["doctor"] + arguments, adding: variables))
        for _ in 1...9 where try !isRight(answer) {
            answer = try await finish(command(["doctor"] + arguments, adding: variables))
        }
        return answer
    }
}
