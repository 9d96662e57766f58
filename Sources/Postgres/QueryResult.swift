/// What a statement answered.
public struct QueryResult: Sendable {
    /// The rows, in the server's order.
    public let rows: [Row]
    /// How many rows were inserted, updated, deleted or selected.
    public let affected: Int

    static let none = QueryResult(rows: [], affected: 0)
}

/// One row of an answer; its columns count from 0.
///
/// A column that is null, is not there or holds something else reads as nil.
public struct Row: Sendable {
    /// One value, as it came.
    enum Cell: Sendable {
        case null
        /// In the server's text format.
        case text(String)
        /// A `bytea`.
        case bytes([UInt8])
    }

    let cells: [Cell]

    /// The value as the server writes it.
    public func text(_ column: Int) -> String? {
        guard cells.indices.contains(column), case .text(let text) = cells[column] else { return nil }
        return text
    }

    /// A whole number.
    public func integer(_ column: Int) -> Int64? {
        text(column).flatMap { Int64($0) }
    }

    /// A boolean.
    public func boolean(_ column: Int) -> Bool? {
        switch text(column) {
        case "t": true
        case "f": false
        default: nil
        }
    }

    /// The bytes of a `bytea`, or those of any other value's text.
    public func bytes(_ column: Int) -> [UInt8]? {
        guard cells.indices.contains(column) else { return nil }
        return switch cells[column] {
        case .null: nil
        case .text(let text): Array(text.utf8)
        case .bytes(let bytes): bytes
        }
    }
}
