/// A length of time in whole milliseconds, as written in YAML: `500ms`, `30s`, `10m`, `1h`, `1m30s`.
public struct TimeSpan: Hashable, Sendable, Comparable {
    /// The milliseconds; never negative.
    public let milliseconds: Int64

    /// A span of `milliseconds`.
    public init(milliseconds: Int64) {
        self.milliseconds = max(0, milliseconds)
    }

    /// A span of `seconds`.
    public static func seconds(_ seconds: Int64) -> TimeSpan { TimeSpan(milliseconds: seconds * 1000) }
    /// A span of `minutes`.
    public static func minutes(_ minutes: Int64) -> TimeSpan { .seconds(minutes * 60) }
    /// A span of `days`.
    public static func days(_ days: Int64) -> TimeSpan { .seconds(days * 86_400) }

    /// Reads units in falling order, each once; nil for anything else, for zero, and for more than `longest`, a year unless said.
    public init?(_ text: String, longest: TimeSpan = .days(366)) {
        var total: Int64 = 0
        var lastUnit = Int64.max
        var rest = Substring(text)
        guard !rest.isEmpty else { return nil }
        while !rest.isEmpty {
            let digits = rest.prefix { ("0"..."9").contains($0) }
            guard (1...10).contains(digits.count), let number = Int64(digits) else { return nil }
            rest = rest.dropFirst(digits.count)
            let letters = rest.prefix { ("a"..."z").contains($0) }
            rest = rest.dropFirst(letters.count)
            guard let unit = ["ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000][String(letters)] as Int64? else {
                return nil
            }
            guard unit < lastUnit else { return nil }
            lastUnit = unit
            total += number * unit
            guard total <= longest.milliseconds else { return nil }
        }
        guard total > 0 else { return nil }
        milliseconds = total
    }

    /// The same length as the standard library's type.
    public var duration: Duration { .milliseconds(milliseconds) }

    /// Orders by length.
    public static func < (left: TimeSpan, right: TimeSpan) -> Bool { left.milliseconds < right.milliseconds }
}

extension TimeSpan: CustomStringConvertible {
    /// The span as YAML writes it: `1m30s`.
    public var description: String {
        var rest = milliseconds
        var text = ""
        for (unit, size) in [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1)] as [(String, Int64)]
        where rest >= size {
            text += "\(rest / size)\(unit)"
            rest %= size
        }
        return text.isEmpty ? "0s" : text
    }
}

extension TimeSpan: Codable {
    /// Reads milliseconds.
    public init(from decoder: any Decoder) throws {
        self.init(milliseconds: try decoder.singleValueContainer().decode(Int64.self))
    }

    /// Writes milliseconds.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(milliseconds)
    }
}
