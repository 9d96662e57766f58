import CanonicalJSON
import Foundation
import HTTP
import Journal
import LedgerAPI
import Peers
import Pipeline
import Postgres
import PostgresServer
import PostgresStores
import Records
import Services
import Testing

@testable import ControlPlane
@testable import Serving

@Suite(.timeLimit(.minutes(20))) struct `An API with a replica of its ledger` {
    private static let releases = "/api/environments/production/releases"
    private static let older = "/api/runs?before=zz"

    @Test func `asks it for what may be a moment old, and the primary for all else`() async throws {
        try await withTwins(age: .seconds(60)) { twins in
            try await twins.serving { api, _ in
                try await api.goOn(Self.releases, until: "replica")
                try await twins.pause()
                try await twins.sample.record("1c", commit: "three", at: twins.now, .succeeded)
                try await twins.sample.hold(try #require(EnvironmentName("staging")), reason: "a test", at: twins.now)
                // Old, and so the replica's.
                let before = try await api.count("replica")
                #expect(try await api.ids(Self.releases, "releases") == ["1a"])
                #expect(try await api.ids(Self.older, "runs") == ["1b", "1a"])
                #expect(try await api.get("/api/figures?environment=production").object["deployments"] == .number(1))
                #expect(try await api.get("/api/environments/production/comparison?from=1a&to=1a").status == 200)
                #expect(try await api.get("/api/runs/1a/events").status == 200)
                #expect(try await api.count("replica") == before + 5)
                // What it knows nothing of, or what goes on, the primary tells.
                #expect(try await api.get("/api/environments/production/comparison?from=1a&to=1c").status == 200)
                #expect(try await api.get("/api/runs/1c/events").status == 200)
                try await twins.cancel("1b")
                let events = try await api.get("/api/runs/1b/events?limit=200").object["events"]?.items
                #expect(events?.last?["event"]?["cancelRequested"] != nil)
                // So it does with what is decided by.
                #expect(try await api.ids("/api/runs", "runs") == ["1c", "1b", "1a"])
                #expect(try await api.get("/api/projects").object["projects"]?.items.first?["newestRun"] == .text("1c"))
                #expect(try await api.get("/api/runs/1b").object["status"] == .text("cancelled"))
                #expect(try await api.get("/api/approvals").object["approvals"] == .list([]))
                #expect(try await api.get("/api/environments/staging").object["hold"]?["reason"] == .text("a test"))
                #expect(try await api.get("/api/environments/production/rollback").object["target"]?["id"] == .text("1a"))
                #expect(try await api.get("/api/ledger/journals/run").object["heads"]?.items.count == 3)
                #expect(try await api.count("replica") == before + 5)
                #expect(try await api.metrics().contains(#"shipit_replica_sessions{state="busy"} 0"#))
            }
        }
    }

    @Test func `tells who changed something nothing that was before, and nobody an older answer after a newer one`()
        async throws
    {
        try await withTwins(age: .seconds(60)) { twins in
            // Two processes of one API, with nothing in common but the database.
            try await twins.serving { first, _ in
                try await twins.serving { second, _ in
                    for api in [first, second] { try await api.goOn(Self.older, until: "replica") }
                    let (anna, bob) = (try await first.token(.developer), try await first.token(.developer))
                    let old = try await second.send("GET", Self.older, token: bob)
                    try await twins.pause()
                    let cancelled = try await first.send(
                        "POST", "/api/runs/1b/cancel", token: anna, #"{"reason": "x"}"#)
                    #expect(cancelled.status == 200)
                    let new = try await second.send("GET", Self.older, token: anna)
                    #expect(new.object["runs"]?.items.first?["status"] == .text("cancelled"))
                    let (oldTag, newTag) = (old.headers.first("ETag") ?? "", new.headers.first("ETag") ?? "")
                    #expect(newTag != oldTag)
                    for (tag, api) in [("", second), (oldTag, second), (newTag, first)] {
                        let answer = try await api.send("GET", Self.older, token: bob, headers: ["If-None-Match": tag])
                        #expect(answer.status == (tag.isEmpty ? 200 : 304))
                        #expect(answer.headers.first("ETag") == (tag.isEmpty ? oldTag : tag))
                    }
                }
            }
        }
    }

    @Test func `answers from the primary while it is away, behind or silent, and asks it again`() async throws {
        try await withTwins(age: .seconds(1)) { twins in
            try await twins.serving { api, _ in
                try await api.goOn(Self.releases, until: "replica")
                // Away.
                try await twins.standby.down()
                try await twins.sample.record("1c", commit: "three", at: twins.now, .succeeded)
                #expect(try await api.ids(Self.releases, "releases") == ["1c", "1a"])
                #expect(try await api.get("/ready").status == 200)
                try await twins.standby.up()
                try await api.goOn(Self.releases, until: "replica")
                // Behind.
                try await twins.pause()
                try await twins.sample.record("1d", commit: "four", at: twins.now, .succeeded)
                while try await api.ids(Self.releases, "releases") != ["1d", "1c", "1a"] {}
                try await twins.goOn()
                try await api.goOn(Self.releases, until: "replica")
                #expect(try await api.ids(Self.releases, "releases") == ["1d", "1c", "1a"])
                // Silent.
                let sessions = try await PostgresServer.run(
                    "SELECT pid FROM pg_stat_activity WHERE application_name = 'shipit replica'", in: twins.standby.url
                ).rows.compactMap { $0.integer(0) }
                #expect(!sessions.isEmpty)
                for session in sessions { twins.standby.freeze(session) }
                let answer = try await api.get(Self.releases)
                #expect(answer.status == 200 && answer.elapsed > .seconds(1), "in the time of this answer")
                for session in sessions { twins.standby.freeze(session, false) }
                try await api.goOn(Self.releases, until: "replica")
            }
        }
    }

    @Test func `keeps asking it while nobody writes`() async throws {
        try await withTwins(age: .milliseconds(100)) { twins in
            try await twins.serving { api, _ in
                // A machine that stalls may spoil a second now and then, and not ten in a row.
                var fallen = 1
                for _ in 1...10 where fallen > 0 {
                    try await api.goOn(Self.releases, until: "replica")
                    let (before, end) = (try await api.count("primary"), ContinuousClock.now + .seconds(1))
                    while .now < end { _ = try await api.get(Self.releases) }
                    fallen = try await api.count("primary") - before
                }
                #expect(fallen == 0)
            }
        }
    }

    @Test func `takes nothing for it that is none, and needs no more than the right to read`() async throws {
        try await withTwins(age: .seconds(60)) { twins in
            for sql in [
                "CREATE DATABASE other", "CREATE ROLE reader LOGIN PASSWORD 'reader'", "GRANT USAGE ON SCHEMA shipit TO reader",
                "GRANT SELECT ON ALL TABLES IN SCHEMA shipit TO reader",
            ] {
                try await PostgresServer.run(sql, in: twins.primary.url)
            }
            var (other, reader, nobody, pooled) = (twins.primary.url, twins.standby.url, twins.standby.url, twins.standby.url)
            let pooler = try Peer([Peer.support("pgbouncer"), twins.standby.url.string ?? "", "transaction"])
            pooled.port = pooler.facts["port"].flatMap { Int($0) }
            other.path = "/other"
            (reader.user, reader.password) = ("reader", "reader")
            let silent = try ReservedPort(isListening: true)
            nobody.port = Int(silent.number)
            for replica in [reader, pooled, twins.primary.url] {
                try await twins.serving(replica) { api, _ in try await api.goOn(Self.releases, until: "replica") }
            }
            // The last goes a way of its own.
            try await PostgresServer.run("SELECT pg_promote()", in: twins.standby.url)
            for stranger in [other, nobody, twins.standby.url] {
                try await twins.serving(stranger) { api, log in
                    // Nobody waits for it: of a machine that stalls, one answer in time is enough.
                    var (fastest, more) = (Duration.seconds(300), 30)
                    while !log.say("left alone") || fastest >= .seconds(1) && more > 0 {
                        let answer = try await api.get(Self.releases)
                        #expect(answer.status == 200)
                        fastest = min(fastest, answer.elapsed)
                        if log.say("left alone") { more -= 1 }
                    }
                    #expect(fastest < .seconds(1))
                    #expect(try await api.count("replica") == 0)
                }
            }
        }
    }
}

/// A ledger, its streaming replica, and the runs `1a`, which succeeded, and `1b`, which waits.
private struct Twins {
    let primary: OwnPostgres
    let standby: OwnPostgres
    let sample: SampleLedger
    let age: Duration

    var now: Int64 { Int64(Date.now.timeIntervalSince1970 * 1000) }

    /// Runs `body` with the API over them, and what it logs; with another server for the replica if one is given.
    func serving(_ replica: URLComponents? = nil, _ body: (FullAPI, LogLines) async throws -> Void) async throws {
        let log = LogLines()
        try await RunningService.with {
            var plane = try ControlPlane(environment: [
                "DATABASE_URL": primary.url.string ?? "", "DATABASE_REPLICA_URL": (replica ?? standby.url).string ?? "",
                "API_READ": "anyone", "API_RATE": "0",
            ])
            (plane.lag.age, plane.lag.rest) = (age, .milliseconds(200))
            return plane.server(
                ServerSettings(host: "127.0.0.1", port: 0), logger: log.logger, onListening: $0)
        } _: { service in
            try await body(
                FullAPI(service: service, database: primary.url, url: try primary.database, ledger: sample.ledger), log)
        }
    }

    /// From here on the replica learns nothing new.
    func pause() async throws {
        try await PostgresServer.run("SELECT pg_wal_replay_pause()", in: standby.url)
        while try await PostgresServer.run("SELECT pg_get_wal_replay_pause_state()", in: standby.url).rows.first?.text(0)
            != "paused"
        {}
    }

    /// The replica learns what it missed.
    func goOn() async throws { try await PostgresServer.run("SELECT pg_wal_replay_resume()", in: standby.url) }

    func cancel(_ run: RunID) async throws {
        var writer = RunWriter(try await sample.ledger.run(run), in: sample.ledger)
        try writer.add(Stamped(.cancelRequested(reason: "a test"), at: now, by: "anna"))
        try await writer.save()
    }
}

private func withTwins(age: Duration, _ body: (Twins) async throws -> Void) async throws {
    try await OwnPostgres.with { primary in
        let url = try primary.database
        try await migrate(url)
        let store = try await PostgresStore(url)
        let sample = try SampleLedger(Ledger(store))
        let now = Int64(Date.now.timeIntervalSince1970 * 1000)
        try await sample.record("1a", commit: "one", at: now - 2_000_000, .succeeded)
        try await sample.record("1b", commit: "two", at: now - 1_000_000, .waiting)
        try await primary.withStandby { standby in
            try await body(Twins(primary: primary, standby: standby, sample: sample, age: age))
        }
        await store.close()
    }
}

extension LogLines {
    fileprivate func say(_ words: String) -> Bool { all.contains { $0["message"]?.contains(words) == true } }
}

extension FullAPI {
    fileprivate func get(_ path: String) async throws -> HTTPResponse { try await send("GET", path) }

    /// The ids in a list.
    fileprivate func ids(_ path: String, _ list: String) async throws -> [String?] {
        let answer = try await get(path)
        #expect(answer.status == 200, "\(path)")
        return answer.object[list]?.items.map { $0["id"]?.text } ?? []
    }

    fileprivate func metrics() async throws -> String { String(decoding: try await get("/metrics").body, as: UTF8.self) }

    /// How many answers of those that may be a moment old came from there.
    fileprivate func count(_ by: String) async throws -> Int {
        let line = try await metrics().split(separator: "\n").first { $0.hasPrefix(#"shipit_replica_reads_total{by="\#(by)"}"#) }
        return Int(try #require(line?.split(separator: " ").last)) ?? -1
    }

    /// Asks until one more answer came from there; all are good.
    fileprivate func goOn(_ path: String, until by: String) async throws {
        let before = try await count(by)
        while try await count(by) == before { try #require(try await get(path).status == 200) }
    }
}
