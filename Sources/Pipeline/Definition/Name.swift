/// A name as people write it in YAML and on the command line, typed by what it names.
///
/// 1 to 63 of `a-z`, `0-9`, `-`, `_` and `.`, beginning with a letter or a digit: what a Kubernetes label, a compose project and a
/// repository path all accept (RFC 1123 and the OCI distribution specification).
public struct Name<Subject>: Hashable, Sendable {
    /// The characters.
    public let text: String

    /// Takes `text` when it is a name; nil otherwise.
    public init?(_ text: String) {
        let bytes = Array(text.utf8)
        guard (1...63).contains(bytes.count), let first = bytes.first, Self.isAlphanumeric(first) else { return nil }
        guard
            bytes.allSatisfy({
                Self.isAlphanumeric($0) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: ".")
            })
        else { return nil }
        self.text = text
    }

    /// The same characters as the name of something else.
    public init<Other>(renaming other: Name<Other>) {
        text = other.text
    }

    /// A name that is written in our own source.
    init(literal text: StaticString) {
        self.text = text.description
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }
}

/// The name of a service, and so the last part of its image's name.
public typealias ServiceName = Name<Service>
/// The name of an environment.
public typealias EnvironmentName = Name<Environment>
/// The name of a stage.
public typealias StageName = Name<Stage>
/// The name of a pipeline: its file's name without `.yml`.
public typealias PipelineName = Name<PipelineDefinition>

extension Name: Comparable {
    /// Orders names by their bytes.
    public static func < (left: Self, right: Self) -> Bool { left.text < right.text }
}

extension Name: CustomStringConvertible {
    /// The characters.
    public var description: String { text }
}

extension Name: Codable, CodingKeyRepresentable {
    /// Reads the characters; fails for what is not a name.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let name = Name(try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "not a name: a-z, 0-9, '-', '_' and '.' wanted")
        }
        self = name
    }

    /// Writes the characters.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }

    /// The characters as a key, so that dictionaries by name are written as objects.
    public var codingKey: any CodingKey { text.codingKey }

    /// Reads a key.
    public init?(codingKey: some CodingKey) {
        self.init(codingKey.stringValue)
    }
}
