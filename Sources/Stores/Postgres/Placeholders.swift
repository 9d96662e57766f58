/// The places of values in SQL.
enum Placeholders {
    /// `$1, $2` and so on.
    static func list(of count: Int) -> String {
        (1...count).map { "$\($0)" }.joined(separator: ", ")
    }

    /// `($1, $2), ($3, $4)` and so on: as many rows, with these casts behind the columns.
    static func rows(_ count: Int, of casts: [String]) -> String {
        (0..<count).map { row in
            let cells = casts.enumerated().map { column, cast in "$\(row * casts.count + column + 1)\(cast)" }
            return "(\(cells.joined(separator: ", ")))"
        }.joined(separator: ", ")
    }
}
