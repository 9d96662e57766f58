import Foundation
import Postgres
import PostgresServer

/// What the target database itself notes about its migrations, by triggers that shipit knows nothing of.
///
/// What is rolled back leaves no note: a note is a migration that took effect.
struct DatabaseWitness {
    let url: URLComponents

    /// Puts the triggers up, before the first migration.
    func begin() async throws {
        try await PostgresServer.run(
            """
            DO $do$ BEGIN
                CREATE TABLE notes(number bigserial, what text NOT NULL);
                CREATE TABLE parts(number bigint NOT NULL);
                CREATE TABLE schema_migrations(version varchar(128) PRIMARY KEY);
                CREATE FUNCTION note_version() RETURNS trigger LANGUAGE plpgsql AS $$
                    BEGIN
                        INSERT INTO notes(what) VALUES (TG_OP || ' ' || coalesce(NEW.version, OLD.version));
                        RETURN NULL;
                    END $$;
                CREATE TRIGGER note AFTER INSERT OR UPDATE OR DELETE ON schema_migrations
                    FOR EACH ROW EXECUTE FUNCTION note_version();
                CREATE FUNCTION note_table() RETURNS event_trigger LANGUAGE plpgsql AS $$
                    BEGIN
                        INSERT INTO notes(what) SELECT command_tag || ' ' || object_identity
                            FROM pg_event_trigger_ddl_commands() WHERE object_identity LIKE 'public.part_%' AND object_type = 'table';
                    END $$;
                CREATE EVENT TRIGGER note ON ddl_command_end EXECUTE FUNCTION note_table();
            END $do$
            """, in: url)
    }

    /// A migration that leaves three notes: a table made, a row that no key protects, and the version it is recorded under.
    static func migration(_ number: Int) -> (file: String, text: String) {
        (
            "\(version(number))_part_\(number).sql",
            """
            -- migrate:up
            CREATE TABLE part_\(number)(id bigint);
            INSERT INTO parts(number) VALUES (\(number));
            SELECT pg_sleep(0.15);

            -- migrate:down
            DROP TABLE part_\(number);

            """
        )
    }

    private static func version(_ number: Int) -> String { "2026020100" + String(1000 + number) }

    /// Whether each migration from 1 to `count` took effect once and only once.
    func findings(after count: Int) async throws -> [Finding] {
        var findings: [Finding] = []
        var notes: [String: Int] = [:]
        let rows = try await PostgresServer.run(
            """
            SELECT what, count(*) FROM notes GROUP BY what
            UNION ALL SELECT 'row ' || number, count(*) FROM parts GROUP BY number
            """, in: url
        ).rows
        for row in rows { notes[row.text(0) ?? ""] = Int(row.integer(1) ?? 0) }
        for number in 1...count {
            for what in ["INSERT \(Self.version(number))", "CREATE TABLE public.part_\(number)", "row \(number)"] {
                switch notes[what] ?? 0 {
                case 0: findings.append(.lost("\(what), in the target database"))
                case 1: break
                case let times: findings.append(.doubled("\(what), \(times) times in the target database"))
                }
            }
        }
        for (what, _) in notes where what.hasPrefix("DELETE") || what.hasPrefix("UPDATE") {
            findings.append(.lost("\(what) of schema_migrations: a record that may only be added was changed"))
        }
        return findings
    }

    /// How many versions were recorded.
    func count() async throws -> Int {
        let rows = try await PostgresServer.run("SELECT count(*) FROM notes WHERE what LIKE 'INSERT %'", in: url).rows
        return Int(rows.first?.integer(0) ?? 0)
    }
}
