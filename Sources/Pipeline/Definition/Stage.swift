/// A stage as a pipeline file declares it.
public struct Stage: Sendable {
    /// Its name.
    public var name: StageName
    /// What it does.
    public var kind: AnyStageKind
    /// Stages that must be done before, whatever they produce.
    var needs: [Located<StageName>]
    /// Which stage fills which input, where the pipeline says so itself.
    var inputs: [String: Located<StageName>]
    /// How long and how often it may try.
    public var policy: StagePolicy
    /// Where it is declared.
    public var location: SourceLocation
}

/// A stage's kind, of whichever type it is; written as `{"build": {…}}`.
public struct AnyStageKind: Sendable {
    /// The kind itself.
    public let value: any StageKind

    /// Wraps a kind.
    public init(_ value: any StageKind) {
        self.value = value
    }

    /// The keyword of the kind.
    public var keyword: String { type(of: value).keyword }
}

extension AnyStageKind: Hashable {
    /// Equal when type and settings are.
    public static func == (left: Self, right: Self) -> Bool {
        AnyHashable(left.value) == AnyHashable(right.value)
    }

    /// Hashes the settings.
    public func hash(into hasher: inout Hasher) {
        value.hash(into: &hasher)
    }
}

extension AnyStageKind: Codable {
    /// Reads `{KEYWORD: SETTINGS}`; a keyword that this version does not know is refused.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: KeywordKey.self)
        guard let key = container.allKeys.first, container.allKeys.count == 1, let kind = StageKinds.kind(key.stringValue) else {
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: "a stage of a kind this shipit does not know"))
        }
        value = try Self.decode(kind, from: container, key)
    }

    private static func decode<Kind: StageKind>(
        _ kind: Kind.Type, from container: KeyedDecodingContainer<KeywordKey>, _ key: KeywordKey
    ) throws -> any StageKind {
        try container.decode(kind, forKey: key)
    }

    /// Writes `{KEYWORD: SETTINGS}`.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: KeywordKey.self)
        try container.encode(value, forKey: KeywordKey(stringValue: keyword))
    }

    private struct KeywordKey: CodingKey {
        var stringValue: String
        var intValue: Int? { nil }
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }
}
