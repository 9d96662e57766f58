/// What ties the logs of several services to one request: W3C Trace Context, https://www.w3.org/TR/trace-context/.
public struct TraceContext: Sendable, Hashable {
    /// The whole trace's id: 32 hexadecimal digits.
    public let trace: String
    /// This service's part of it: 16 hexadecimal digits.
    public let span: String
    /// What systems of tracing say of it to each other, in `tracestate`; nil where nothing came with the trace.
    public let state: String?
    private let flags: String

    /// The longest `state` that is passed on: as much as every system must take.
    private static let longestState = 512

    /// Goes on with the trace of a `traceparent` header, and with what came in `tracestate` beside it; begins one where there is none that
    /// is well formed.
    public init(accepting header: String?, state: [String] = []) {
        span = Self.random(words: 1)
        guard let header, let (trace, flags) = Self.parse(header) else {
            trace = Self.random(words: 2)
            flags = "00"
            self.state = nil
            return
        }
        self.trace = trace
        self.flags = flags
        let text = state.joined(separator: ",")
        let isPlain = text.utf8.allSatisfy { (0x20..<0x7F).contains($0) || $0 == 0x09 }
        self.state = isPlain && (1...Self.longestState).contains(text.utf8.count) ? text : nil
    }

    /// The header that whoever is asked because of this request gets.
    public var header: String { "00-\(trace)-\(span)-\(flags)" }

    /// A later version may have more fields behind these four, and never fewer.
    private static func parse(_ header: String) -> (trace: String, flags: String)? {
        let fields = header.split(separator: "-", omittingEmptySubsequences: false)
        guard fields.count >= 4, zip(fields, [2, 32, 16, 2]).allSatisfy({ isHex($0, $1) }), fields[0] != "ff",
            fields[0] != "00" || fields.count == 4, fields[1].contains(where: { $0 != "0" }),
            fields[2].contains(where: { $0 != "0" })
        else { return nil }
        return (String(fields[1]), String(fields[3]))
    }

    private static func isHex(_ text: Substring, _ count: Int) -> Bool {
        text.utf8.count == count && text.utf8.allSatisfy { "0123456789abcdef".utf8.contains($0) }
    }

    /// An id of zeros alone is none.
    private static func random(words: Int) -> String {
        while true {
            let text = String.randomHex(words: words)
            if text.utf8.contains(where: { $0 != UInt8(ascii: "0") }) { return text }
        }
    }
}
