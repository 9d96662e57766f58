/// Masks a set of secrets in any text, in all the forms programs write them in.
///
/// Forms: as they are; base64 at any position in a longer text, in both alphabets, padded or not; percent-encoded; inside JSON strings;
/// hexadecimal; and each line of a value with several lines by itself, without the blanks around it. Occurrences that overlap become one
/// mask. Building costs time and memory proportional to the secrets' length, about 35 states a byte; redacting is linear in the text.
/// A redactor is immutable and cheap to copy: to learn a new secret, build another with ``adding(_:)``.
public struct Redactor: Sendable {
    private let secrets: Set<Secret>
    /// None without secrets: then everything passes as it is.
    private let automaton: Automaton?

    /// Builds a redactor of these secrets.
    public init(_ secrets: some Sequence<Secret> = []) {
        self.secrets = Set(secrets)
        if self.secrets.isEmpty {
            automaton = nil
        } else {
            automaton = Automaton(self.secrets.reduce(into: []) { $0.formUnion(Forms.all(of: $1.revealed)) })
        }
    }

    /// A redactor of these secrets as well.
    public func adding(_ more: some Sequence<Secret>) -> Redactor {
        let union = secrets.union(more)
        return union.count == secrets.count ? self : Redactor(union)
    }

    /// The text with every secret masked.
    public func redact(_ text: String) -> String {
        let bytes = Array(text.utf8)
        return contains(bytes) ? String(decoding: redact(bytes), as: UTF8.self) : text
    }

    /// The bytes with every secret masked; the very same array if there is none.
    public func redact(_ bytes: [UInt8]) -> [UInt8] {
        guard contains(bytes) else { return bytes }
        var stream = stream()
        return stream.push(bytes) + stream.finish()
    }

    /// Redacts what arrives in pieces, one stream of output each.
    public func stream() -> Stream { Stream(automaton) }

    private func contains(_ bytes: [UInt8]) -> Bool {
        guard let automaton else { return false }
        var state = 0
        return bytes.contains { byte in
            state = automaton.next(state, byte)
            return automaton.longestMatch(state) > 0
        }
    }
}

extension Redactor: CustomStringConvertible, CustomReflectable {
    /// How many secrets it knows, and none of them.
    public var description: String { "Redactor of \(secrets.count) secrets" }
    /// Nothing inside.
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}
