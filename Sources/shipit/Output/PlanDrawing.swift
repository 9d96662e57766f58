import Pipeline

/// A plan's DAG in the languages of drawing programs.
enum PlanDrawing {
    /// The DAG in Graphviz's language.
    ///
    /// https://graphviz.org/doc/info/lang.html
    static func dot(_ plan: Plan) -> String {
        var lines = ["digraph \"\(plan.pipeline)\" {", "  rankdir=LR; node [shape=box, style=rounded, fontname=\"sans-serif\"];"]
        for stage in plan.stages { lines.append("  \"\(stage.name)\" [label=\"\(stage.name)\\n\(stage.kind.keyword)\"];") }
        for (from, to, label) in edges(plan) {
            lines.append("  \"\(from)\" -> \"\(to)\"" + (label.map { " [label=\"\($0)\"]" } ?? " [style=dashed]") + ";")
        }
        return (lines + ["}"]).joined(separator: "\n")
    }

    /// The DAG as a Mermaid flowchart.
    ///
    /// https://mermaid.js.org/syntax/flowchart.html
    static func mermaid(_ plan: Plan) -> String {
        let number = Dictionary(uniqueKeysWithValues: plan.stages.enumerated().map { ($1.name, $0) })
        func id(_ name: StageName) -> String { "s\(number[name] ?? 0)" }
        var lines = ["flowchart LR"]
        for stage in plan.stages {
            let shape = stage.kind.keyword == "approve" ? ("{{\"", "\"}}") : ("[\"", "\"]")
            lines.append("  \(id(stage.name))\(shape.0)\(stage.name)\(shape.1)")
        }
        for (from, to, label) in edges(plan) {
            lines.append("  \(id(from)) " + (label.map { "-- \"\($0)\" -->" } ?? "-.->") + " \(id(to))")
        }
        return lines.joined(separator: "\n")
    }

    /// Each edge once, with the artifact that flows along it; nil where it only orders.
    private static func edges(_ plan: Plan) -> [(from: StageName, to: StageName, label: String?)] {
        let products = Dictionary(uniqueKeysWithValues: plan.stages.map { ($0.name, $0.kind.value.product(in: plan.project)) })
        return plan.stages.flatMap { stage in
            Set(stage.inputs.values).sorted().map { ($0, stage.name, products[$0]??.description) }
                + stage.needs.map { ($0, stage.name, nil) }
        }
    }
}
