import Conductor

/// What words mean, for people.
enum ExplanationText {
    /// The width that lines are broken at.
    private static let width = 100

    static func found(_ found: [Explanation], hasColour: Bool) -> String {
        let paint = Paint(isOn: hasColour)
        return found.map { explanation in
            ([paint(explanation.word, .bold) + paint(" · \(explanation.sort.rawValue)", .dim)]
                + lines(explanation.meaning, after: "  ") + (explanation.next.map { lines($0, after: "  → ") } ?? []))
                .joined(separator: "\n")
        }.joined(separator: "\n\n")
    }

    /// Every word with the first sentence of what it means.
    static func all(hasColour: Bool) -> String {
        let paint = Paint(isOn: hasColour)
        let column = (Explanation.all.map(\.word.count).max() ?? 0) + 2
        return Explanation.Sort.allCases.map { sort in
            let rows = Explanation.all.filter { $0.sort == sort }.flatMap { explanation in
                let word = explanation.word + String(repeating: " ", count: column - explanation.word.count)
                return lines(firstSentence(of: explanation.meaning), after: "  \(word)")
            }
            return ([paint(heading(sort), .bold)] + rows).joined(separator: "\n")
        }.joined(separator: "\n\n")
    }

    private static func heading(_ sort: Explanation.Sort) -> String {
        switch sort {
        case .exit: "Exit codes"
        case .run: "States of a run"
        case .stage: "States of a stage"
        case .environment: "States of an environment"
        case .diagnostic: "Mistakes in a definition"
        case .failure: "Why stages fail"
        }
    }

    private static func firstSentence(of text: String) -> String {
        let sentences = text.split(separator: ". ", maxSplits: 1)
        return sentences.count > 1 ? "\(sentences[0])." : text
    }

    /// `text` broken into lines, the first after `start` and the others below it.
    private static func lines(_ text: String, after start: String) -> [String] {
        let indent = String(repeating: " ", count: start.count)
        var lines: [String] = []
        var line = start
        for word in text.split(separator: " ") {
            if line.count > start.count, line.count + 1 + word.count > width {
                lines.append(line)
                line = indent
            }
            line += line.count > start.count ? " \(word)" : "\(word)"
        }
        return lines + [line]
    }
}
