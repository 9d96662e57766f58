import ArgumentParser
import Foundation
import PostgresServer
import Randomness
import Shops
import Synchronization

/// Kills the real shipit while it ships with a real engine, registry and database.
struct Real: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Kill the real shipit while it ships with a real engine, registry and database, and resume until it is done.",
        discussion: "Four shops ship side by side, two with their ledgers in SQLite, two with theirs in PostgreSQL.")

    @Argument(help: "How often shipit is killed.")
    var kills: Int
    @Option(help: "Decides when what happens; the seed of an earlier time gives the same decisions.")
    var seed: UInt64 = .random(in: 1...999_999)

    func validate() throws {
        guard kills > 0 else { throw ValidationError("At least one kill is needed.") }
    }

    func run() async throws {
        say("seed \(seed), \(kills) kills")
        let begun = ContinuousClock.now
        let shops = 4
        let tally = try await withThrowingTaskGroup { [kills, seed] group in
            let quota = Quota(kills)
            for shop in 0..<shops {
                group.addTask { try await Self.sail(shop, quota, SplitMix(seed: seed &* 1000 &+ UInt64(shop))) }
            }
            return try await group.reduce(into: Tally()) { $0.add($1) }
        }
        for line in tally.details { say(line) }
        let time = (ContinuousClock.now - begun).components.seconds
        say("\(tally.summary) (seed \(seed), \(time) s)")
        if !tally.isClean { throw ExitCode(1) }
    }

    /// One shop's part; its decisions depend on nothing but its random numbers.
    private static func sail(_ number: Int, _ quota: Quota, _ random: SplitMix) async throws -> Tally {
        let registry = try await RegistryHouse()
        let result: Result<Tally, any Error>
        do {
            var tally = Tally()
            try await Shop.with(registry: registry.address) { shop in
                let ledger: LedgerWitness =
                    number.isMultiple(of: 2)
                    ? .file(folder: "\(shop.folder)/.shipit")
                    : .database(try url(try await World.database("\(shop.name)_ledger")))
                try await Disk.with(under: "\(shop.folder)/.shipit") { disk in
                    try await ContainerWitness.with(project: "\(shop.name)-staging") { containers in
                        var voyage = Voyage(
                            name: "shop \(number + 1)", shop: shop, ledger: ledger, registry: registry, disk: disk,
                            containers: containers,
                            database: DatabaseWitness(url: try url(shop.staging)), quota: quota, random: random)
                        tally = try await voyage.sail()
                    }
                }
            }
            result = .success(tally)
        } catch {
            result = .failure(error)
        }
        await registry.remove()
        return try result.get()
    }

    private static func url(_ text: String) throws -> URLComponents {
        guard let url = URLComponents(string: text) else { throw World.BadEnd(text: "\(text) is no URL") }
        return url
    }
}

/// How many kills there are still to be, by all shops together.
final class Quota: Sendable {
    private let left: Atomic<Int>

    init(_ kills: Int) { left = Atomic(kills) }

    var isOpen: Bool { left.load(ordering: .relaxed) > 0 }

    func use() { left.subtract(1, ordering: .relaxed) }
}

/// Prints a line at once, also where the output is a file.
func say(_ text: String) {
    try? FileHandle.standardOutput.write(contentsOf: Data("chaos real: \(text)\n".utf8))
}
