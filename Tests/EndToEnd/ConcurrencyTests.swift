import Foundation
import Hashing
import Journal
import Postgres
import PostgresServer
import Processes
import Shops
import Stores
import Testing

/// Many processes at once, on one machine and on several.
@Suite struct ConcurrencyTests {
    /// What became of the journal that the writers wrote to.
    private func check(_ location: String, _ writers: [String], each count: Int) async throws {
        let store = try await Stores.open(StateLocation(parsing: location))
        let journal = JournalName(.environment, "shared")
        let entries = try await store.read(journal, after: 0, limit: .max)
        try Chain.verify(entries, of: journal)
        #expect(entries.map(\.position) == Array(1...Int64(writers.count * count)), "no gap")
        let texts = entries.map { String(decoding: $0.body, as: UTF8.self) }
        for writer in writers {
            #expect(
                texts.filter { $0.hasPrefix(writer + " ") } == (1...count).map { "\(writer) \($0)" }, "nothing lost or doubled")
        }
        await store.close()
    }

    private func write(_ location: String, _ writers: [String], each count: Int) async throws {
        try await withThrowingTaskGroup { group in
            for writer in writers {
                group.addTask { _ = try await World.run(World.program("writer"), [location, writer, "\(count)"]) }
            }
            try await group.waitForAll()
        }
    }

    private let twenty = (1...20).map { "w\($0)" }

    @Test func `twenty processes append to one journal in SQLite without a gap or a loss`() async throws {
        let folder = NSTemporaryDirectory() + "shipit-e2e-" + String(UInt64.random(in: .min ... .max), radix: 36)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try await write("\(folder)/state.db", twenty, each: 50)
        try await check("\(folder)/state.db", twenty, each: 50)
    }

    @Test func `twenty processes append to one journal in PostgreSQL without a gap or a loss`() async throws {
        try await PostgresServer.withDatabase { url in
            try await write(url.string ?? "", twenty, each: 50)
            try await check(url.string ?? "", twenty, each: 50)
        }
    }

    /// Each machine is a network of its own with a name of its own: what they share is the database.
    @Test func `three machines write one journal, and their leases keep them apart`() async throws {
        try await Machines.with(3) { machines in
            try await PostgresServer.withDatabase { url in
                try await PostgresServer.run("CREATE TABLE turns(number bigserial PRIMARY KEY, name text, what text)", in: url)
                let near = url.string ?? ""
                let far = try machines.reaching(url)
                let writers = machines.names.flatMap { machine in (1...4).map { "\(machine)-\($0)" } }
                let hosts = try await withThrowingTaskGroup { group in
                    for writer in writers {
                        let machine = String(writer.prefix { $0 != "-" })
                        group.addTask {
                            try await machines.run(World.program("writer"), [far, writer, "10", far], on: machine)
                                .trimmingCharacters(in: .whitespacesAndNewlines)
                        }
                    }
                    return try await group.reduce(into: Set<String>()) { $0.insert($1) }
                }
                #expect(hosts == Set(machines.names), "each writer was on a machine of its own")
                try await check(near, writers, each: 10)
                let rows = try await PostgresServer.run("SELECT name, what FROM turns ORDER BY number", in: url).rows
                let turns = rows.map { "\($0.text(0) ?? "") \($0.text(1) ?? "")" }
                #expect(turns.count == 2 * 10 * writers.count)
                for (begin, end) in zip(turns, turns.dropFirst()).enumerated().filter({ $0.offset.isMultiple(of: 2) }).map(
                    \.element)
                {
                    #expect(
                        end == begin.replacing("begin", with: "end"), "one turn ends before the next begins: \(begin), \(end)")
                }
            }
        }
    }

    @Test func `fifty processes deploy one environment, one commit after the other`() async throws {
        try await Shop.with { shop in
            try shop.edit("deploy/compose.yaml") { $0.replacing("interval: 1s", with: "interval: 200ms") }
            var commits: [String] = []
            for number in 1...4 {
                for service in ["api", "web"] { try shop.edit("service/\(service).txt") { _ in "\(service) \(number)\n" } }
                commits.append(try await shop.commit("number \(number)"))
            }
            // Who deploys makes containers: the engine tells the order in which it was asked to, candidates included.
            var answers: [Answer] = []
            var made: [String] = []
            try await EngineEvents.with(
                ["type=container", "event=create"],
                format: #"{{index .Actor.Attributes "com.docker.compose.project"}} {{.Actor.Attributes.image}}"#
            ) { events in
                answers = try await withThrowingTaskGroup(of: Answer.self) { group in
                    for number in 0..<50 {
                        let commit = commits[number % commits.count]
                        group.addTask { try await shop.shipit("deploy", "staging", "--commit", commit, "--wait", "15m") }
                    }
                    return try await group.reduce(into: [Answer]()) { $0.append($1) }
                }
                made = events.lines.filter { $0.hasPrefix(shop.name) }.map { String($0.split(separator: " ")[1]) }
            }
            for answer in answers { #expect(answer.code == 0, "\(answer.all.suffix(1500))") }

            struct Release: Decodable {
                var id: String
                var commit: String
                var images: [String: String]
            }
            let history = try await shop.shipit("history", "staging", "--json")
            let releases = try JSONDecoder().decode([Release].self, from: Data(history.text.utf8))
            var turns: [String] = []
            for image in made {
                let commit = try #require(releases.first { $0.images.values.contains(image) }, "\(image)").commit
                if turns.last != commit { turns.append(commit) }
            }
            // Who finds the run of its commit ended already begins another, which then releases in its turn.
            for commit in commits {
                let times = turns.count { $0 == commit }
                #expect(
                    (1...releases.count { $0.commit == commit }).contains(times),
                    "each release's containers are made in one turn: \(turns)")
            }
            let runs = Set(answers.map { run(in: $0.all) })
            #expect(releases.map(\.id).sorted() == runs.sorted(), "every process took part in a run that released: \(runs)")
            #expect(try await shop.shipit("audit", "verify").code == 0)
        }
    }

    @Test func `of many who begin the same run at once one begins it, and the others join`() async throws {
        let slow = #"slow: {run: [sh, -c, "echo x >> .git/begun; until [ -e .git/go ]; do sleep 0.05; done"]}"#
        try await Workshop.with(slow) { shop in
            let answers = try await withThrowingTaskGroup(of: Answer.self) { group in
                for _ in 0..<16 { group.addTask { try await shop.shipit("run", "work") } }
                try await shop.awaitShipits(16)
                try shop.let("go")
                return try await group.reduce(into: [Answer]()) { $0.append($1) }
            }
            for answer in answers { #expect(answer.code == 0, "\(answer.all)") }
            #expect(Set(answers.map { run(in: $0.all) }).count == 1, "\(answers.map { run(in: $0.all) })")
            #expect(shop.kept("begun") == "x\n")
        }
    }
}
