public import Hashing

/// A migration file in dbmate's format: `-- migrate:up`, SQL, `-- migrate:down`, SQL.
///
/// `-- migrate:up transaction:false` runs it outside a transaction. `-- shipit:compatible` on a line of its own says that the release
/// before works with the schema after it, which is what lets a rollback leave it in place.
public struct Migration: Hashable, Sendable {
    /// The digits the file name begins with; what orders migrations and what `schema_migrations` records.
    public let version: String
    /// The file name without folder.
    public let file: String
    /// The SQL of `migrate:up`.
    public let up: String
    /// The line of the file at which `up` begins, from 1.
    public let upLine: Int
    /// Whether `up` runs in a transaction.
    public let isTransactional: Bool
    /// Whether the release before works with the schema after it.
    public let isCompatible: Bool
    /// The hash of the whole file.
    public let sum: SHA256Sum

    /// Why a file is no migration.
    public struct Malformed: Error, Hashable, Sendable {
        /// Where.
        public var location: SourceLocation
        /// What is wrong, and what would mend it.
        public var message: String
    }

    /// Whether a version comes before another: both are numbers of any length, of which the shorter is the smaller.
    public static func precedes(_ left: String, _ right: String) -> Bool {
        (left.count, left) < (right.count, right)
    }

    /// How the migration is named in plans and records.
    public var mark: MigrationMark { MigrationMark(version: version, file: file, sum: sum, isCompatible: isCompatible) }

    /// Reads one file.
    ///
    /// `path` is its name for errors.
    public init(parsing content: [UInt8], path: String) throws(Malformed) {
        file = path.split(separator: "/").last.map(String.init) ?? path
        func fail(_ line: Int, _ message: String) -> Malformed {
            Malformed(location: SourceLocation(file: path, line: line, column: 1), message: message)
        }
        let digits = file.prefix { ("0"..."9").contains($0) }
        guard !digits.isEmpty, digits.count <= 32, file.hasSuffix(".sql") else {
            throw fail(
                1, "'\(file)' does not begin with a version: name it VERSION_NAME.sql, such as 20261122093000_add_users.sql")
        }
        version = String(digits)
        sum = SHA256Sum(of: content)
        guard let text = String(validating: content, as: UTF8.self) else {
            throw fail(1, "the file is not UTF-8: save it as UTF-8")
        }
        var up: [Substring] = []
        var upLine: Int?
        var isDown = false
        var isTransactional = true
        var isCompatible = false
        // A line end of Windows is one character in Swift.
        let lines = text.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }
        for (number, raw) in lines.enumerated() {
            var words = raw.split { $0 == " " || $0 == "\t" || $0 == "\r" }[...]
            // dbmate takes it with and without the space after the dashes.
            if let first = words.first, first.hasPrefix("--"), first != "--" {
                words[words.startIndex] = first.dropFirst(2)
                words = ["--"] + words
            }
            let directive = words.first == "--" ? words.dropFirst().first : nil
            switch directive {
            case "migrate:up":
                guard upLine == nil else { throw fail(number + 1, "'migrate:up' stands twice: keep one") }
                upLine = number + 2
                for option in words.dropFirst(2) {
                    guard option == "transaction:false" || option == "transaction:true" else {
                        throw fail(number + 1, "'\(option)' is no option of migrate:up: write transaction:false or nothing")
                    }
                    isTransactional = option == "transaction:true"
                }
            case "migrate:down":
                guard upLine != nil, !isDown else { throw fail(number + 1, "'migrate:down' stands twice or before 'migrate:up'") }
                isDown = true
            case "shipit:compatible":
                isCompatible = true
            case let word? where word.hasPrefix("shipit:") || word.hasPrefix("migrate:"):
                throw fail(number + 1, "'\(word)' is not known: write migrate:up, migrate:down or shipit:compatible")
            default:
                if upLine != nil, !isDown { up.append(raw) }
            }
        }
        guard let upLine else { throw fail(1, "there is no '-- migrate:up' line: add one before the SQL") }
        self.up = up.joined(separator: "\n")
        self.upLine = upLine
        self.isTransactional = isTransactional
        self.isCompatible = isCompatible
    }
}
