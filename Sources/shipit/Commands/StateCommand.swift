import ArgumentParser
import Conductor
import Journal
import Pipeline
import Records
import Stores

/// Work on the ledger as a whole.
struct StateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "state", abstract: "Move the ledger between stores without loss, and remove what nobody needs any more.",
        subcommands: [StateExport.self, StateImport.self, StateMigrate.self, StateVerify.self, StatePrune.self])
}

/// The argument that names a file.
private enum StateFile {
    /// Refuses a URL, and does not repeat it: it may hold a password.
    static func check(_ file: String) throws {
        guard !file.contains("://") else {
            throw ValidationError("A file is wanted here, not a URL; to copy into another store: shipit state migrate.")
        }
    }
}

/// Writes the ledger to a file.
struct StateExport: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Write every journal to a file, as lines of JSON that keep every byte the hashes cover.",
        discussion: """
            EXAMPLES
              shipit state export ledger.jsonl
            """)

    @OptionGroup var common: CommonOptions
    @Argument(help: "The file. One that is there is replaced when the new one is whole.", completion: .file())
    var file: String

    func validate() throws { try StateFile.check(file) }

    func run() async throws {
        let session = try await Wiring.session(common)
        let count = try await session.exportLedger(to: file)
        await session.close()
        Door.shared.answer(count, "\(TransferText(count).amount) are in \(file).")
    }
}

/// Reads an exported ledger.
struct StateImport: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Take up the journals of an exported ledger; what is there already must be the same.",
        discussion: """
            Every hash is checked on the way in. An import that was interrupted is simply begun again.

            EXAMPLES
              SHIPIT_STATE=postgres://ledger.example/shipit shipit state import ledger.jsonl
            """)

    @OptionGroup var common: CommonOptions
    @Argument(help: "The file that 'shipit state export' wrote.", completion: .file())
    var file: String

    func validate() throws { try StateFile.check(file) }

    func run() async throws {
        let session = try await Wiring.session(common)
        let count = try await session.importLedger(from: file)
        await session.close()
        Door.shared.answer(count, TransferText(count).text)
    }
}

/// Copies the ledger into another store.
struct StateMigrate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "migrate",
        abstract: "Copy every journal into another store, and prove that all of them arrived.",
        discussion: """
            The ledger that SHIPIT_STATE names stays as it is; set SHIPIT_STATE to the new one afterwards, everywhere. Leave the password \
            out of the URL, where other users of the machine see it, and give it by PGPASSWORD or ~/.pgpass. An API takes \
            a whole ledger from an admin's token alone, in SHIPIT_TOKEN.

            EXAMPLES
              shipit state migrate postgres://ledger.example/shipit
            """)

    @OptionGroup var common: CommonOptions
    @Argument(help: "Where to: what SHIPIT_STATE will say, a path, postgres://… or https://….", completion: .file())
    var to: String

    func run() async throws {
        let session = try await Wiring.session(common)
        let target = try await Wiring.store(to, for: session)
        let count = try await session.moveLedger(to: target.store)
        await target.store.close()
        await session.close()
        Door.shared.answer(
            count,
            "\(TransferText(count).text) From now on set SHIPIT_STATE, everywhere, to what you gave here: \(target.location)")
    }
}

/// Compares the ledger with another.
struct StateVerify: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Prove that the ledger has what another ledger or an export has, no more and no less.",
        discussion: """
            EXAMPLES
              SHIPIT_STATE=postgres://ledger.example/shipit shipit state verify .shipit/state.db
              shipit state verify ledger.jsonl
            """)

    @OptionGroup var common: CommonOptions
    @Argument(
        help: "The other one: a path, postgres://…, https://…, or a file that 'shipit state export' wrote.", completion: .file())
    var other: String

    func run() async throws {
        // Asked before the session opens anything: it may be the same file.
        let form = try Wiring.form(of: other)
        let session = try await Wiring.session(common)
        let journals: Int
        if form == .export {
            journals = try await session.compareLedger(withFile: other)
        } else {
            let target = try await Wiring.store(other, for: session)
            journals = try await session.compareLedger(with: target.store)
            await target.store.close()
        }
        await session.close()
        Door.shared.answer(["journals": journals], "Both have the same \(journals) journal\(journals == 1 ? "" : "s").")
    }
}

/// Removes old runs.
struct StatePrune: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "prune",
        abstract: "Remove runs that ended long ago and that no environment needs any more, with their output.",
        discussion: """
            Kept are runs that can still go on, and those that released what an environment runs, what was good there last, and what a \
            rollback would lead to. The history of environments is never cut. Where each removed run ended stays recorded, so that \
            'shipit audit verify' tells it from one that vanished. A run that is not as it was written is not removed. An SQLite file keeps \
            its size, and what comes next fills it.

            EXAMPLES
              shipit state prune --older-than 90d --dry-run
              shipit state prune --older-than 90d
            """)

    @OptionGroup var common: CommonOptions
    @Option(help: "How long ago a run must have been written to last, as 90d or 12h.")
    var olderThan: String
    @Flag(help: "Only say what would be removed.")
    var dryRun = false

    private func age() throws -> TimeSpan {
        // Longer than any project lasts.
        guard let age = TimeSpan(olderThan, longest: .days(36_600)) else {
            throw ValidationError("--older-than takes a time, as 90d, 12h or 30m, not '\(olderThan)'.")
        }
        return age
    }

    func validate() throws { _ = try age() }

    func run() async throws {
        let session = try await Wiring.session(common)
        let report = try await session.prune(olderThan: try age(), isRehearsal: dryRun)
        await session.close()
        Door.shared.answer(PrunePayload(report, isRehearsal: dryRun), PruneText(report, isRehearsal: dryRun).text)
    }
}
