/// The keys of one stage, read by its kind: a `FieldReader` that knows the project, so that names are checked where they stand.
public struct StageFields {
    var fields: FieldReader
    let project: Project

    /// The service named under `key`; nil after having reported.
    mutating func service(_ key: String) -> ServiceName? {
        named(key, what: "service", among: project.services.keys)
    }

    /// The environment named under `key`; nil after having reported.
    mutating func environment(_ key: String) -> EnvironmentName? {
        named(key, what: "environment", among: project.environments.keys)
    }

    private mutating func named<Subject>(
        _ key: String, what: String, among known: some Collection<Name<Subject>>
    ) -> Name<Subject>? {
        guard let text = fields.requiredText(key, example: known.map(\.text).min() ?? what.uppercased()) else { return nil }
        guard !fields.collector.isUnreadable(what, text.value) else { return nil }
        guard let name = Name<Subject>(text.value), known.contains(name) else {
            fields.collector.report(
                .unknownName, at: text.location, "there is no \(what) '\(text.value)'", offending: text.value,
                remedy: suggestion(for: text.value, among: known.map(\.text), none: "declare it under '\(what)s' in project.yml"))
            return nil
        }
        return name
    }
}
