import Pipeline

extension Diagnostic.Code {
    /// What sort of mistake it is, and what to do next.
    var explanation: (meaning: String, next: String?) {
        switch self {
        case .unreadable:
            (
                "The file is no YAML, or is larger, deeper or holds more than any honest one.",
                "Look at the place that is named: indentation with spaces, quotes, brackets."
            )
        case .unknownKey:
            (
                "Nothing reads that key: it is misspelt, or belongs elsewhere.",
                "Take the one that is suggested, or see docs/project.md; an editor completes keys with 'shipit schema'."
            )
        case .missingKey: ("A key that must be there is not, or has no value.", "Add it as shown.")
        case .duplicate: ("The same key or name stands twice, and only one could count.", "Keep one.")
        case .badValue:
            ("A value has the wrong form or is out of range, or a secret stands where a reference must.", "Write it as shown.")
        case .unknownName:
            (
                "A service, environment, stage or pipeline of that name is not declared.",
                "Correct the name, or declare it."
            )
        case .unusedName:
            (
                "A service or environment is declared, and no pipeline uses it.",
                "Add a stage for it, or remove it."
            )
        case .cycle: ("Stages wait for each other, so that none could begin.", "Remove one of the edges that are shown.")
        case .missingArtifact:
            (
                "A stage consumes what no stage before it produces: an image, a schema, a release or an approval.",
                "Add the stage that produces it, as shown."
            )
        case .ambiguousArtifact:
            ("Several stages produce what a stage consumes.", "Say which with 'inputs', as shown.")
        case .wrongArtifact:
            (
                "An input is filled with a stage that produces something of another type.",
                "Name a stage that produces what is wanted."
            )
        case .missingApproval:
            (
                "The environment demands an approval, and a stage would change it without one.",
                "Add an 'approve' stage for it, as shown."
            )
        }
    }
}
