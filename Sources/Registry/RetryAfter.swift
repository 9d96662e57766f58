import HTTP

/// How long a registry asks its client to wait.
enum RetryAfter {
    /// What an answer asks for: its `Retry-After`, or else what GHCR writes into the message.
    static func wait(_ response: HTTPResponse) -> Duration? {
        response.headers.retryAfter ?? message(String(decoding: response.body.prefix(4096), as: UTF8.self))
    }

    /// `toomanyrequests: retry-after: 880.092µs, allowed: 44000/minute`: a duration as Go prints it, inside the message.
    static func message(_ text: String) -> Duration? {
        let lowered = text.lowercased()
        guard let range = lowered.firstRange(of: "retry-after:") else { return nil }
        return goDuration(lowered[range.upperBound...].drop { $0 == " " }.prefix { $0 != "," && $0 != " " && $0 != "\"" })
    }

    /// `1h2m3.5s`, `10.305464ms`, `880.092µs`, `12ns` (Go's `time.Duration.String`).
    static func goDuration(_ text: some StringProtocol) -> Duration? {
        var rest = text[...]
        var total = 0.0
        guard !rest.isEmpty else { return nil }
        while !rest.isEmpty {
            let number = rest.prefix { $0 == "." || $0.isASCII && $0.isNumber }
            rest = rest[number.endIndex...]
            let unit = rest.prefix { !($0 == "." || $0.isASCII && $0.isNumber) }
            rest = rest[unit.endIndex...]
            guard let value = Double(String(number)), let scale = scale(String(unit)) else { return nil }
            total += value * scale
        }
        // A year is more than anybody waits, and keeps the conversion in range.
        return .seconds(min(total, 86_400 * 365))
    }

    private static func scale(_ unit: String) -> Double? {
        switch unit {
        case "h": 3600
        case "m": 60
        case "s": 1
        case "ms": 1e-3
        // The micro sign, the Greek letter that looks the same, and plain ASCII.
        case "\u{B5}s", "\u{3BC}s", "us": 1e-6
        case "ns": 1e-9
        default: nil
        }
    }
}
