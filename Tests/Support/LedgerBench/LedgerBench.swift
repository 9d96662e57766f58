import ArgumentParser
import Glibc
import Journal
import Stores

/// Appends events to a ledger as fast as it takes them, for `script/bench ledger`.
///
/// Each writer appends one entry at a time to a journal of its own and waits until it is durable. It says `ready` once everything is
/// open, begins at a line of its standard input, and says `done` when the last entry is durable.
@main struct LedgerBench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "ledger-bench")

    @Argument(help: "A path or a postgres:// URL, as in SHIPIT_STATE.")
    var ledger: String
    @Argument(help: "What the journals' names begin with: a name that was never used with this ledger.")
    var name: String
    @Option(help: "How many tasks write.")
    var writers = 1
    @Option(help: "How many events each of them appends.")
    var events: Int
    @Flag(help: "Prove a lease with each event, as a run that changes an environment does.")
    var lease = false

    /// The length of an event's body, in bytes: about that of a stage that has begun.
    private static let length = 300

    func run() async throws {
        let store = try await open(StateLocation(parsing: ledger))
        var leases: [Int: Lease] = [:]
        for writer in 0..<writers where lease {
            let holder = LeaseHolder(id: "\(name)-\(writer)", host: "bench", user: "bench", process: nil, purpose: "measuring")
            guard case .granted(let lease, _) = try await store.acquire("\(name)-\(writer)", for: holder, ttl: .seconds(3600))
            else { throw ValidationError("The name \(name) is in use.") }
            leases[writer] = lease
        }
        // A first entry each: what follows is the life of a journal, not its beginning.
        for writer in 0..<writers { try await append(0..<1, by: writer, to: store, under: []) }
        print("ready")
        fflush(nil)
        _ = readLine()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for writer in 0..<writers {
                group.addTask { [leases = leases[writer].map { [$0] } ?? []] in
                    try await append(1..<events + 1, by: writer, to: store, under: leases)
                }
            }
            try await group.waitForAll()
        }
        print("done")
        fflush(nil)
        _exit(0)
    }

    private func append(_ numbers: Range<Int>, by writer: Int, to store: any Store, under leases: [Lease]) async throws {
        let journal = JournalName(.run, "\(name)-\(writer)")
        for number in numbers {
            let head = Array("\(number) of \(journal)".utf8)
            let body = head + [UInt8](repeating: UInt8(ascii: "."), count: Self.length - head.count)
            _ = try await store.append([Append(journal, expected: Int64(number), bodies: [body])], under: leases)
        }
    }
}
