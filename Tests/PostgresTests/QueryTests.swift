import Foundation
import Postgres
import PostgresServer
import Testing

/// Statements, their values and their answers.
@Suite struct QueryTests {
    @Test func `brings every kind of value there and back`() async throws {
        try await withConnection { connection, _ in
            let bytes = Array(UInt8.min...UInt8.max)
            let result = try await connection.query(
                "SELECT $1::text, $2, $3::bytea, $4::text, $5::bytea, true, false, null::bytea",
                [.text("Grüße 👋"), .integer(.min), .bytes(bytes), .null, .bytes([])])
            let row = try #require(result.rows.first)
            #expect(row.text(0) == "Grüße 👋")
            #expect(row.integer(1) == .min)
            #expect(row.bytes(2) == bytes)
            #expect(row.text(3) == nil)
            #expect(row.bytes(4) == [])
            #expect(row.boolean(5) == true && row.boolean(6) == false)
            #expect(row.bytes(7) == nil && row.text(8) == nil && row.integer(-1) == nil)
            #expect(row.integer(0) == nil && row.boolean(0) == nil)
        }
    }

    @Test func `brings arrays there and back`() async throws {
        try await withConnection { connection, _ in
            let texts = ["", "NULL", "{\"a\",b}", "Grüße 👋"]
            let numbers: [Int64] = [.min, -1, 0, 258, .max]
            let strings: [[UInt8]?] = [[], nil, [0, 255], Array(repeating: 7, count: 300)]
            let rows = try await connection.query(
                """
                SELECT text, number, truth, bytes
                FROM unnest($1::text[], $2::bigint[], $3::boolean[], $4::bytea[]) AS all_of(text, number, truth, bytes)
                """, [.texts(texts), .integers(numbers), .booleans([true, false]), .byteStrings(strings)]
            ).rows
            #expect(rows.map { $0.text(0) } == texts + [nil])
            #expect(rows.map { $0.integer(1) } == numbers)
            #expect(rows.map { $0.boolean(2) } == [true, false, nil, nil, nil])
            #expect(rows.map { $0.bytes(3) } == strings + [nil])
            let empty = try await connection.query(
                "SELECT cardinality($1::text[]), cardinality($2::bytea[])", [.texts([]), .byteStrings([])])
            #expect(empty.rows.first?.integer(0) == 0 && empty.rows.first?.integer(1) == 0)
        }
    }

    @Test(arguments: ["hex", "escape"]) func `reads bytes in the form the server is set to`(form: String) async throws {
        try await withConnection { connection, _ in
            try await connection.execute(script: "SET bytea_output = \(form)")
            let result = try await connection.query("SELECT '\\x5c00ff41'::bytea")
            #expect(result.rows.first?.bytes(0) == [0x5c, 0, 0xff, 0x41])
        }
    }

    @Test func `carries a megabyte both ways`() async throws {
        try await withConnection { connection, _ in
            let bytes = (0..<(1 << 20)).map { UInt8(truncatingIfNeeded: $0 &* 31) }
            let text = String(repeating: "ä", count: 1 << 19)
            let result = try await connection.query("SELECT $1::bytea, $2::text", [.bytes(bytes), .text(text)])
            #expect(result.rows.first?.bytes(0) == bytes)
            #expect(result.rows.first?.text(1) == text)
        }
    }

    @Test func `counts what a statement touched`() async throws {
        try await withConnection { connection, _ in
            try await connection.execute(script: "CREATE TABLE t(a int)")
            #expect(try await connection.query("INSERT INTO t SELECT generate_series(1, 7)").affected == 7)
            #expect(try await connection.query("DELETE FROM t WHERE a > $1", [.integer(5)]).affected == 2)
            #expect(try await connection.query("SELECT a FROM t").rows.count == 5)
            #expect(try await connection.query("").rows.isEmpty)
        }
    }

    @Test(arguments: [
        "'; DROP TABLE t; --", "$1", "\\'; SELECT 1", "\u{2019}; DROP TABLE t", "%s %00", "\\x00", "E'\\''", "{a,b}", "NULL", "",
    ])
    func `takes every value as a value`(text: String) async throws {
        try await withConnection { connection, _ in
            try await connection.execute(script: "CREATE TABLE t(a text)")
            _ = try await connection.query("INSERT INTO t VALUES ($1)", [.text(text)])
            #expect(try await connection.query("SELECT a FROM t WHERE a = $1", [.text(text)]).rows.first?.text(0) == text)
            #expect(try await connection.query("SELECT a FROM t").rows.count == 1)
        }
    }

