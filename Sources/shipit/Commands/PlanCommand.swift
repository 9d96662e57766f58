import ArgumentParser
import Conductor
import Pipeline

/// Shows what a run would do.
struct PlanCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan",
        abstract: "Show what a run would do, and what is done already. Changes nothing.",
        discussion: """
            EXAMPLES
              shipit plan
              shipit plan release --commit v1.4.0
              shipit plan --mermaid >> $GITHUB_STEP_SUMMARY
            """)

    enum Drawing: String, EnumerableFlag {
        case dot
        case mermaid
    }

    @OptionGroup var common: CommonOptions
    @OptionGroup var sources: SourceOptions
    @Argument(help: "The pipeline. Default: the project's own.", completion: .pipelines)
    var pipeline: String?
    @Flag(help: "Print the DAG for Graphviz or Mermaid instead.")
    var drawing: Drawing?

    func run() async throws {
        let session = try await Wiring.session(common)
        // A plan changes nothing, so that uncommitted changes may be looked at as they are.
        let source = try await session.source(sources.commit, allowDirty: sources.commit == nil)
        let plan = try await session.plan(pipeline, source: source)
        switch drawing {
        case .dot: Door.shared.answer(["dot": PlanDrawing.dot(plan)], PlanDrawing.dot(plan))
        case .mermaid: Door.shared.answer(["mermaid": PlanDrawing.mermaid(plan)], PlanDrawing.mermaid(plan))
        case nil:
            let survey = await session.survey(plan)
            let text = PlanText(plan, survey, hasColour: Door.shared.hasColour, columns: Terminal.columns).text
            Door.shared.answer(PlanPayload(plan, survey), text)
        }
        await session.close()
    }
}
