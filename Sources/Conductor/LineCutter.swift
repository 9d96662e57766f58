/// Cuts what a program prints into lines, each as a terminal would show it.
struct LineCutter: Sendable {
    /// A line longer than this is told in pieces.
    private static let longest = 4096

    private var line: [UInt8] = []

    /// Takes a piece, and answers the lines that end in it.
    mutating func push(_ bytes: [UInt8]) -> [String] {
        var lines: [String] = []
        for byte in bytes {
            let isEnd = byte == UInt8(ascii: "\n")
            if !isEnd { line.append(byte) }
            guard isEnd || line.count >= Self.longest else { continue }
            lines.append(shown())
        }
        return lines
    }

    /// What came after the last line's end; nil when that is nothing.
    mutating func finish() -> String? {
        line.isEmpty ? nil : shown()
    }

    /// A carriage return overwrites what stood before it, as on a terminal.
    private mutating func shown() -> String {
        defer { line.removeAll(keepingCapacity: true) }
        var shown = line[...]
        if shown.last == UInt8(ascii: "\r") { shown = shown.dropLast() }
        if let start = shown.lastIndex(of: UInt8(ascii: "\r")) { shown = shown[(start + 1)...] }
        return String(decoding: shown, as: UTF8.self)
    }
}
