/// A place in a file, counted from 1 as editors count.
public struct SourceLocation: Hashable, Sendable, Codable, CustomStringConvertible {
    /// The file as it was named to the parser, usually relative to the repository's root.
    public var file: String
    /// The line, from 1.
    public var line: Int
    /// The column in characters, from 1.
    public var column: Int

    /// A place in `file`.
    public init(file: String, line: Int, column: Int) {
        self.file = file
        self.line = line
        self.column = column
    }

    /// `FILE:LINE:COLUMN`, which terminals and editors make a link of.
    public var description: String { "\(file):\(line):\(column)" }
}

/// One mistake in a definition: where, what, and what would mend it.
public struct Diagnostic: Hashable, Sendable, Codable, Error {
    /// What sort of mistake it is: stable words for machines.
    public enum Code: String, Sendable, Codable, CaseIterable {
        /// The file cannot be read as YAML, or is over a limit.
        case unreadable
        /// A key that nothing reads.
        case unknownKey = "unknown-key"
        /// A key that must be there and is not.
        case missingKey = "missing-key"
        /// The same key or name twice.
        case duplicate
        /// A value of the wrong form: a duration, a port, a name, an address.
        case badValue = "bad-value"
        /// A name that names nothing.
        case unknownName = "unknown-name"
        /// A service or environment that is declared and used by nothing.
        case unusedName = "unused-name"
        /// Stages that wait for each other.
        case cycle
        /// An artifact that is consumed and not produced upstream.
        case missingArtifact = "missing-artifact"
        /// An artifact that several stages produce.
        case ambiguousArtifact = "ambiguous-artifact"
        /// An input filled with an artifact of another type.
        case wrongArtifact = "wrong-artifact"
        /// An environment that demands an approval, reachable without one.
        case missingApproval = "missing-approval"
    }

    /// The sort of mistake.
    public var code: Code
    /// Where it is.
    public var location: SourceLocation
    /// What is wrong, one sentence without a full stop.
    public var message: String
    /// The text that offends, as it stands in the file.
    public var offending: String?
    /// What would mend it.
    public var remedy: String?

    /// One mistake.
    public init(_ code: Code, at location: SourceLocation, _ message: String, offending: String? = nil, remedy: String? = nil) {
        self.code = code
        self.location = location
        self.message = message
        self.offending = offending
        self.remedy = remedy
    }
}

/// All that is wrong with a definition, in the order of the files.
public struct DefinitionError: Error, Sendable, Hashable {
    /// At least one diagnostic, ordered by file and position.
    public let diagnostics: [Diagnostic]

    init(_ diagnostics: [Diagnostic]) {
        self.diagnostics = diagnostics.sorted { left, right in
            (left.location.file, left.location.line, left.location.column)
                < (right.location.file, right.location.line, right.location.column)
        }
    }
}

/// Collects diagnostics while one definition is read.
///
/// Used by one task, for the length of one call.
final class DiagnosticCollector {
    private(set) var diagnostics: [Diagnostic] = []
    private var unreadable: Set<String> = []

    func report(
        _ code: Diagnostic.Code, at location: SourceLocation, _ message: String, offending: String? = nil, remedy: String? = nil
    ) {
        diagnostics.append(Diagnostic(code, at: location, message, offending: offending, remedy: remedy))
    }

    func report(_ diagnostic: Diagnostic) {
        diagnostics.append(diagnostic)
    }

    var isEmpty: Bool { diagnostics.isEmpty }

    /// Remembers what is declared but has mistakes of its own, so that its users are not told that it does not exist.
    func noteUnreadable<Subject>(_ what: String, _ name: Name<Subject>) {
        unreadable.insert("\(what) \(name)")
    }

    func isUnreadable(_ what: String, _ name: String) -> Bool { unreadable.contains("\(what) \(name)") }
}
