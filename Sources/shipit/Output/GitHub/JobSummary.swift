import Conductor
import Glibc
import Pipeline
import Records

/// A drive in the summary of a GitHub Actions job: how it ended, the DAG in the colours of its states, a table, and why it failed.
struct JobSummary {
    let text: String

    /// Above that GitHub's Mermaid draws nothing, or nothing that can be read.
    private static let largestDrawing = (stages: 300, edges: 500, bytes: 50_000)
    /// More rows nobody reads, and a summary has at most 1 MiB.
    private static let longestTable = 1000

    /// - Parameters:
    ///   - driven: how it ended.
    ///   - said: the last lines that a stage printed.
    ///   - now: the time, in milliseconds since 1970.
    init(_ driven: Session.Driven, said: (StageName) -> [String], now: Int64) {
        let (record, run) = (driven.record, driven.record.run)
        let view = RunView(record)
        var parts = ["## \(driven.end.sign(for: run)) \(view.pipeline): \(Self.cell(run.reason))"]
        let took = Moment.span(max(0, record.updated - record.created))
        parts.append("Run `\(run.id)` for `\(view.commit.prefix(12))`, \(took), begun by \(Self.cell(record.by)).")
        parts.append(Self.fenced(DriveText(driven, said: said, hasColour: false).text, "text"))
        let stages = zip(run.plan.stages, view.stages).filter { $1.isWanted }
        let edges = stages.reduce(0) { $0 + $1.0.predecessors.count }
        if stages.count <= Self.largestDrawing.stages, edges <= Self.largestDrawing.edges {
            let drawing = PlanDrawing.mermaid(run.plan, states: view.stages.map(\.state))
            if drawing.utf8.count <= Self.largestDrawing.bytes { parts.append(Self.fenced(drawing, "mermaid")) }
        }
        var rows = ["| | stage | state | took | |", "|---|---|---|---|---|"]
        for (_, stage) in stages.prefix(Self.longestTable) {
            let took = stage.started.map { Moment.span(max(0, (stage.ended ?? now) - $0)) } ?? ""
            let words = Self.cell([stage.product, stage.reason].compactMap { $0 }.joined(separator: " · "))
            rows.append("| \(Self.sign(of: stage.state)) | \(stage.name) | \(stage.state) | \(took) | \(words) |")
        }
        parts.append(rows.joined(separator: "\n"))
        if stages.count > Self.longestTable { parts.append("… and \(stages.count - Self.longestTable) more stages.") }
        text = parts.joined(separator: "\n\n") + "\n\n"
    }

    /// One line of text that Markdown shows as it is.
    static func cell(_ text: String) -> String {
        var line = ""
        for character in text.split(whereSeparator: \.isNewline).first ?? "" {
            switch character {
            case "|", "\\", "`", "*", "_", "[", "]", "~": line += "\\\(character)"
            case "<": line += "&lt;"
            case ">": line += "&gt;"
            case "&": line += "&amp;"
            default: line.append(character)
            }
        }
        return line
    }

    /// Text in a block that nothing in it can end.
    static func fenced(_ text: String, _ language: String) -> String {
        var (longest, current) = (2, 0)
        for byte in text.utf8 {
            current = byte == UInt8(ascii: "`") ? current + 1 : 0
            longest = max(longest, current)
        }
        let fence = String(repeating: "`", count: longest + 1)
        return "\(fence)\(language)\n\(text)\n\(fence)"
    }

    private static func sign(of state: String) -> String {
        switch state {
        case "succeeded": "✅"
        case "failed", "indeterminate": "❌"
        case "waiting": "⏸️"
        case "blocked", "cancelled": "🚫"
        case "skipped": "⏭️"
        default: "▫️"
        }
    }
}

extension DriveEnd {
    /// How it ended, at a glance.
    fileprivate func sign(for run: Run) -> String {
        switch exit(for: run) {
        case .done: "✅"
        case .waiting: "⏸️"
        default: "❌"
        }
    }
}

/// The file that GitHub shows as a job's summary.
enum SummaryFile {
    /// Appends Markdown; a summary that cannot be written fails no run.
    static func append(_ text: String, to path: String) {
        let file = unsafe open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o644)
        guard file >= 0 else { return }
        Terminal.write(Array(text.utf8), to: file)
        close(file)
    }
}
