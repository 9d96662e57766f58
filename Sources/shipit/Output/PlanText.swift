import CanonicalJSON
import Conductor
import Hashing
import Pipeline

/// A plan for programs: the plan itself with its hash, and what was found beside it.
struct PlanPayload: Encodable {
    var sum: SHA256Sum
    var criticalPath: [StageName]
    var plan: Rendered<Plan>
    var findings: [Survey.Finding]

    init(_ plan: Plan, _ survey: Survey) {
        let rendered = Rendered(plan)
        sum = SHA256Sum(of: rendered.bytes)
        criticalPath = plan.criticalPath()
        self.plan = rendered
        findings = survey.findings
    }
}

/// A plan for people.
struct PlanText {
    let text: String

    init(_ plan: Plan, _ survey: Survey, hasColour: Bool) {
        let paint = Paint(isOn: hasColour)
        let critical = Set(plan.criticalPath())
        var table = Table(["  STAGE", "DOES", "AFTER", "NOW"])
        for (stage, finding) in zip(plan.stages, survey.findings) {
            let mark = finding.isDone ? paint("✓", .green) : critical.contains(stage.name) ? paint("◆", .blue) : paint("◇", .dim)
            table.add(
                "\(mark) \(stage.name)", stage.kind.value.summary, stage.predecessors.map(\.text).joined(separator: ", "),
                finding.note ?? "")
        }
        var lines = [
            paint("\(plan.pipeline)", .bold) + " for \(plan.source.commit.prefix(12))"
                + (plan.source.dirty == nil ? "" : " with uncommitted changes")
                + paint(" · plan \(plan.sum.hex.prefix(12))", .dim),
            "", table.text, "",
        ]
        for finding in survey.findings where !finding.migrations.isEmpty {
            lines.append("\(finding.stage) would apply:")
            for migration in finding.migrations {
                lines.append(
                    "  \(migration.file)"
                        + (migration.isCompatible
                            ? paint("  compatible with the release before", .dim)
                            : paint("  a rollback past it will be blocked", .yellow)))
            }
            lines.append("")
        }
        lines.append(paint("✓ done already   ◆ on the critical path   ◇ beside it", .dim))
        text = lines.joined(separator: "\n")
    }
}
