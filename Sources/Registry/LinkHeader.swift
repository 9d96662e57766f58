/// A `Link` header (RFC 8288), as registries use it to point at the next page.
enum LinkHeader {
    /// The target of the first link with `rel=next` in these headers, in any spelling the RFC allows.
    static func next(in headers: [String]) -> String? {
        for header in headers {
            var rest = header[...]
            while let open = rest.firstIndex(of: "<"), let close = rest[open...].firstIndex(of: ">") {
                let target = rest[rest.index(after: open)..<close]
                let parameters = rest[rest.index(after: close)...]
                // The next link begins at a comma outside quotes.
                var isQuoted = false
                let end =
                    parameters.firstIndex { character in
                        if character == "\"" { isQuoted.toggle() }
                        return character == "," && !isQuoted
                    } ?? parameters.endIndex
                if isNext(parameters[..<end]) { return String(target) }
                rest = parameters[end...]
            }
        }
        return nil
    }

    private static func isNext(_ parameters: Substring) -> Bool {
        parameters.split(separator: ";").contains { parameter in
            let pair = parameter.split(separator: "=", maxSplits: 1)
            guard pair.count == 2, pair[0].filter({ !$0.isWhitespace }).lowercased() == "rel" else { return false }
            return pair[1].split { $0.isWhitespace || $0 == "\"" }.contains { $0.lowercased() == "next" }
        }
    }
}
