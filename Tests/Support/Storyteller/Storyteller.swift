import ArgumentParser
import Foundation
import Journal
import Pipeline
import Records
import Services
import Stores

/// Fills a ledger with what a page is to be looked at with, and goes on with a run while somebody looks.
@main struct Storyteller: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "storyteller")

    enum Scene: String, ExpressibleByArgument {
        /// Two environments with a history: a release that failed, a rollback, a hold, and a run of each sort.
        case story
        /// One run of a thousand stages, part of which are done.
        case wide
        /// Nothing yet.
        case empty
        /// Ten thousand runs.
        case many
        /// A run that has just begun; `step` goes on with it.
        case begin
        /// Goes on with the run `--run`.
        case step
        /// Ends what runs with a failure.
        case fail
        /// At each line of the standard input appends an event to the run, or at `step` goes on with it, and says its position once it is
        /// durable.
        case talk
    }

    @Argument(help: "A path or a postgres:// URL, as in SHIPIT_STATE.")
    var ledger: String
    @Argument(help: "What to tell.")
    var scene: Scene
    @Option(name: .customLong("run"), help: "The run that begin, step, fail and talk are about.")
    var id = "live000001"

    func run() async throws {
        let store = try await Stores.open(try StateLocation(parsing: ledger))
        let now = Int64(Date.now.timeIntervalSince1970 * 1000)
        do { try await tell(Ledger(store), now) } catch {
            await store.close()
            throw error
        }
        await store.close()
    }

    private func tell(_ ledger: Ledger, _ now: Int64) async throws {
        let sample = try SampleLedger(ledger)
        switch scene {
        case .story: try await Story(ledger, now: now).tell()
        case .wide: try await Story.wide(ledger, now: now)
        case .empty: break
        case .many: try await sample.crowd(10_000, until: now)
        case .begin:
            try await sample.begin(id, commit: id, at: now, reason: "deploy production")
            try await sample.step(id, at: now)
        case .step: try await sample.step(id, at: now - 3_000)
        case .fail:
            let record = try await ledger.run(id)
            let running = record.run.plan.stages.first { record.run.state(of: $0.name)?.word == "running" }
            guard let running else { throw ValidationError("Nothing of \(id) is under way.") }
            try await sample.step(id, at: now, .failed(running.name))
        case .talk: try await talk(ledger, sample)
        }
    }

    private func talk(_ ledger: Ledger, _ sample: SampleLedger) async throws {
        var writer = RunWriter(try await ledger.run(id), in: ledger)
        print("ready")
        fflush(nil)
        while let line = readLine() {
            let now = Int64(Date.now.timeIntervalSince1970 * 1000)
            if line == "step" {
                try await sample.step(id, at: now)
                try await writer.reload()
            } else {
                try writer.add(Stamped(.goalExtended(to: []), at: now, by: "storyteller"))
                try await writer.save()
            }
            print(writer.record.position)
            fflush(nil)
        }
    }
}

/// What happened to a small shop in the last weeks.
private struct Story {
    private static let hour: Int64 = 3_600_000

    private let ledger: Ledger
    private let now: Int64

    init(_ ledger: Ledger, now: Int64) {
        self.ledger = ledger
        self.now = now
    }

    func tell() async throws {
        let (anna, ben) = (try SampleLedger(ledger, by: "anna@laptop"), try SampleLedger(ledger, by: "ben@ci"))
        guard let production = EnvironmentName("production"), let staging = EnvironmentName("staging"),
            let deployStaging = StageName("deploy-staging"), let migrateStaging = StageName("migrate-staging")
        else { return }
        // Twelve good releases over three weeks, of which the ninth was taken back.
        for number in 1...12 {
            let at = now - Int64(21 - number) * 24 * Self.hour - Int64(number * number % 7) * Self.hour
            let who = number.isMultiple(of: 3) ? ben : anna
            try await who.record(
                id("a", number), commit: "commit \(number)", at: at, .succeeded, bringing: novelty(number),
                reason: number == 9 ? "the new checkout" : "deploy production")
            if number == 9 {
                try await anna.refute(id("a", 9), in: production, at: at + Self.hour)
                try await anna.rollback(
                    production, to: id("a", 8), as: id("a", 9) + "back", at: at + Self.hour + 900_000,
                    reason: "orders failed with the new checkout")
            }
        }
        try await ben.record(
            id("c", 1), commit: "broken", at: now - 7 * Self.hour, .failed(deployStaging), bringing: novelty(12))
        try await anna.record(
            id("d", 1), commit: "waiting", at: now - 2 * Self.hour, .waiting,
            bringing: SampleLedger.Novelty(
                migrations: [("20261125101500", "order_notes", true), ("20261126083000", "drop_legacy_prices", false)],
                values: ["LOG_LEVEL": "debug", "CHECKOUT": "two-steps"]),
            reason: "notes on orders")
        try await ben.record(
            id("e", 1), commit: "running", at: now - 40_000, .running(migrateStaging), bringing: novelty(12),
            reason: "deploy staging")
        try await anna.sight(["web"], changedIn: production, at: now - Self.hour)
        try await anna.hold(staging, reason: "load test until Friday", at: now - 3 * Self.hour)
    }

    private func novelty(_ number: Int) -> SampleLedger.Novelty {
        SampleLedger.Novelty(
            migrations: number.isMultiple(of: 4)
                ? [("202611\(String(format: "%02d", number))093000", "change_\(number)", number != 8)] : [],
            values: ["LOG_LEVEL": number < 6 ? "info" : "warning", "CHECKOUT": number < 9 ? "classic" : "new"])
    }

    private func id(_ letter: String, _ number: Int) -> String { "1ry\(letter)\(String(format: "%02d", number))shop" }

    /// Forty layers of twenty-five stages, each waiting for two or three of the layer before.
    static func wide(_ ledger: Ledger, now: Int64) async throws {
        var lines = ["stages:"]
        for layer in 0..<40 {
            for number in 0..<25 {
                let needs = layer == 0 ? [] : Set([number, (number * 7 + layer) % 25]).sorted().map { name(layer - 1, $0) }
                lines.append("  \(name(layer, number)): {run: [make, test], needs: [\(needs.joined(separator: ", "))]}")
            }
        }
        lines.append("  report: {run: [make, report], needs: [\((0..<25).map { name(39, $0) }.joined(separator: ", "))]}")
        let project = """
            name: monorepo
            registry: ghcr.io/acme/monorepo
            pipeline: release
            release-branch: main
            services: {}
            environments: {}
            """
        let sample = SampleLedger(
            ledger, project: Planner.File(name: "project.yml", content: Array(project.utf8)),
            pipeline: Planner.File(name: "release.yml", content: Array(lines.joined(separator: "\n").utf8)))
        guard let stage = StageName(name(21, 11)), let failing = StageName(name(30, 3)) else { return }
        try await sample.record("wide000001", commit: "wide", at: now - 600_000, .running(stage), reason: "a thousand tests")
        try await sample.record("wide000000", commit: "wide", at: now - 900_000, .failed(failing), reason: "a thousand tests")
    }

    private static func name(_ layer: Int, _ number: Int) -> String { "shard-\(layer)-\(number)" }
}
