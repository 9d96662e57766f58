/// What a Dockerfile says of the images it makes.
///
/// Read as BuildKit reads it (the Dockerfile reference: parser directives, line continuation, here-documents), as far as discovery asks.
struct Dockerfile {
    /// One instruction and where it begins.
    struct Instruction {
        var line: Int
        var keyword: String
        var text: String
    }

    /// One `FROM` and what follows it; a variable that is known is put in.
    struct Stage {
        var name: String?
        var base: String
        var ports: [Found<Int>] = []
        var environment: [String: Found<String>] = [:]
        var healthCheck: Found<String>?
        /// What it takes from the build context.
        var sources: [String] = []
        /// The stages it copies from, by name or number.
        var origins: Set<String> = []
        /// What a container runs: the last `CMD` and `ENTRYPOINT`.
        var commands: [String: Found<String>] = [:]
    }

    /// Something in it, and the line it stands in.
    struct Found<Value> {
        var value: Value
        var line: Int
    }

    let path: String
    private(set) var stages: [Stage] = []

    init(_ text: String, path: String) {
        self.path = path
        var variables: [String: String] = [:]
        for instruction in Self.instructions(of: text) {
            let words = Self.words(of: instruction.text)
            switch instruction.keyword {
            case "ARG" where stages.isEmpty:
                for (name, value) in Self.pairs(words) { variables[name] = value }
            case "FROM":
                let plain = words.filter { !$0.hasPrefix("--") }
                guard let base = plain.first else { continue }
                let isNamed = plain.count > 2 && plain[1].lowercased() == "as"
                stages.append(Stage(name: isNamed ? plain[2].lowercased() : nil, base: Self.filled(base, from: variables)))
            default:
                guard !stages.isEmpty else { continue }
                stages[stages.count - 1].take(instruction, words, arguments: variables)
            }
        }
    }

    /// The number of a stage that is named so, or counted so.
    func number(of reference: String) -> Int? {
        stages.lastIndex { $0.name == reference.lowercased() }
            ?? Int(reference).flatMap { stages.indices.contains($0) ? $0 : nil }
    }

    /// A stage with what it has from the stages that it is built on.
    func whole(_ number: Int) -> Stage {
        var stage = stages[number]
        guard let base = stages[..<number].lastIndex(where: { $0.name == stage.base.lowercased() }) else { return stage }
        let below = whole(base)
        stage.base = below.base
        stage.ports = stage.ports.isEmpty ? below.ports : stage.ports
        stage.environment.merge(below.environment) { own, _ in own }
        stage.healthCheck = stage.healthCheck ?? below.healthCheck
        stage.commands.merge(below.commands) { own, _ in own }
        return stage
    }

    // MARK: Reading

    private static func instructions(of text: String) -> [Instruction] {
        let lines = text.split(omittingEmptySubsequences: false) { $0.isNewline }.map(String.init)
        let escape: Character =
            lines.prefix { $0.hasPrefix("#") }.contains { $0.filter { !$0.isWhitespace }.lowercased() == "#escape=`" }
            ? "`" : "\\"
        var found: [Instruction] = []
        var number = 0
        while number < lines.count {
            let start = number
            var joined = ""
            var isOpen = true
            while isOpen, number < lines.count {
                let line = lines[number].trimmed
                number += 1
                // A comment, and an empty line, may stand within an instruction.
                if line.hasPrefix("#") || (line.isEmpty && !joined.isEmpty) { continue }
                isOpen = line.last == escape
                joined += isOpen ? line.dropLast() + " " : line
                if line.isEmpty { break }
            }
            // What a here-document holds is no instruction.
            for mark in hereDocuments(in: joined) {
                while number < lines.count, lines[number].trimmed != mark { number += 1 }
                number += 1
            }
            let parts = joined.split(maxSplits: 1) { $0.isWhitespace }
            guard let keyword = parts.first else { continue }
            found.append(
                Instruction(line: start + 1, keyword: keyword.uppercased(), text: parts.dropFirst().first.map(String.init) ?? ""))
        }
        return found
    }

