/// A pipeline file: stages as declared, their own keys checked, the edges between them not yet.
public struct PipelineDefinition: Sendable {
    /// The file's name without `.yml`.
    public var name: PipelineName
    /// The stages in the file's order.
    public var stages: [Stage]
    /// Stages that are declared and have mistakes of their own: what they would produce is not known.
    var unreadable: Set<StageName>

    static let keys: [KeyForm] = [
        .required(
            "stages",
            .entries(of: .mapping(StageKinds.all.flatMap { $0.forms.map { $0 + Stage.keys } }), keys: .name, isFilled: true),
            "The stages, by name: each has one kind", example: "{build-api: {build: api}}")
    ]

    /// What could be read of `NAME.yml`, with everything wrong reported.
    static func read(
        _ content: [UInt8], file: String, name: PipelineName, project: Project, reporting collector: DiagnosticCollector
    ) -> PipelineDefinition? {
        guard let document = YAMLDocument(content, file: file, reporting: collector) else { return nil }
        guard let root = document.root else {
            let start = SourceLocation(file: file, line: 1, column: 1)
            collector.report(.missingKey, at: start, "the file is empty", remedy: "add 'stages:'")
            return nil
        }
        return read(root, name: name, project: project, reporting: collector)
    }

    /// The same of what a file holds.
    static func read(
        _ root: YAMLNode, name: PipelineName, project: Project, reporting collector: DiagnosticCollector
    ) -> PipelineDefinition? {
        guard var fields = FieldReader(root, as: [keys], subject: "the pipeline", reporting: collector) else { return nil }
        if !fields.has("stages") { fields.reportMissing("stages") }
        let reported = collector.diagnostics.count
        let entries = fields.mapping("stages")
        if fields.has("stages"), entries.isEmpty, collector.diagnostics.count == reported {
            collector.report(
                .missingKey, at: fields.place(of: "stages"), "the pipeline has no stage", remedy: "add 'build-api: {build: api}'")
        }
        var stages: [Stage] = []
        var unreadable: Set<StageName> = []
        stages.reserveCapacity(entries.count)
        for entry in entries {
            let key = Located(entry.key, at: entry.keyLocation)
            let name: Located<StageName>? = FieldReader.name(key, what: "stage", reporting: collector)
            guard let name else { continue }
            if let stage = Stage.read(entry.value, name: name, project: project, reporting: collector) {
                stages.append(stage)
            } else {
                unreadable.insert(name.value)
            }
        }
        fields.finish()
        return PipelineDefinition(name: name, stages: stages, unreadable: unreadable)
    }
}

extension Stage {
    /// What stages of every kind take.
    static let keys: [KeyForm] = [
        .optional("needs", .list(of: .text(.name)), "Stages that must be done before, whatever they produce", example: "[test]"),
        .optional(
            "inputs", .entries(of: .text(.name)), "Which stage fills which input, where several could",
            example: "{image.api: build-api}"),
        .optional("timeout", .text(.span), "How long one attempt may take", example: "10m"),
        .optional("retries", .integer(0...20), "How many further attempts follow a failure that may pass", example: "2"),
        .optional(
            "backoff", .text(.span),
            "The pause before the first further attempt; it doubles each time, up to five minutes, less a random part",
            example: "10s"),
    ]

    fileprivate static func read(
        _ node: YAMLNode, name: Located<StageName>, project: Project, reporting collector: DiagnosticCollector
    ) -> Stage? {
        guard var fields = FieldReader(node, as: [], subject: "stage '\(name.value)'", reporting: collector) else { return nil }
        let present = StageKinds.all.filter { fields.stands($0.keyword) }
        guard let kind = present.first, present.count == 1 else {
            let keywords = StageKinds.all.map { $0.keyword }
            if present.isEmpty, case .mapping(let written) = node.value {
                let near = written.lazy.compactMap { field in nearest(to: field.key, among: keywords).map { (field, $0) } }.first
                collector.report(
                    near == nil ? .missingKey : .unknownKey, at: near?.0.keyLocation ?? name.location,
                    "stage '\(name.value)' has no kind", offending: near?.0.key,
                    remedy: near.map { "did you mean '\($0.1)'?" } ?? "add one of: \(keywords.joined(separator: ", "))")
            } else {
                collector.report(
                    .badValue, at: name.location,
                    "stage '\(name.value)' has several kinds: \(present.map { $0.keyword }.joined(separator: ", "))",
                    remedy: "make a stage of each")
            }
            return nil
        }
        fields.forms = kind.forms + [keys]
        var stageFields = StageFields(fields: fields, project: project)
        let settings = kind.init(reading: &stageFields)
        var policy = kind.policy
        policy.timeout = stageFields.fields.span("timeout") ?? policy.timeout
        policy.retries = stageFields.fields.integer("retries", what: "a count of retries") ?? policy.retries
        policy.backoff = stageFields.fields.span("backoff") ?? policy.backoff
        let needs = stageFields.fields.texts("needs").compactMap { text -> Located<StageName>? in
            FieldReader.name(text, what: "stage", reporting: collector)
        }
        var inputs: [String: Located<StageName>] = [:]
        for input in stageFields.fields.mapping("inputs") {
            guard case .scalar(let text) = input.value.value else {
                collector.report(
                    .badValue, at: input.value.location,
                    "input '\(input.key)' is \(input.value.sort), the name of a stage is wanted")
                continue
            }
            inputs[input.key] = FieldReader.name(Located(text, at: input.value.location), what: "stage", reporting: collector)
        }
        stageFields.fields.finish()
        guard let settings else { return nil }
        return Stage(
            name: name.value, kind: AnyStageKind(settings), needs: needs, inputs: inputs, policy: policy, location: name.location)
    }
}
