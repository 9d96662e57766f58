/// Draws the edges of one pipeline and proves them: types, names, approvals, no cycle.
struct Checker {
    let project: Project
    let definition: PipelineDefinition
    let collector: DiagnosticCollector

    /// The stages in topological order, or nil after having reported why there is none.
    func check() -> [PlannedStage]? {
        let stages = definition.stages
        let index = Dictionary(stages.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
        var producers: [ArtifactType: [Int]] = [:]
        let products = stages.map { $0.kind.value.product(in: project) }
        for (number, product) in products.enumerated() {
            if let product { producers[product, default: []].append(number) }
        }
        var planned: [PlannedStage] = []
        var predecessors: [[Int]] = []
        planned.reserveCapacity(stages.count)
        predecessors.reserveCapacity(stages.count)
        for stage in stages {
            let inputs = fill(stage, stages: stages, index: index, products: products, producers: producers)
            let needs = self.needs(of: stage, index: index)
            let before = Set(inputs.values).union(needs)
            predecessors.append(before.sorted())
            planned.append(
                PlannedStage(
                    name: stage.name, kind: stage.kind, inputs: inputs.mapValues { stages[$0].name },
                    needs: Set(needs).subtracting(inputs.values).map { stages[$0].name }.sorted(), policy: stage.policy))
        }
        var cycles = 0
        while cycles < Self.mostCycles {
            switch Graph.order(count: stages.count, predecessors: predecessors) {
            case .success(let order):
                return cycles == 0 ? order.map { planned[$0] } : nil
            case .failure(let cycle):
                cycles += 1
                report(cycle)
                // Without one of its edges the cycle is gone, and the next one is found.
                guard let first = cycle.path.first, let last = cycle.path.last else { return nil }
                predecessors[last].removeAll { $0 == first }
            }
        }
        return nil
    }

    /// Each costs as much as the whole graph, and nobody reads more.
    private static let mostCycles = 20

    private func report(_ cycle: Graph.Cycle) {
        let stages = cycle.path.map { definition.stages[$0] }
        guard let first = stages.first else { return }
        let names = stages.map(\.name.text)
        collector.report(
            .cycle, at: first.location,
            names.count == 1
                ? "'\(first.name)' waits for itself"
                : "stages wait for each other: \((names + names.prefix(1)).joined(separator: " → "))",
            offending: first.name.text,
            remedy: names.count == 1
                ? "remove it from its own 'needs'"
                : "remove one of these from 'needs' or 'inputs'; an arrow reads \"waits for\"")
    }

    /// Which stage fills each port.
    private func fill(
        _ stage: Stage, stages: [Stage], index: [StageName: Int], products: [ArtifactType?], producers: [ArtifactType: [Int]]
    ) -> [String: Int] {
        let ports = stage.kind.value.ports(in: project)
        var filled: [String: Int] = [:]
        for (name, _) in stage.inputs where !ports.contains(where: { $0.name == name }) {
            collector.report(
                .unknownKey, at: stage.inputs[name]?.location ?? stage.location, "stage '\(stage.name)' has no input '\(name)'",
                offending: name,
                remedy: suggestion(for: name, among: ports.map(\.name), none: "it consumes nothing: use 'needs' to order"))
        }
        for port in ports {
            guard let explicit = stage.inputs[port.name] else {
                filled[port.name] = infer(port, for: stage, stages: stages, producers: producers)
                continue
            }
            guard let producer = index[explicit.value] else {
                reportUnknown(explicit, index: index)
                continue
            }
            guard products[producer] == port.type else {
                let product = products[producer].map(\.description) ?? "nothing"
                let fitting = (producers[port.type] ?? []).map { stages[$0].name.text }
                collector.report(
                    .wrongArtifact, at: explicit.location,
                    "input '\(port.name)' of '\(stage.name)' takes \(port.type), but '\(explicit.value)' produces \(product)",
                    offending: explicit.value.text,
                    remedy: fitting.isEmpty
                        ? "no stage produces \(port.type): \(advice(for: port.type))"
                        : "name \(fitting.joined(separator: " or "))")
                continue
            }
            filled[port.name] = producer
        }
        return filled
    }

    private func infer(_ port: Port, for stage: Stage, stages: [Stage], producers: [ArtifactType: [Int]]) -> Int? {
        let candidates = producers[port.type] ?? []
        if candidates.count == 1 { return candidates[0] }
        if candidates.count > 1 {
            let names = candidates.map { stages[$0].name.text }
            collector.report(
                .ambiguousArtifact, at: stage.location,
                "'\(stage.name)' consumes \(port.type), which several stages produce: \(names.joined(separator: ", "))",
                offending: stage.name.text, remedy: "say which: inputs: {\(port.name): \(names[0])}")
            return nil
        }
        // A stage with mistakes of its own may be the one that produces it.
        guard definition.unreadable.isEmpty else { return nil }
        if case .approval(let environment) = port.type {
            collector.report(
                .missingApproval, at: stage.location,
                "'\(stage.name)' would change \(environment), which demands an approval, and no stage asks for one",
                offending: stage.name.text,
                remedy: advice(for: port.type))
        } else {
            collector.report(
                .missingArtifact, at: stage.location, "'\(stage.name)' consumes \(port.type), which no stage produces",
                offending: stage.name.text, remedy: advice(for: port.type))
        }
        return nil
    }

    private func advice(for type: ArtifactType) -> String {
        switch type {
        case .image(let service): "add a stage 'build-\(service): {build: \(service)}'"
        case .schema(let environment): "add a stage 'migrate-\(environment): {migrate: \(environment)}'"
        case .release(let environment): "add a stage 'deploy-\(environment): {deploy: \(environment)}'"
        case .approval(let environment): "add a stage 'approve-\(environment): {approve: \(environment)}'"
        }
    }

    private func needs(of stage: Stage, index: [StageName: Int]) -> [Int] {
        var seen: Set<StageName> = []
        return stage.needs.compactMap { need in
            guard seen.insert(need.value).inserted else {
                collector.report(
                    .duplicate, at: need.location, "'\(stage.name)' needs '\(need.value)' twice", offending: need.value.text,
                    remedy: "keep one")
                return nil
            }
            guard let number = index[need.value] else {
                reportUnknown(need, index: index)
                return nil
            }
            return number
        }
    }

    private func reportUnknown(_ name: Located<StageName>, index: [StageName: Int]) {
        guard !definition.unreadable.contains(name.value) else { return }
        collector.report(
            .unknownName, at: name.location, "there is no stage '\(name.value)'", offending: name.value.text,
            remedy: suggestion(
                for: name.value.text, among: (Array(index.keys) + definition.unreadable).map(\.text),
                none: "add it under 'stages'"))
    }
}
