/// What is drawn at the end of a terminal's output, and how it is drawn anew: one piece of bytes for each frame.
///
/// The cursor stays visible and stands below what is drawn, at the beginning of a line: whatever ends us, however suddenly, leaves a
/// terminal on which a shell can go on.
struct LiveCanvas {
    /// The columns of each line drawn, as of now.
    private var drawn: [Int] = []
    private var frame: [String] = []
    private var width = 0

    /// The bytes that print `printed`, which stays, and draw `lines` below it; none when nothing is different.
    ///
    /// - Parameters:
    ///   - printed: whole lines, which may be wider than the terminal.
    ///   - lines: none wider than the terminal.
    ///   - size: the terminal's, now.
    mutating func bytes(printing printed: [String], drawing lines: [String], on size: (columns: Int, rows: Int)) -> [UInt8] {
        guard !printed.isEmpty || lines != frame || size.columns != width else { return [] }
        // Synchronized output: terminals that know it show the whole frame at once, the others ignore it.
        var text = "\u{1B}[?2026h"
        let up = min(height(at: size.columns), size.rows - 1)
        if up > 0 { text += "\u{1B}[\(up)A" }
        text += "\r"
        if !printed.isEmpty || size.columns != width, up > 0 {
            // What is printed may fill a line to its very end, where erasing the rest would erase its last character: erased before. Line
            // by line, since a terminal that is told to erase its whole screen may keep what was there in its history.
            text += String(repeating: "\u{1B}[2K\u{1B}[B", count: up) + "\u{1B}[2K\u{1B}[\(up)A"
        }
        for line in printed { text += line + "\n" }
        // Lines that are wider than we think, since terminals differ, are cut by the terminal.
        text += "\u{1B}[?7l"
        for line in lines { text += line + "\u{1B}[K\n" }
        text += "\u{1B}[?7h\u{1B}[J\u{1B}[?2026l"
        drawn = lines.map { TerminalText.width($0) }
        frame = lines
        width = size.columns
        return Array(text.utf8)
    }

    /// Begins below whatever is there now: somebody else has written since.
    mutating func forget() {
        drawn = []
        frame = []
    }

    /// The rows that what was drawn takes by now: terminals wrap what has become too wide for them.
    private func height(at columns: Int) -> Int {
        guard columns < width else { return drawn.count }
        return drawn.reduce(0) { $0 + max(1, ($1 + columns - 1) / max(1, columns)) }
    }
}
