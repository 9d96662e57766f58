import Conductor
import Pipeline

/// A refusal for people: what happened, each mistake at its place, and what to do next.
struct RefusalText {
    let text: String

    init(_ refusal: Refusal, hasColour: Bool) {
        let paint = Paint(isOn: hasColour)
        var lines: [String] = []
        for diagnostic in refusal.diagnostics {
            lines.append(
                "\(paint(diagnostic.location.description, .bold)): \(paint(diagnostic.code.rawValue, .red)): \(diagnostic.message)"
            )
            if let remedy = diagnostic.remedy { lines.append("    \(remedy)") }
        }
        lines.append(paint("shipit:", .red) + " " + refusal.message)
        if let remedy = refusal.remedy { lines.append("  → \(remedy)") }
        text = lines.joined(separator: "\n")
    }
}
