import Foundation
import PostgresServer
import Processes
import Shops
import Synchronization
import Testing

/// Every cell of the table of rollbacks in `docs/states.md`, tried on a real environment.
///
/// All rows happen to one shop: `A` and `B` are good releases, and the run of `C` is brought into the state.
@Suite struct RollbackStateTests {
    @Test func `a rollback does what the table says, whatever the newest run's state is`() async throws {
        let table = try StateTable.read(below: "## Rollback")
        try await Shop.with { shop in
            try await Self.prepare(shop)
            for state in table.keys.sorted() where !state.hasPrefix("running") {
                let row = try #require(table[state])
                let run = try await Self.bring(shop, to: state)
                let answer = try await shop.shipit("rollback", "staging")
                let serving = try await Self.serving(in: shop)
                let status = try await shop.status(of: run)
                #expect("\(answer.code) \(serving) \(status)" == row["rollback"], "of \(state): \(answer.all)")
                let resumed = try await shop.shipit("resume", run)
                let after = try await shop.status(of: run)
                #expect("\(resumed.code) \(after)" == row["resume"], "of \(state): \(resumed.all)")
                #expect(try await Self.serving(in: shop) == serving, "resume of \(state) changed it: \(resumed.all)")
                if state == "reached" {
                    // What answers now is another release: it would be called good for that one's answers.
                    let late = try await shop.shipit("run", "release", "--to", "verify-staging")
                    #expect(late.code == 1 && late.text.contains("no longer runs release \(run)"), "\(late.all)")
                }
                try await Self.goBack(to: "B", in: shop, from: serving)
            }
            try await Self.tryBesideAnother(table, in: shop)
            // It leads on to before the one before it, past the `C` that was good, and at the beginning there is none.
            for (expected, code) in [("A", Int32(0)), ("A", 7)] {
                let answer = try await shop.shipit("rollback", "staging")
                let serving = try await Self.serving(in: shop)
                #expect(answer.code == code && serving == expected, "\(answer.all)")
            }
            #expect(try await shop.shipit("audit", "verify").code == 0)
        }
    }

    /// The rows of a run that another shipit is at work on.
    private static func tryBesideAnother(_ table: [String: [String: String]], in shop: Shop) async throws {
        try await commit("C", in: shop)
        let found = Mutex<[String: [String: String]]>([:])
        let (end, text) = try await shop.shipit(
            "run", "release",
            steps: [
                Step(when: "proving release") { pid, text in
                    // Its docker comes to its end; the switch is not begun before both rollbacks were typed.
                    kill(pid, SIGSTOP)
                    let id = run(in: text)
                    let refused = try? await shop.shipit("rollback", "staging")
                    #expect(refused?.all.contains("staging is being changed by tester on") == true, "\(refused?.all ?? "")")
                    let cell = try? await "\(refused?.code ?? -1) \(serving(in: shop)) \(shop.status(of: id))"
                    let waited = try? await shop.shipit(
                        "rollback", "staging", "--wait", "2m",
                        steps: [Step(when: "waits until") { _, _ in kill(pid, SIGCONT) }])
                    // Also when that was never printed.
                    kill(pid, SIGCONT)
                    let code = if case .exited(let code)? = waited?.end { code } else { Int32(-1) }
                    let after = try? await "\(code) \(serving(in: shop)) \(shop.status(of: id))"
                    #expect(after == table["running, and --wait"]?["rollback"], "\(waited?.text ?? "")")
                    found.withLock {
                        $0 = ["running": ["rollback": cell ?? ""], "running, and --wait": ["rollback": after ?? ""]]
                    }
                }
            ])
        #expect(end == .exited(0), "\(text)")
        let resumed = try await shop.shipit("resume", run(in: text))
        let after = try await shop.status(of: run(in: text))
        found.withLock { rows in for state in rows.keys { rows[state]?["resume"] = "\(resumed.code) \(after)" } }
        #expect(found.withLock { $0 } == table.filter { $0.key.hasPrefix("running") })
    }

    /// A project of one environment in which `A` and `B` were shipped.
    private static func prepare(_ shop: Shop) async throws {
        for release in ["A", "B"] { try await ship(release, in: shop) }
    }

    /// Ships a release and answers what was printed.
    @discardableResult
    private static func ship(_ release: String, in shop: Shop) async throws -> String {
        try await commit(release, in: shop)
        let answer = try await shop.shipit("run", "release")
        #expect(answer.code == 0, "\(answer.all)")
        return answer.text
    }

