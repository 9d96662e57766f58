/// A place in a YAML text, counted from 1 as editors count.
public struct YAMLMark: Hashable, Sendable {
    /// The line, from 1.
    public var line: Int
    /// The column in characters (Unicode scalars), from 1.
    public var column: Int

    /// A place.
    public init(line: Int, column: Int) {
        self.line = line
        self.column = column
    }
}

/// What stands next in a YAML text (YAML 1.2.2, section 3.1: the serialization as a series of events).
public enum YAMLEvent: Hashable, Sendable {
    /// A document begins.
    case documentStart
    /// A document ends.
    case documentEnd
    /// A text; `isPlain` when it is written without quotes and is no block of lines.
    case scalar(String, isPlain: Bool, anchor: String?)
    /// The node with this anchor again.
    case alias(String)
    /// A list begins.
    case sequenceStart(anchor: String?)
    /// A list ends.
    case sequenceEnd
    /// A mapping begins; keys and values follow in turn.
    case mappingStart(anchor: String?)
    /// A mapping ends.
    case mappingEnd
    /// The text ends.
    case streamEnd
}

/// Why a text is not YAML.
public struct YAMLProblem: Error, Hashable, Sendable {
    /// What libyaml says, in its words.
    public var message: String
    /// Where.
    public var mark: YAMLMark
    /// What it was reading, in its words, when it says so: `while parsing a flow mapping`.
    public var context: String?
    /// Where that began.
    public var contextMark: YAMLMark?
}
