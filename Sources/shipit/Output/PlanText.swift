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

    init(_ plan: Plan, _ survey: Survey, hasColour: Bool, columns: Int?) {
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
        for trouble in Self.troubles(plan, survey) {
            lines.append(paint("not known of \(trouble.stages.map(\.text).joined(separator: ", ")):", .yellow))
            lines += ["  " + WrappedText(trouble.words, indent: 2, columns: columns).text, ""]
        }
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

    /// Why something is not known, once for all stages of which nothing but the image's name makes it another sentence.
    private static func troubles(_ plan: Plan, _ survey: Survey) -> [(stages: [StageName], words: String)] {
        var found: [(sort: String, stages: [StageName], words: String)] = []
        for (stage, finding) in zip(plan.stages, survey.findings) {
            guard let words = finding.trouble?.replacing("\n", with: " ") else { continue }
            // The registry's host is in another place of an address than of a name.
            let repository = (stage.kind.value as? Build).map { build in
                plan.project.image(of: build.service).drop { $0 != "/" }
            }
            let sort = repository.map { words.replacing($0, with: "") } ?? words
            if let place = found.firstIndex(where: { $0.sort == sort }) {
                found[place].stages.append(stage.name)
            } else {
                found.append((sort, [stage.name], words))
            }
        }
        return found.map { ($0.stages, $0.words) }
    }
}