    /// Commits a release whose services say its name.
    ///
    /// - Parameters:
    ///   - word: what its page says before its name; only 'web' passes verification.
    ///   - port: where the page is published.
    ///   - isSlow: whether its second service is started a while after its first one.
    ///   - extra: more stages.
    private static func commit(
        _ release: String, in shop: Shop, saying word: String = "web", at port: Int? = nil, approval: Bool = false,
        isSlow: Bool = false, _ extra: String = ""
    ) async throws {
        let compose = try String(contentsOfFile: "\(World.repository)/Tests/Fixtures/shop/deploy/compose.yaml", encoding: .utf8)
        // That they are up is enough here, and takes half the time.
        let unasked = compose.replacing(#/    healthcheck:\n(      .*\n?)+/#, with: "")
        let slow = unasked.replacing("  api:\n", with: "  api:\n    healthcheck: {test: [CMD, \"true\"], interval: 3s}\n")
            .replacing("  web:\n", with: "  web:\n    depends_on: {api: {condition: service_healthy}}\n")
        try shop.edit("deploy/compose.yaml") { _ in isSlow ? slow : unasked }
        try shop.edit("service/web.txt") { _ in "\(word) \(release)\n" }
        try shop.edit("service/api.txt") { _ in "api \(release)\n" }
        let registry = try World.variable("SHIPIT_E2E_REGISTRY")
        try shop.edit("pipelines/project.yml") { _ in
            """
            name: shop
            registry: \(registry)/\(shop.name)
            credentials: {username: "${env:REGISTRY_USERNAME}", password: "${env:REGISTRY_PASSWORD}"}
            services:
              api: {target: api, port: 3001}
              web: {target: web, port: 3000}
            environments:
              staging:
                approval: \(approval ? "required" : "none")
                target: {compose: {file: deploy/compose.yaml, project: \(shop.name)-staging, healthy-within: 60s}}
                values: {WEB_PORT: "\(port ?? shop.stagingPort)", DATABASE_URL: "none"}
                checks: [{http: "http://127.0.0.1:\(shop.stagingPort)/health", within: 1s, contains: web}]

            """
        }
        try shop.edit("pipelines/release.yml") { _ in
            """
            stages:
              build-api: {build: api}
              build-web: {build: web}
              deploy-staging: {deploy: staging}
              verify-staging: {verify: staging, timeout: 4s}
            \(extra)
            # \(UUID().uuidString)
            """
        }
        try await shop.commit(release)
    }

    /// Brings a run of `C` into a state and answers its id.
    private static func bring(_ shop: Shop, to state: String) async throws -> String {
        func halfway(_ step: (_ mark: String) -> Step) async throws -> String {
            try await commit("C", in: shop, isSlow: true)
            return try await shop.shipit("run", "release", steps: Step.halfway(step)).text
        }
        var (text, wanted) = ("", "")
        switch state {
        case "abandoned":
            text = try await halfway(Step.killDeployment)
            // Both were made anew, and one of the two was started.
            wanted = "C"
        case "interrupted":
            text = try await halfway { .signal(SIGINT, when: $0) }
            wanted = "B"
        case "waiting":
            try await commit("C", in: shop, approval: true, "  approve-staging: {approve: staging}")
            text = try await shop.shipit("run", "release").text
            wanted = "B"
        case "reached", "cancelled":
            try await commit("C", in: shop)
            text = try await shop.shipit("run", "release", "--to", "deploy-staging").text
            if state == "cancelled" { #expect(try await shop.shipit("cancel", Shops.run(in: text)).code == 0) }
            wanted = "C"
        case "failed to switch":
            let taken = try ReservedPort(isListening: true)
            try await commit("C", in: shop, at: Int(taken.number))
            text = try await shop.shipit("run", "release").text
            wanted = "B"
        case "failed to verify":
            try await commit("C", in: shop, saying: "nonsense")
            text = try await shop.shipit("run", "release").text
            wanted = "C"
        case "indeterminate", "undecided":
            try await commit(
                "C", in: shop, "  smoke: {run: [sh, -c, \"echo begun; sleep 1\"], needs: [verify-staging]}")
            text = try await shop.shipit("run", "release", steps: [.signal(SIGKILL, when: "│ begun")]).text
            #expect(try await shop.shipit("resume", Shops.run(in: text)).code == 9)
            if state == "undecided" { #expect(try await shop.shipit("cancel", Shops.run(in: text)).code == 0) }
            wanted = "C"
        default:
            text = try await ship("C", in: shop)
            wanted = "C"
        }
        #expect(try await serving(in: shop) == wanted, "\(state): \(text)")
        return Shops.run(in: text)
    }

    /// The releases whose containers run, by name.
    private static func serving(in shop: Shop) async throws -> String {
        let ids = try await World.run(
            "docker", ["ps", "--quiet", "--filter", "label=com.docker.compose.project=\(shop.name)-staging"])
        var names: Set<String> = []
        for id in ids.split(separator: "\n") {
            // One that was just started has not said anything yet.
            var name: String?
            for _ in 0..<50 where name == nil {
                let words = try await World.run("docker", ["logs", String(id)])
                name = words.firstMatch(of: #/serving '\w+ (\w+)'/#).map { String($0.1) }
                if name == nil { try await Task.sleep(for: .milliseconds(200)) }
            }
            names.insert(name ?? "silent")
        }
        return names.sorted().joined(separator: "+")
    }

    /// Puts everything in order for the next row.
    private static func goBack(to release: String, in shop: Shop, from serving: String) async throws {
        if serving != release {
            let commit = try await shop.git("log", "--format=%H", "--grep=^\(release)$", "-1")
                .trimmingCharacters(in: .whitespacesAndNewlines)
            let answer = try await shop.shipit("rollback", "staging", "--to", commit)
            #expect(answer.code == 0, "\(answer.all)")
        }
        #expect(try await shop.shipit("unhold", "staging", "--reason", "the next row").code == 0)
    }
}
