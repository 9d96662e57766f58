/// What a value in the definition's files looks like.
///
/// Readers take ranges from it; the rest they read by themselves, and a property test shows that no form refuses what its reader takes.
indirect enum Form: Sendable {
    case text(TextForm)
    case integer(ClosedRange<Int>)
    /// True or false, or only one of them.
    case flag(only: Bool? = nil)
    case choice([String])
    case list(of: Form, isFilled: Bool = false)
    /// A mapping whose keys the author chooses.
    case entries(of: Form, keys: TextForm = .any, isFilled: Bool = false)
    /// A mapping with keys of ours: one list of them, or several of which exactly one fits.
    case mapping([[KeyForm]])

    static func mapping(_ keys: [KeyForm]) -> Form { .mapping([keys]) }

    static func choice<Choice: RawRepresentable<String> & CaseIterable>(_ type: Choice.Type) -> Form {
        .choice(type.allCases.map(\.rawValue))
    }
}

/// What a text looks like, as regular expressions that all must be found in it (ECMA-262, as JSON Schema has them).
struct TextForm: Sendable {
    var patterns: [String]
    /// Whether a text of this form may look like a number or a truth value to YAML.
    var mayBePlain = true

    static let any = TextForm(patterns: [])
    /// ``Name``.
    static let name = TextForm(patterns: ["^[a-z0-9][a-z0-9._-]{0,62}$"])
    /// What ``FieldReader/relativePath(_:reporting:)`` takes.
    static let path = TextForm(patterns: [#"^(?!/)(?!(?:.*/)?\.\.(?:/|$))."#])
    /// ``TimeSpan``.
    static let span = TextForm(
        patterns: [
            "^(?=.*[1-9])(?:[0-9]{1,10}d)?(?:[0-9]{1,10}h)?(?:[0-9]{1,10}m)?(?:[0-9]{1,10}s)?(?:[0-9]{1,10}ms)?$"
        ], mayBePlain: false)
    /// ``ConfigValue``.
    static let value = TextForm(
        patterns: [
            #"^(?:[^$]|\$\$|\$\{(?:env:[A-Za-z0-9_]+|file:[^}]+|command: *[^ }][^}]*)\}|\$(?![${]))*$"#
        ])
    /// A ``ConfigValue`` that holds at least one reference.
    static let secret = TextForm(patterns: value.patterns + [#"^(?:[^$]|\$\$|\$(?![${]))*\$\{"#], mayBePlain: false)
    /// A ``ConfigValue`` of references alone.
    static let reference = TextForm(
        patterns: [#"^(?:\$\{(?:env:[A-Za-z0-9_]+|file:[^}]+|command: *[^ }][^}]*)\})+$"#], mayBePlain: false)
    /// A ``ConfigValue`` that is, or may turn out to be, an HTTP address.
    static let webValue = TextForm(patterns: value.patterns + [#"^(?:\$\{|https?://)"#], mayBePlain: false)
    /// A mail address in its plainest form.
    static let mailbox = TextForm(
        patterns: [#"^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9.-]+$"#], mayBePlain: false)
    /// An HTTP address that a path can be added to.
    static let pageAddress = TextForm(
        patterns: [#"^(?:https://|http://(?:localhost|127\.0\.0\.1|\[::1\])(?:[:/]|$))[^?#@<>|"\\\s]*$"#], mayBePlain: false)
    /// A ``ConfigValue`` that is, or may turn out to be, PostgreSQL's address.
    static let database = TextForm(patterns: value.patterns + [#"^(?:\$\{|postgres(?:ql)?://)"#], mayBePlain: false)
    /// A text without references.
    static let literal = TextForm(patterns: [#"^(?![\s\S]*\$\{)"#])
    static let registry = TextForm(patterns: ["^(?:localhost|[^/]*[.:][^/]*)(?:/[a-z0-9._-]+)+$"], mayBePlain: false)
    static let web = TextForm(patterns: ["^https?://"], mayBePlain: false)
    static let secureWeb = TextForm(patterns: ["^https://"], mayBePlain: false)

    /// A name as Kubernetes takes it.
    static func label(atMost limit: Int) -> TextForm {
        TextForm(patterns: ["^[a-z0-9](?:[a-z0-9-]{0,\(limit - 2)}[a-z0-9])?$"])
    }
}
