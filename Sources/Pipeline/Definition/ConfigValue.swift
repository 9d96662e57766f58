/// Where a secret is to be had when it is needed.
///
/// What it says is never part of a plan, a journal or a hash.
public enum SecretReference: Hashable, Sendable {
    /// `${env:NAME}`: a variable of shipit's own environment.
    case environment(String)
    /// `${file:PATH}`: a file's content without a trailing line end; relative to the repository's root.
    case file(String)
    /// `${command:PROGRAM ARGUMENT…}`: what a program prints, without a trailing line end. Split at spaces; no shell.
    case command([String])
}

extension SecretReference: CustomStringConvertible {
    /// The reference as YAML writes it.
    public var description: String {
        switch self {
        case .environment(let name): "${env:\(name)}"
        case .file(let path): "${file:\(path)}"
        case .command(let words): "${command:\(words.joined(separator: " "))}"
        }
    }
}

/// A configuration value: text with references in it, resolved only where and when it is used.
public struct ConfigValue: Hashable, Sendable {
    /// A piece of the value.
    public enum Part: Hashable, Sendable {
        /// Text as it stands.
        case text(String)
        /// A secret to be put in.
        case reference(SecretReference)
    }

    struct Malformed: Error {
        var message: String
    }

    /// The pieces, in order.
    public let parts: [Part]

    /// Reads text with `${…}` references; `$$` is a dollar sign, and a `$` before anything else stands for itself.
    init(_ source: String) throws(Malformed) {
        var parts: [Part] = []
        var text = ""
        var rest = Substring(source)
        while let first = rest.first {
            if rest.hasPrefix("$$") {
                text.append("$")
                rest = rest.dropFirst(2)
            } else if rest.hasPrefix("${") {
                guard let end = rest.firstIndex(of: "}") else { throw Malformed(message: "a reference '${' has no closing '}'") }
                let inside = rest[rest.index(rest.startIndex, offsetBy: 2)..<end]
                if !text.isEmpty { parts.append(.text(text)) }
                text = ""
                parts.append(.reference(try Self.reference(inside)))
                rest = rest[rest.index(after: end)...]
            } else {
                text.append(first)
                rest = rest.dropFirst()
            }
        }
        if !text.isEmpty || parts.isEmpty { parts.append(.text(text)) }
        self.parts = parts
    }

    /// A value with no reference in it.
    public init(literal: String) {
        parts = [.text(literal)]
    }

    /// The references in it.
    public var references: [SecretReference] {
        parts.compactMap { if case .reference(let reference) = $0 { reference } else { nil } }
    }

    private static func reference(_ inside: Substring) throws(Malformed) -> SecretReference {
        guard let colon = inside.firstIndex(of: ":") else { throw Malformed(message: "a reference '${…}' names no source") }
        let rest = String(inside[inside.index(after: colon)...])
        switch inside[..<colon] {
        case "env":
            let isName = rest.utf8.allSatisfy { byte in
                byte == UInt8(ascii: "_") || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte & 0xDF)
                    || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
            }
            guard isName, !rest.isEmpty else { throw Malformed(message: "'${env:…}' wants the name of a variable") }
            return .environment(rest)
        case "file":
            guard !rest.isEmpty else { throw Malformed(message: "'${file:…}' wants a path") }
            return .file(rest)
        case "command":
            let words = rest.split(separator: " ").map(String.init)
            guard !words.isEmpty else { throw Malformed(message: "'${command:…}' wants a program") }
            return .command(words)
        default:
            throw Malformed(message: "a reference '${…}' begins with none of env:, file: and command:")
        }
    }
}

extension ConfigValue: CustomStringConvertible {
    /// The value as YAML writes it, references unresolved: safe to show.
    public var description: String {
        parts.map { part in
            switch part {
            case .text(let text): text.split(separator: "$", omittingEmptySubsequences: false).joined(separator: "$$")
            case .reference(let reference): reference.description
            }
        }.joined()
    }
}

extension ConfigValue: Codable {
    /// Reads the value as YAML writes it.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let source = try container.decode(String.self)
        do throws(Malformed) {
            try self.init(source)
        } catch {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: error.message)
        }
    }

    /// Writes the value as YAML writes it.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
