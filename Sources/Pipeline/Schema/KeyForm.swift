/// A key of a mapping in the definition's files: what stands under it, for the reader, for people and for editors.
///
/// Declared beside the reader of the mapping. A reader that asks for a key without a declaration stops there in a debug build, and a test
/// reads a file that has every declared key.
public struct KeyForm: Sendable {
    let name: String
    let form: Form
    /// Whether it must stand there.
    let isRequired: Bool
    /// What it means, without a full stop.
    let meaning: String
    /// A value as somebody might write it in YAML, in one line: shown where the key is missing.
    let example: String
    /// The value that holds when the key is not there, as YAML.
    let standard: String?

    private init(_ name: String, _ form: Form, isRequired: Bool, _ meaning: String, example: String, standard: String?) {
        self.name = name
        self.form = form
        self.isRequired = isRequired
        self.meaning = meaning
        self.example = example
        self.standard = standard
    }

    static func required(_ name: String, _ form: Form, _ meaning: String, example: String) -> KeyForm {
        KeyForm(name, form, isRequired: true, meaning, example: example, standard: nil)
    }

    static func optional(_ name: String, _ form: Form, _ meaning: String, example: String, standard: String? = nil) -> KeyForm {
        KeyForm(name, form, isRequired: false, meaning, example: example, standard: standard)
    }
}
