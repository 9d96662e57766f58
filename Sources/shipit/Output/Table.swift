/// Rows in columns, aligned by what a terminal shows: colour codes take no room.
struct Table {
    private var rows: [[String]] = []

    init(_ header: [String] = []) {
        if !header.isEmpty { rows.append(header) }
    }

    mutating func add(_ cells: String...) {
        rows.append(cells)
    }

    var text: String {
        let columns = rows.map(\.count).max() ?? 0
        let widths = (0..<columns).map { column in
            rows.map { $0.indices.contains(column) ? Self.width($0[column]) : 0 }.max() ?? 0
        }
        return rows.map { row in
            var line = ""
            for (column, cell) in row.enumerated() {
                line += cell
                if column < row.count - 1 { line += String(repeating: " ", count: widths[column] - Self.width(cell) + 2) }
            }
            while line.utf8.last == UInt8(ascii: " ") { line.removeLast() }
            return line
        }.joined(separator: "\n")
    }

    /// Characters shown: `ESC [ … m` shows nothing.
    static func width(_ text: String) -> Int {
        // Plain ASCII, as most cells are, need not be taken apart into characters.
        if text.utf8.allSatisfy({ (0x20..<0x7F).contains($0) }) { return text.utf8.count }
        var count = 0
        var isEscape = false
        for character in text {
            if character == "\u{1B}" { isEscape = true } else if isEscape { isEscape = character != "m" } else { count += 1 }
        }
        return count
    }
}