    private static func hereDocuments(in instruction: String) -> [String] {
        guard ["RUN", "COPY", "ADD"].contains(instruction.prefix { !$0.isWhitespace }.uppercased()) else { return [] }
        return instruction.matches(of: /<<-?["']?([A-Za-z_][A-Za-z0-9_]*)["']?/).map { String($0.1) }
    }

    /// The words of an instruction: of its JSON form too.
    static func words(of text: String) -> [String] {
        let flags = text.prefix { $0 != "[" }.split { $0.isWhitespace }.map(String.init)
        if flags.allSatisfy({ $0.hasPrefix("--") }), let open = text.firstIndex(of: "["), text.trimmed.last == "]" {
            return flags + text[open...].matches(of: /"((?:[^"\\]|\\.)*)"/).map { String($0.1) }
        }
        var words: [String] = []
        var word = ""
        var quote: Character?
        for character in text {
            switch character {
            case "\"", "'":
                if quote == nil { quote = character } else if quote == character { quote = nil } else { word.append(character) }
            case let space where space.isWhitespace && quote == nil:
                if !word.isEmpty { words.append(word) }
                word = ""
            default: word.append(character)
            }
        }
        return word.isEmpty ? words : words + [word]
    }

    /// `NAME=VALUE …`, and the old form `NAME VALUE`.
    static func pairs(_ words: [String]) -> [(name: String, value: String)] {
        if words.count >= 2, !words[0].contains("=") { return [(words[0], words.dropFirst().joined(separator: " "))] }
        return words.compactMap { word in
            word.firstIndex(of: "=").map { (String(word[..<$0]), String(word[word.index(after: $0)...])) }
        }
    }

    /// A text with the variables that are known put in: `$NAME`, `${NAME}`, `${NAME:-DEFAULT}`.
    static func filled(_ text: String, from variables: [String: String]) -> String {
        text.replacing(/\$(?:\{([A-Za-z_][A-Za-z0-9_]*)(?::?-([^}]*))?\}|([A-Za-z_][A-Za-z0-9_]*))/) { match in
            let name = String(match.1 ?? match.3 ?? "")
            return variables[name] ?? match.2.map(String.init) ?? String(match.0)
        }
    }
}

extension Dockerfile.Stage {
    fileprivate mutating func take(_ instruction: Dockerfile.Instruction, _ words: [String], arguments: [String: String]) {
        var known = arguments
        for (name, found) in environment { known[name] = found.value }
        switch instruction.keyword {
        case "ARG":
            // A default is as good as a value here: nobody hands us another.
            for (name, value) in Dockerfile.pairs(words) where known[name] == nil {
                environment[name] = .init(value: value, line: instruction.line)
            }
        case "ENV":
            for (name, value) in Dockerfile.pairs(words) {
                environment[name] = .init(value: Dockerfile.filled(value, from: known), line: instruction.line)
            }
        case "EXPOSE":
            for word in words where !word.hasSuffix("/udp") {
                let digits = Dockerfile.filled(word, from: known).prefix { $0.isNumber }
                if let port = Int(digits), (1...65535).contains(port) { ports.append(.init(value: port, line: instruction.line)) }
            }
        case "HEALTHCHECK":
            healthCheck = .init(value: Dockerfile.filled(instruction.text, from: known), line: instruction.line)
        case "CMD", "ENTRYPOINT":
            commands[instruction.keyword] = .init(
                value: Dockerfile.filled(words.joined(separator: " "), from: known), line: instruction.line)
        case "COPY", "ADD": takeCopy(words)
        case "RUN": for word in words where word.hasPrefix("--mount=") { takeMount(word.dropFirst("--mount=".count)) }
        default: break
        }
    }

    private mutating func takeCopy(_ words: [String]) {
        if let from = words.first(where: { $0.hasPrefix("--from=") }) {
            origins.insert(String(from.dropFirst("--from=".count)))
            return
        }
        let plain = words.filter { !$0.hasPrefix("--") }
        sources += plain.dropLast().filter {
            !$0.contains("://") && !$0.hasPrefix("<<") && !$0.contains("$") && !$0.hasPrefix("git@")
        }
    }

    /// Takes the options of `--mount=type=bind,source=…,from=…`.
    private mutating func takeMount(_ options: Substring) {
        let fields = Dictionary(
            options.split(separator: ",").compactMap { field in
                field.firstIndex(of: "=").map { (String(field[..<$0]), String(field[field.index(after: $0)...])) }
            }, uniquingKeysWith: { first, _ in first })
        if let from = fields["from"] {
            origins.insert(from)
        } else if fields["type"] == "bind", let source = fields["source"] ?? fields["src"] {
            sources.append(source)
        }
    }
}

extension StringProtocol {
    /// Without white space at both ends.
    var trimmed: String {
        var rest = self[...]
        while let first = rest.first, first.isWhitespace { rest.removeFirst() }
        while let last = rest.last, last.isWhitespace { rest.removeLast() }
        return String(rest)
    }
}