    @Test func `refuses zero bytes and second statements`() async throws {
        try await withConnection { connection, _ in
            #expect(await failure { _ = try await connection.query("SELECT $1", [.text("a\u{0}b")]) }?.code == .other)
            #expect(await failure { _ = try await connection.query("SELECT 1\u{0}; DROP") }?.code == .syntax)
            #expect(await failure { try await connection.execute(script: "SELECT 1\u{0}; DROP") }?.code == .syntax)
            #expect(await failure { _ = try await connection.query("SELECT 1; SELECT 2") }?.code == .syntax)
            #expect(await failure { try await connection.listen("a\u{0}b") }?.code == .syntax)
            let result = try await connection.query("SELECT 3")
            #expect(result.rows.first?.integer(0) == 3)
        }
    }

    /// A statement, and its code, state and position.
    typealias Wrong = (sql: String, code: PostgresError.Code, state: String, position: Int?)

    @Test(
        arguments: [
            ("SELEC 1", .syntax, "42601", 1), ("SELECT 'ä', nothing", .syntax, "42703", 13),
            ("SELECT * FROM missing", .syntax, "42P01", 15), ("SELECT 1/0", .other, "22012", nil),
            ("INSERT INTO t VALUES (1)", .constraint, "23505", nil),
            ("INSERT INTO t VALUES (null)", .constraint, "23502", nil), ("SET ROLE shipit_nobody", .other, "22023", nil),
        ] as [Wrong])
    func `tells what is wrong, and where`(wrong: Wrong) async throws {
        try await withConnection { connection, _ in
            try await connection.execute(script: "CREATE TABLE t(a int PRIMARY KEY); INSERT INTO t VALUES (1)")
            let error = try #require(await failure { _ = try await connection.query(wrong.sql) })
            #expect(error.code == wrong.code)
            #expect(error.sqlState == wrong.state)
            #expect(error.position == wrong.position)
            #expect(error.message.hasPrefix("PostgreSQL refused the statement: "))
        }
    }

    @Test func `refuses a stream of rows and ends the session`() async throws {
        try await withConnection { connection, _ in
            #expect(await failure { try await connection.execute(script: "COPY (SELECT 1) TO STDOUT") }?.code == .other)
            #expect(await failure { _ = try await connection.query("SELECT 1") }?.code == .connectionLost)
        }
    }
}

/// Scripts of several statements.
@Suite struct ScriptTests {
    @Test func `points into the script as a whole`() async throws {
        try await withConnection { connection, _ in
            let script = "CREATE TABLE t(a int);\n-- für später\nINSERT INTO t VALUES (1);\nINSERT INTO t VALUS (2);\n"
            let error = try #require(await failure { try await connection.execute(script: script) })
            let wrong = try #require(script.range(of: "VALUS"))
            #expect(error.code == .syntax)
            #expect(error.position == script.unicodeScalars.distance(from: script.startIndex, to: wrong.lowerBound) + 1)
        }
    }

    @Test(arguments: ["SELECT 1/0", "SELECT * FROM missing", "INSERT INTO t VALUES ('a')"])
    func `does all of a script or nothing`(failing: String) async throws {
        try await withConnection { connection, _ in
            let script = "CREATE TABLE t(a int); INSERT INTO t VALUES (1); \(failing); INSERT INTO t VALUES (2)"
            #expect(await failure { try await connection.execute(script: script) } != nil)
            #expect(try await connection.query("SELECT to_regclass('t') IS NULL").rows.first?.boolean(0) == true)
            try await connection.execute(script: "CREATE TABLE t(a int); INSERT INTO t VALUES (1); INSERT INTO t VALUES (2)")
            #expect(try await connection.query("SELECT count(*) FROM t").rows.first?.integer(0) == 2)
        }
    }

    @Test func `closes the transaction that a failed script left open`() async throws {
        try await withConnection { connection, _ in
            #expect(await failure { try await connection.execute(script: "BEGIN; SELECT 1; SELECT 1/0; COMMIT") } != nil)
            #expect(await !connection.isInTransaction)
            let result = try await connection.query("SELECT 1")
            #expect(result.rows.count == 1)
        }
    }

    @Test func `leaves the transaction of its caller open`() async throws {
        try await withConnection { connection, _ in
            _ = try await connection.query("BEGIN")
            try await connection.execute(script: "CREATE TABLE t(a int); INSERT INTO t VALUES (1)")
            #expect(await connection.isInTransaction)
            #expect(await failure { try await connection.execute(script: "SELECT 1/0") } != nil)
            #expect(await connection.isInTransaction)
            _ = try await connection.query("ROLLBACK")
            #expect(try await connection.query("SELECT to_regclass('t') IS NULL").rows.first?.boolean(0) == true)
        }
    }
}
