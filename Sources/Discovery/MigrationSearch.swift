import Pipeline

/// Finds the migrations that shipit can apply, and names those that it cannot.
struct MigrationSearch {
    /// The folder of migrations in dbmate's format; nil when there is none.
    private(set) var folder: FoundService.Evidence<String>?
    /// What a person should know about other migrations.
    private(set) var notes: [String] = []

    init(_ tree: FileTree) {
        let own = tree.paths.filter { !DockerfileSearch.isForeign($0) }
        let folders = Dictionary(grouping: own.filter { $0.hasSuffix(".sql") }, by: Path.folder(of:))
        var found: [(folder: String, count: Int)] = []
        for (folder, files) in folders.sorted(by: { ($0.key.count, $0.key) < ($1.key.count, $1.key) }) {
            let texts = files.compactMap { file in tree.text(file).map { (file, $0) } }
            guard texts.contains(where: { $0.1.contains("migrate:up") }) else { continue }
            if let problem = Self.problem(in: texts) {
                notes.append(
                    "\(folder) looks like dbmate's migrations, but \(problem): mend it, then add 'database' to each environment.")
            } else {
                found.append((folder, files.count))
            }
        }
        if let first = found.first {
            let count = first.count == 1 ? "1 migration" : "\(first.count) migrations"
            folder = .init(value: first.folder, reason: "\(count) in dbmate's format")
        }
        for (folder, _) in found.dropFirst() {
            notes.append("\(folder) holds migrations too: an environment has one database, so that they are left out.")
        }
        notes += Self.foreign(own, tree).map { folder, kind in
            "\(folder) holds \(kind), which shipit does not apply: let the image apply them when it starts, or add a 'run' stage before "
                + "'deploy'. A rollback cannot tell whether they are compatible."
        }
    }

    private static func problem(in files: [(path: String, text: String)]) -> String? {
        var versions: [String: String] = [:]
        for (path, text) in files {
            do throws(Migration.Malformed) {
                let migration = try Migration(parsing: Array(text.utf8), path: path)
                if let other = versions.updateValue(migration.file, forKey: migration.version) {
                    return "\(other) and \(migration.file) have the same version"
                }
            } catch {
                return "\(error.location.file):\(error.location.line) says otherwise (\(error.message))"
            }
        }
        return nil
    }

    /// The migrations of other tools: a folder each, and what they are.
    private static func foreign(_ paths: [String], _ tree: FileTree) -> [(folder: String, kind: String)] {
        var found: [(String, String)] = []
        for path in paths {
            let (folder, name) = (Path.folder(of: path), Path.name(of: path))
            let parent = Path.name(of: folder)
            let kind: String? =
                switch true {
                case parent == "migrate" && name.hasSuffix(".rb"): "Rails migrations"
                case parent == "versions" && name.hasSuffix(".py") && (tree.text(path)?.contains("alembic") ?? false):
                    "Alembic migrations"
                case parent == "migrations" && name.hasSuffix(".py") && name.first?.isNumber ?? false: "Django migrations"
                case name == "migration.sql" && folder.contains("migrations"): "Prisma migrations"
                case name.wholeMatch(of: /[VUR]\d*[\d._]*__.*\.sql/) != nil: "Flyway migrations"
                case name.contains("changelog") && folder.contains("changelog"): "Liquibase changes"
                case folder.hasSuffix("database/migrations") && name.hasSuffix(".php"): "Laravel migrations"
                case name.hasPrefix("Version") && name.hasSuffix(".php") && parent == "migrations": "Doctrine migrations"
                case parent == "Migrations" && name.hasSuffix(".cs"): "Entity Framework migrations"
                case name.hasSuffix(".up.sql"): "golang-migrate's or sqlx's migrations"
                case name == "up.sql": "Diesel migrations"
                case parent == "migrations" && (name.hasSuffix(".js") || name.hasSuffix(".ts")): "migrations of a JavaScript tool"
                case name.hasSuffix(".sql") && (tree.text(path)?.contains("+goose Up") ?? false): "goose migrations"
                case parent == "migrations" && name.hasSuffix(".sql") && !(tree.text(path)?.contains("migrate:up") ?? true):
                    "SQL files without 'migrate:up'"
                default: nil
                }
            guard let kind else { continue }
            // Some tools keep a folder for each migration.
            let place = ["migration.sql", "up.sql"].contains(name) ? Path.folder(of: folder) : folder
            if !found.contains(where: { $0.0 == place }) { found.append((place, kind)) }
        }
        return found
    }
}
