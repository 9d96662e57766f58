/// The rules of a `.dockerignore`: what of a build context docker does not send.
///
/// The last rule that names a path or a folder it lies in decides (docs.docker.com, "Build context", and moby's `patternmatcher`).
struct DockerIgnore: Sendable {
    private struct Rule {
        var pattern: [UInt8]
        var isException: Bool
    }

    private var rules: [Rule] = []

    /// Reads the lines of the file.
    init(_ text: String) {
        for line in text.split(whereSeparator: \.isNewline) where !line.hasPrefix("#") {
            var rest = line.drop { $0 == " " || $0 == "\t" }
            let isException = rest.first == "!"
            if isException { rest = rest.dropFirst().drop { $0 == " " } }
            while let last = rest.last, last == " " || last == "\t" { rest = rest.dropLast() }
            let parts = rest.split(separator: "/").filter { $0 != "." }
            guard !parts.isEmpty else { continue }
            rules.append(Rule(pattern: Array(parts.joined(separator: "/").utf8), isException: isException))
        }
    }

    /// Whether a path, relative to the context, is left out.
    func leavesOut(_ path: String) -> Bool {
        let bytes = Array(path.utf8)
        let ends = bytes.indices.filter { bytes[$0] == Self.slash } + [bytes.count]
        var isOut = false
        for rule in rules where rule.isException == isOut {
            if ends.contains(where: { Self.matches(rule.pattern[...], bytes[..<$0]) }) { isOut = !rule.isException }
        }
        return isOut
    }

    private static let slash = UInt8(ascii: "/")
    private static let star = UInt8(ascii: "*")

    private static func matches(_ pattern: ArraySlice<UInt8>, _ text: ArraySlice<UInt8>) -> Bool {
        var (pattern, text) = (pattern, text)
        while let first = pattern.popFirst() {
            switch first {
            case star:
                let isDeep = pattern.first == star
                if isDeep {
                    pattern = pattern.drop { $0 == star }
                    if pattern.isEmpty { return true }
                    // '**/' is any number of folders, also none.
                    if pattern.first == slash, matches(pattern.dropFirst(), text) { return true }
                }
                var rest = text
                while true {
                    if matches(pattern, rest) { return true }
                    guard let next = rest.popFirst(), isDeep || next != slash else { return false }
                }
            case UInt8(ascii: "?"):
                guard let next = text.popFirst(), next != slash else { return false }
            case UInt8(ascii: "["):
                guard let next = text.popFirst(), next != slash, takeClass(of: next, from: &pattern) else { return false }
            default:
                let wanted = first == UInt8(ascii: "\\") ? pattern.popFirst() ?? first : first
                guard text.popFirst() == wanted else { return false }
            }
        }
        return text.isEmpty
    }

    /// Takes the rest of `[…]` off the pattern; whether it has the byte.
    private static func takeClass(of byte: UInt8, from pattern: inout ArraySlice<UInt8>) -> Bool {
        let isInverse = pattern.first == UInt8(ascii: "^")
        if isInverse { pattern.removeFirst() }
        var isIn = false
        while let low = pattern.popFirst(), low != UInt8(ascii: "]") {
            var high = low
            if pattern.first == UInt8(ascii: "-"), let end = pattern.dropFirst().first, end != UInt8(ascii: "]") {
                high = end
                pattern.removeFirst(2)
            }
            if low <= byte, byte <= high { isIn = true }
        }
        return isIn != isInverse
    }
}
