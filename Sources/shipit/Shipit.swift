import ArgumentParser
import Conductor
import Product

/// The command line: parses arguments, calls the library, presents.
///
/// Logic belongs elsewhere.
@main
struct Shipit: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "shipit",
        abstract: "Takes a commit to production and back: a typed DAG of build, migrate, deploy, verify and approve.",
        discussion: """
            Begin with 'shipit init' and 'shipit doctor'; then 'shipit check' and 'shipit plan', then 'shipit deploy staging'.

            State is kept in .shipit/state.db, or where SHIPIT_STATE says: a path, postgres://…, or https://… for an \
            API, with its token in SHIPIT_TOKEN or in the file that SHIPIT_TOKEN_FILE names; a workflow of GitHub Actions that \
            the API trusts needs none.

            Exit codes: 0 done, 1 failed, 2 bad input, 3 waiting for approval, 4 environment held or leased, \
            5 approval does not cover the change, 6 lease lost, 7 rollback blocked, 8 objective missed, 9 indeterminate, 130 cancelled.
            """,
        version: Product.version,
        groupedSubcommands: [
            CommandGroup(name: "Begin", subcommands: [Init.self, Doctor.self, Dev.self, NotificationsCommand.self]),
            CommandGroup(
                name: "Look",
                subcommands: [
                    Check.self, PlanCommand.self, SchemaCommand.self, Explain.self, Diff.self, Status.self, Images.self,
                    History.self,
                    Logs.self,
                    Approvals.self, Open.self,
                ]),
            CommandGroup(
                name: "Ship",
                subcommands: [DeployCommand.self, RunPipeline.self, StageCommand.self, ApproveCommand.self, Reject.self]),
            CommandGroup(
                name: "Intervene",
                subcommands: [
                    Resume.self, Recover.self, Retry.self, Skip.self, Cancel.self, Rollback.self, HoldCommand.self, Unhold.self,
                ]),
            CommandGroup(name: "Keep", subcommands: [AuditCommand.self, StateCommand.self]),
        ])

    /// Parses and runs; every way out ends in one of the documented exit codes.
    static func main() async {
        do {
            var command = try await asyncParseAsRoot()
            if var async = command as? any AsyncParsableCommand {
                try await async.run()
            } else {
                try command.run()
            }
            leave(.done)
        } catch let refusal as Refusal {
            Door.shared.refuse(refusal)
            leave(refusal.exit)
        } catch let end as Ending {
            leave(end.status)
        } catch {
            // The argument parser prints help and version with status 0; its 64 for wrong usage is our 2.
            let status = exitCode(for: error)
            // A completion script of another version may ask for what is not there: no word of that into somebody's command line.
            if !status.isSuccess, CommandLine.arguments.dropFirst().first == "---completion" { leave(.badInput) }
            Door.shared.usage(fullMessage(for: error), isError: !status.isSuccess)
            leave(status.isSuccess ? .done : .badInput)
        }
    }
}

/// A command's end other than success, after it has said all there is to say.
struct Ending: Error {
    var status: ExitStatus
}
