import ArgumentParser
import Conductor
import Records

/// Work on the audit trail.
struct AuditCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit", abstract: "Prove that the ledger says what was written to it.", subcommands: [AuditVerify.self])
}

/// Walks every journal.
struct AuditVerify: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Read every journal and check its chain of hashes: nothing changed, dropped, moved or cut off.",
        discussion: """
            That the newest entries are gone, or that a whole journal was written anew, shows only against heads that were seen before. \
            They are remembered in .shipit, and compared with the next time; keep them elsewhere with --heads, out of reach of whoever \
            can write to the ledger.

            Exit code 1 when something is not as it was written.

            EXAMPLES
              shipit audit verify
              shipit audit verify --heads /mnt/vault/shipit-heads.json --json
            """)

    @OptionGroup var common: CommonOptions
    @Option(help: "The file that remembers where journals ended when they were last found whole.", completion: .file())
    var heads: String?

    func run() async throws {
        let session = try await Wiring.session(common)
        let file = try heads ?? Wiring.headsFile(of: session)
        let report = try await session.audit(remembering: file)
        await session.close()
        Door.shared.answer(
            AuditPayload(report, heads: file), AuditText(report, heads: file, hasColour: Door.shared.hasColour).text)
        if !report.isIntact { throw Ending(status: .failed) }
    }
}
