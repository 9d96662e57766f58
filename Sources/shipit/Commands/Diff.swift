import ArgumentParser
import Conductor
import Pipeline

/// Shows what an environment would receive beside what it runs, or what two run beside each other.
struct Diff: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff",
        abstract: "Show what an environment would receive beside what it runs, or what two environments run. Changes nothing.",
        discussion: """
            Without --live the ledger tells what runs. With it the target is asked: what was changed there by hand since the \
            release, and what a deploy would change, object by object. A line with - is as it is, one with + as a deploy would \
            have it; Secrets are masked. With --record what was changed by hand is told in the ledger, by name and digest, so \
            that 'shipit status' and the page know it: for a job that runs every now and then.

            With two environments: the commits, migrations, images, values and files by which what they run differs, as the ledger \
            knows it. A line with - is the first's, one with + the second's.

            EXAMPLES
              shipit diff staging
              shipit diff production --live
              shipit diff production --live --record
              shipit diff staging production
            """)

    @OptionGroup var common: CommonOptions
    @OptionGroup var sources: SourceOptions
    @Argument(help: "The environment.", completion: .environments)
    var environment: String
    @Argument(help: "Another environment to compare what runs with.", completion: .environments)
    var other: String?
    @Flag(help: "Ask the target too.")
    var live = false
    @Flag(help: "Record what was changed by hand, by name and digest.")
    var record = false

    func validate() throws {
        if record, !live { throw ValidationError("--record is about what the target says: add --live.") }
        guard other != nil else { return }
        if live { throw ValidationError("--live is about one environment: leave it out, or the second environment.") }
        if sources.commit != nil || sources.allowDirty {
            throw ValidationError("Two environments are compared by what they run: leave --commit and --allow-dirty out.")
        }
    }

    func run() async throws {
        let session = try await Wiring.session(common)
        if let other {
            let project = try await session.project(at: session.workTree)
            let divergence = try await session.compare(
                try session.environment(environment, in: project), with: try session.environment(other, in: project), in: project)
            await session.close()
            return Door.shared.answer(divergence, DivergenceText(divergence, hasColour: Door.shared.hasColour).text)
        }
        let source = try await session.source(sources.commit, allowDirty: sources.commit == nil)
        let plan = try await session.plan(nil, source: source)
        let name = try session.environment(environment, in: plan.project)
        let comparison = try await session.compare(name, with: plan, live: live)
        if record { try await session.recordDrift(in: comparison) }
        await session.close()
        Door.shared.answer(DiffPayload(comparison), DiffText(comparison, hasColour: Door.shared.hasColour).text)
    }
}
