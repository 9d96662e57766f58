import Pipeline

/// Values as helm reads them.
enum HelmValues: Encodable {
    case text(String)
    case number(Int64)
    case flag(Bool)
    case fields([String: HelmValues])

    /// A text as `helm --set` takes it: a whole number and a truth value are what they look like.
    init(plain text: String) {
        if let number = Int64(text), String(number) == text {
            self = .number(number)
        } else if let flag = Bool(text) {
            self = .flag(flag)
        } else {
            self = .text(text)
        }
    }

    /// Puts a value at a path of names, over whatever is there.
    mutating func set(_ value: HelmValues, at path: some Collection<Substring>) {
        guard let first = path.first else {
            self = value
            return
        }
        var known: [String: HelmValues] = [:]
        if case .fields(let fields) = self { known = fields }
        known[String(first), default: .fields([:])].set(value, at: path.dropFirst())
        self = .fields(known)
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .text(let text): try container.encode(text)
        case .number(let number): try container.encode(number)
        case .flag(let flag): try container.encode(flag)
        case .fields(let fields): try container.encode(fields)
        }
    }
}
