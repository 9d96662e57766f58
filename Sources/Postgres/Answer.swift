import CPostgres

/// One result of libpq, copied out of it.
enum Answer {
    case result(QueryResult)
    case failure(PostgresError)
    /// The server expects or sends a stream of rows.
    case copy

    /// The result, or the failure.
    var result: QueryResult {
        get throws(PostgresError) {
            switch self {
            case .result(let result): return result
            case .failure(let error): throw error
            case .copy: throw PostgresError(.other, "COPY from or to the client is not possible here; use psql.")
            }
        }
    }

    /// Copies and frees `result`; `interruption` says why the server was asked to stop, when it was.
    init(taking result: OpaquePointer, interruption: Watch.Event?, isAlive: Bool) {
        defer { unsafe PQclear(result) }
        switch unsafe PQresultStatus(result) {
        case PGRES_TUPLES_OK, PGRES_COMMAND_OK, PGRES_EMPTY_QUERY: self = unsafe .result(QueryResult(copying: result))
        case PGRES_COPY_IN, PGRES_COPY_OUT, PGRES_COPY_BOTH: self = .copy
        default: self = unsafe .failure(PostgresError(result, interruption: interruption, isAlive: isAlive))
        }
    }
}

extension QueryResult {
    fileprivate init(copying result: OpaquePointer) {
        let width = unsafe PQnfields(result)
        rows = unsafe (0..<PQntuples(result)).map { row in
            Row(cells: (0..<width).map { column in unsafe Row.Cell(copying: result, row, column) })
        }
        affected = unsafe Int(String(cString: PQcmdTuples(result))) ?? 0
    }
}

extension Row.Cell {
    fileprivate init(copying result: OpaquePointer, _ row: Int32, _ column: Int32) {
        guard unsafe PQgetisnull(result, row, column) == 0, let start = unsafe PQgetvalue(result, row, column) else {
            self = .null
            return
        }
        let length = unsafe Int(PQgetlength(result, row, column))
        guard unsafe PQftype(result, column) == byteaType else {
            self = unsafe .text(String(decoding: UnsafeRawBufferPointer(start: start, count: length), as: UTF8.self))
            return
        }
        // Knows both forms a server may be set to write, hex and escape.
        var count = 0
        guard let bytes = unsafe start.withMemoryRebound(to: UInt8.self, capacity: length, { unsafe PQunescapeBytea($0, &count) })
        else {
            self = .null
            return
        }
        self = unsafe .bytes(Array(UnsafeBufferPointer(start: bytes, count: count)))
        unsafe PQfreemem(bytes)
    }
}

extension PostgresError {
    fileprivate init(_ result: OpaquePointer, interruption: Watch.Event?, isAlive: Bool) {
        func field(_ code: Int32) -> String? {
            unsafe PQresultErrorField(result, code).map { unsafe String(cString: $0) }
        }
        let state = field(shipit_pg_sqlstate())
        let text = unsafe field(shipit_pg_message()) ?? Self.firstLine(PQresultErrorMessage(result))
        let code: Code =
            switch (isAlive, state, interruption) {
            case (false, _, _): .connectionLost
            case (_, "57014", .cancelled): .cancelled
            case (_, let state?, _): Self.code(for: state)
            default: .other
            }
        let sentence =
            switch code {
            case .cancelled: "The statement was cancelled."
            case .timedOut where interruption == .late: "The statement took longer than it was given and was stopped."
            case .timedOut: "The server stopped the statement: \(text)."
            case .connectionLost: "The connection to PostgreSQL was lost: \(text)."
            default: "PostgreSQL refused the statement: \(text)."
            }
        self.init(
            code, sentence, sqlState: state, position: field(shipit_pg_position()).flatMap { Int($0) },
            detail: field(shipit_pg_detail()), hint: field(shipit_pg_hint()))
    }

    /// The first line of a message of libpq, without a full stop; libpq ends its own with a line break.
    static func firstLine(_ text: UnsafePointer<CChar>?) -> String {
        let lines = unsafe text.map { unsafe String(cString: $0) }?.split(whereSeparator: \.isNewline) ?? []
        return lines.first.map { $0.hasSuffix(".") ? String($0.dropLast()) : String($0) } ?? "no answer"
    }
}
