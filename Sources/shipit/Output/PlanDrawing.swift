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
    /// - Parameters:
    ///   - plan: the plan.
    ///   - states: the word for the state of each stage, which colours it; nil for a plan that does not run.
    static func mermaid(_ plan: Plan, states: [String]? = nil) -> String {
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
        for (state, colours) in Self.colours {
            let stages = (states ?? []).indices.filter { states?[$0] == state }.map { "s\($0)" }
            guard !stages.isEmpty else { continue }
            lines += ["  classDef \(state) \(colours)", "  class \(stages.joined(separator: ",")) \(state)"]
        }
        return lines.joined(separator: "\n")
    }

    /// Fill, border and letters by state, which can be told apart on a light page and on a dark one.
    private static let colours = [
        ("succeeded", "fill:#1a7f37,stroke:#116329,color:#fff"), ("running", "fill:#0969da,stroke:#0550ae,color:#fff"),
        ("failed", "fill:#cf222e,stroke:#a40e26,color:#fff"), ("indeterminate", "fill:#8250df,stroke:#6639ba,color:#fff"),
        ("waiting", "fill:#bf8700,stroke:#9a6700,color:#fff"), ("blocked", "fill:#6e7781,stroke:#57606a,color:#fff"),
        ("cancelled", "fill:#6e7781,stroke:#57606a,color:#fff"), ("skipped", "fill:#6e7781,stroke:#57606a,color:#fff"),
    ]

    /// Each edge once, with the artifact that flows along it; nil where it only orders.
    private static func edges(_ plan: Plan) -> [(from: StageName, to: StageName, label: String?)] {
        let products = Dictionary(uniqueKeysWithValues: plan.stages.map { ($0.name, $0.kind.value.product(in: plan.project)) })
        return plan.stages.flatMap { stage in
            Set(stage.inputs.values).sorted().map { ($0, stage.name, products[$0]??.description) }
                + stage.needs.map { ($0, stage.name, nil) }
        }
    }
}
