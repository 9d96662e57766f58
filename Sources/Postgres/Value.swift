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
    /// A `text[]`.
    case texts([String])
    /// A `bigint[]`.
    case integers([Int64])
    /// A `boolean[]`.
    case booleans([Bool])
    /// A `bytea[]`, with nil for null.
    case byteStrings([[UInt8]?])

    /// The type's number in `pg_type`; 0 lets the server find out.
    var type: UInt32 {
        switch self {
        case .text, .null: 0
        case .integer: 20
        case .bytes: byteaType
        case .texts: 1009
        case .integers: 1016
        case .booleans: 1000
        case .byteStrings: 1001
        }
    }

    /// 1 for PostgreSQL's binary format, 0 for text.
    var format: Int32 {
        switch self {
        case .text, .integer, .null: 0
        case .bytes, .texts, .integers, .booleans, .byteStrings: 1
        }
    }

    /// Whether a zero byte would end up in a text, which cannot hold one.
    var holdsZero: Bool {
        switch self {
        case .text(let text): text.utf8.contains(0)
        case .texts(let texts): texts.contains { $0.utf8.contains(0) }
        case .integer, .bytes, .null, .integers, .booleans, .byteStrings: false
        }
    }

    /// What is sent; text ends with the zero byte libpq looks for, which is no part of the value.
    var wire: [UInt8]? {
        switch self {
        case .text(let text): Array(text.utf8) + [0]
        case .integer(let number): Array(String(number).utf8) + [0]
        case .bytes(let bytes): bytes
        case .null: nil
        case .texts(let texts): Self.array(of: 25, texts.map { Array($0.utf8) })
        case .integers(let numbers): Self.array(of: 20, numbers.map { bigEndian($0) })
        case .booleans(let truths): Self.array(of: 16, truths.map { [$0 ? 1 : 0] })
        case .byteStrings(let strings): Self.array(of: byteaType, strings)
        }
    }

    /// An array of one dimension in the binary format: dimensions, whether there are nulls, the element type, length and first index,
    /// then each element behind its length (`array_recv` in PostgreSQL's `arrayfuncs.c`).
    private static func array(of type: UInt32, _ elements: [[UInt8]?]) -> [UInt8] {
        var wire: [UInt8] = []
        wire.reserveCapacity(elements.reduce(20) { $0 + 4 + ($1?.count ?? 0) })
        wire += bigEndian(Int32(elements.isEmpty ? 0 : 1))
        wire += bigEndian(Int32(elements.contains(nil) ? 1 : 0))
        wire += bigEndian(type)
        guard !elements.isEmpty else { return wire }
        wire += bigEndian(Int32(elements.count))
        wire += bigEndian(Int32(1))
        for element in elements {
            wire += bigEndian(Int32(element?.count ?? -1))
            wire += element ?? []
        }
        return wire
    }
}

/// A number as the protocol writes it.
private func bigEndian<Number: FixedWidthInteger>(_ number: Number) -> [UInt8] {
    (0..<Number.bitWidth / 8).reversed().map { UInt8(truncatingIfNeeded: number >> ($0 * 8)) }
}

/// One statement of several that are sent at once.
public struct Statement: Sendable, Hashable {
    let sql: String
    let values: [Value]
    /// Whether the server may keep it.
    let isKept: Bool

    /// `sql` with `values` in the places `$1`, `$2` and so on.
    ///
    /// A statement that is kept is parsed and planned once in a session, where `Connection.keepStatements` allows it: for what is run
    /// again and again with the same types of values.
    public init(_ sql: String, _ values: [Value] = [], isKept: Bool = false) {
        self.sql = sql
        self.values = values
        self.isKept = isKept
    }
}

/// The number of `bytea` in `pg_type`, the same in every server.
let byteaType: UInt32 = 17
