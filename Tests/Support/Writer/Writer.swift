import Glibc
import Hashing
import Journal
import Postgres
import Stores

/// Writes to a ledger as one of many: `writer LEDGER NAME COUNT [TURNS]`.
///
/// It appends COUNT entries, `NAME 1`, `NAME 2` and so on, to the journal `environment/shared`. With TURNS, a PostgreSQL URL, it takes the
/// lease on `shared` for each entry, and notes in the table `turns` there when its turn begins and when it ends: rows that no store has to
/// do with. It prints its machine's name at the end.
@main
enum Writer {
    static let journal = JournalName(.environment, "shared")

    static func main() async throws {
        let arguments = CommandLine.arguments
        guard arguments.count >= 4, let count = Int(arguments[3]) else {
            print("usage: writer LEDGER NAME COUNT [TURNS]")
            _exit(2)
        }
        let name = arguments[2]
        let store = try await open(StateLocation(parsing: arguments[1]))
        let turns: Connection? =
            if arguments.count > 4 {
                try await Connection(DatabaseURL(arguments[4]), applicationName: "writer", connectTimeout: .seconds(30))
            } else { nil }
        let holder = LeaseHolder(id: name, host: host, user: "writer", process: nil, purpose: "its turn")
        for number in 1...count {
            guard let turns else {
                try await append("\(name) \(number)", to: store, under: [])
                continue
            }
            let lease = try await take(store, for: holder)
            _ = try await turns.query("INSERT INTO turns(name, what) VALUES ($1, 'begin')", [.text(name)])
            try await append("\(name) \(number)", to: store, under: [lease])
            _ = try await turns.query("INSERT INTO turns(name, what) VALUES ($1, 'end')", [.text(name)])
            try await store.release(lease)
        }
        print(host)
        fflush(nil)
        _exit(0)
    }

    private static func append(_ text: String, to store: any Store, under leases: [Lease]) async throws {
        while true {
            let position = try await store.head(of: journal)?.position ?? 0
            do throws(StoreError) {
                _ = try await store.append([Append(journal, expected: position, bodies: [Array(text.utf8)])], under: leases)
                return
            } catch {
                guard case .conflict = error.code else { throw error }
            }
        }
    }

    private static func take(_ store: any Store, for holder: LeaseHolder) async throws -> Lease {
        while true {
            if case .granted(let lease, _) = try await store.acquire("shared", for: holder, ttl: .seconds(30)) { return lease }
            try await Task.sleep(for: .milliseconds(.random(in: 5...50)))
        }
    }

    private static var host: String {
        var name = utsname()
        guard unsafe uname(&name) == 0 else { return "unknown" }
        return unsafe withUnsafePointer(to: &name.nodename) { pointer in
            unsafe pointer.withMemoryRebound(to: CChar.self, capacity: 65) { unsafe String(cString: $0) }
        }
    }
}
