import Pipeline
import Records
import Testing

/// How long stages usually take, by the history.
@Suite struct DurationTests {
    private static let driver = Driver(id: "d", host: "h", pid: 1, started: "s")

    /// Records a run of two stages, of which the first takes that long and comes to that end.
    private func record(_ id: RunID, _ span: Int64, _ how: Completion? = .performed, in ledger: Ledger) async throws {
        let project = "{name: shop, registry: 'localhost:1/shop', pipeline: work, services: {}, environments: {}}"
        let plan = try Planner.plan(
            project: Planner.File(name: "project.yml", content: Array(project.utf8)),
            pipeline: Planner.File(name: "work.yml", content: Array("stages: {one: {run: [make]}, two: {run: [make]}}".utf8)),
            named: PipelineName("work"), source: Source(commit: String(repeating: "a", count: 40)))
        let created = RunEvent.created(id: id, plan: plan, goal: plan.stages.map(\.name), reason: "test")
        var writer = try await ledger.create(Stamped(created, at: 0, by: "t"))
        for stage in plan.stages.map(\.name) {
            let isFirst = stage.text == "one"
            let end =
                how.map { RunEvent.succeeded(stage: stage, attempt: 1, artifact: nil, how: isFirst ? $0 : .reused, note: nil) }
                ?? .failed(stage: stage, attempt: 1, failure: Failure(code: "bad", message: "bad"), jitter: 0)
            try writer.add(
                Stamped(
                    .started(stage: stage, attempt: 1, key: "", driver: Self.driver, deadline: .minutes(1)), at: 1000, by: "t"))
            try writer.add(Stamped(end, at: 1000 + span, by: "t"))
        }
        try await writer.save()
    }

    @Test func `it is the median of the newest good runs, of stages that were performed`() async throws {
        try await withFileLedger { ledger in
            let (pipeline, one) = (PipelineName("work"), StageName("one"))
            #expect(try await ledger.usualDurations(of: pipeline, apartFrom: "now").isEmpty)
            try await record("1000000000", 900_000, in: ledger)
            for (number, span) in [10, 20, 30, 40, 50].enumerated() {
                try await record("200000000\(number)", Int64(span), in: ledger)
            }
            try await record("3000000000", 5_000_000, nil, in: ledger)
            try await record("3000000001", 1, .reused, in: ledger)
            try await record("3000000002", 7_000_000, in: ledger)
            // Of five good ones one only found its stages done; 20, 30, 40 and 50 are left.
            #expect(try await ledger.usualDurations(of: pipeline, apartFrom: "3000000002") == [one: 40])
            #expect(try await ledger.usualDurations(of: PipelineName("other"), apartFrom: "now").isEmpty)
        }
    }
}
