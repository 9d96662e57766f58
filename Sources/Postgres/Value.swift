/// One parameter of a statement; it travels beside the SQL and is never part of its text.
public enum Value: Sendable, Hashable {
    /// Text, or whatever type the statement's context wants that is written as this text.
    case text(String)
    /// A `bigint`.
    case integer(Int64)
    /// A `bytea`.
    case bytes([UInt8])
    /// No value.
    case null

    /// The type's number in `pg_type`; 0 lets the server find out.
    var type: UInt32 {
        switch self {
        case .text, .null: 0
        case .integer: 20
        case .bytes: byteaType
        }
    }

    /// 1 for PostgreSQL's binary format, 0 for text.
    var format: Int32 {
        if case .bytes = self { 1 } else { 0 }
    }

    /// What is sent; text ends with the zero byte libpq looks for, which is no part of the value.
    var wire: [UInt8]? {
        switch self {
        case .text(let text): Array(text.utf8) + [0]
        case .integer(let number): Array(String(number).utf8) + [0]
        case .bytes(let bytes): bytes
        case .null: nil
        }
    }
}

/// One statement of several that are sent at once.
public struct Statement: Sendable, Hashable {
    let sql: String
    let values: [Value]

    /// `sql` with `values` in the places `$1`, `$2` and so on.
    public init(_ sql: String, _ values: [Value] = []) {
        self.sql = sql
        self.values = values
    }
}

/// The number of `bytea` in `pg_type`, the same in every server.
let byteaType: UInt32 = 17
