import Hashing
import Testing

@testable import Pipeline

@Suite struct MigrationTests {
    @Test func `reads what stands between up and down`() throws {
        let text = "-- first\n-- migrate:up\nCREATE TABLE a ();\nCREATE TABLE b ();\n-- migrate:down\nDROP TABLE a;\n"
        let migration = try Migration(parsing: Array(text.utf8), path: "db/migrations/20261122_add_tables.sql")
        #expect(migration.version == "20261122")
        #expect(migration.file == "20261122_add_tables.sql")
        #expect(migration.up == "CREATE TABLE a ();\nCREATE TABLE b ();")
        #expect(migration.upLine == 3)
        #expect(migration.isTransactional)
        #expect(!migration.isCompatible)
        #expect(migration.sum == SHA256Sum(of: text))
    }

    @Test(arguments: [
        "-- migrate:up\nSELECT 1;\n-- migrate:down\nSELECT 2;\n", "--migrate:up\nSELECT 1;\n--migrate:down\nSELECT 2;\n",
        "  --\tmigrate:up  \nSELECT 1;\n-- migrate:down x\nSELECT 2;\n",
    ])
    func `reads the marks as dbmate does, with line ends of any system`(text: String) throws {
        for ending in ["\n", "\r\n"] {
            let content = Array(text.replacing("\n", with: ending).utf8)
            let migration = try Migration(parsing: content, path: "1_a.sql")
            #expect(migration.up == "SELECT 1;")
            #expect(migration.sum == SHA256Sum(of: content))
        }
    }

    @Test func `reads the options`() throws {
        let text = "-- shipit:compatible\n-- migrate:up transaction:false\nCREATE INDEX CONCURRENTLY i ON t (c);\n"
        let migration = try Migration(parsing: Array(text.utf8), path: "1_index.sql")
        #expect(!migration.isTransactional)
        #expect(migration.isCompatible)
        #expect(migration.mark == MigrationMark(version: "1", file: "1_index.sql", sum: SHA256Sum(of: text), isCompatible: true))
    }

    @Test(arguments: [
        ("add_users.sql", "-- migrate:up\n", 1, "does not begin with a version"),
        ("1_add_users.txt", "-- migrate:up\n", 1, "does not begin with a version"),
        ("1_a.sql", "CREATE TABLE a ();\n", 1, "there is no '-- migrate:up' line"),
        ("1_a.sql", "", 1, "there is no '-- migrate:up' line"),
        ("1_a.sql", "-- migrate:up\nSELECT 1;\n-- migrate:up\n", 3, "stands twice"),
        ("1_a.sql", "-- migrate:down\n-- migrate:up\n", 1, "before 'migrate:up'"),
        ("1_a.sql", "-- migrate:up\n-- migrate:down\n-- migrate:down\n", 3, "stands twice"),
        ("1_a.sql", "\n-- migrate:up transaction=false\n", 2, "is no option"),
        ("1_a.sql", "-- migrate:up\n-- shipit:compatibel\n", 2, "is not known"),
    ])
    func `says what is wrong and in which line`(file: String, text: String, line: Int, message: String) {
        let error = #expect(throws: Migration.Malformed.self) { try Migration(parsing: Array(text.utf8), path: "m/\(file)") }
        #expect(error?.location == SourceLocation(file: "m/\(file)", line: line, column: 1))
        #expect(error?.message.contains(message) == true, "\(error?.message ?? "")")
    }

    @Test func `refuses what is not UTF-8`() {
        #expect(throws: Migration.Malformed.self) { try Migration(parsing: [0x2D, 0xFF], path: "1_a.sql") }
    }
}
