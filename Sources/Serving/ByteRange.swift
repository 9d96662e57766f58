public import Hummingbird

/// The part of a whole that a request asks for with `Range`, as RFC 9110, section 14, has it.
public enum ByteRange: Sendable, Hashable {
    /// All of it: no part was asked for, or in words that are not understood, which a server passes over.
    case whole
    /// These bytes: at least one.
    case part(Range<Int64>)
    /// A part that is not there.
    case nothing

    /// What `request` asks for of `size` bytes, of which `tag` is the entity tag.
    ///
    /// Several parts at once are answered with the whole, as is a part of a whole that is not the caller's any more (`If-Range`).
    public init(_ request: Request, of size: Int64, tagged tag: String) {
        self = .whole
        if let wanted = request.headers[.ifRange], wanted != tag { return }
        guard let header = request.headers[.range], let equals = header.firstIndex(of: "="),
            header[..<equals].lowercased() == "bytes"
        else { return }
        let parts = header[header.index(after: equals)...].trimmingSpaces.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, parts.allSatisfy({ $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }) else { return }
        switch (parts[0].isEmpty, parts[1].isEmpty) {
        case (true, true): return
        // The end of nothing is there, and no part of it can be told.
        case (true, false) where size == 0 && Self.number(parts[1]) > 0: return
        case (true, false): self.init(max(0, size - Self.number(parts[1])), size, of: size)
        case (false, true): self.init(Self.number(parts[0]), size, of: size)
        case (false, false):
            let (first, last) = (Self.number(parts[0]), Self.number(parts[1]))
            guard first <= last else { return }
            self.init(first, last < size ? last + 1 : size, of: size)
        }
    }

    private init(_ start: Int64, _ end: Int64, of size: Int64) {
        self = start < min(end, size) ? .part(start..<min(end, size)) : .nothing
    }

    /// Digits that are more than a number holds are beyond every end.
    private static func number(_ digits: Substring) -> Int64 { Int64(digits) ?? .max }
}
