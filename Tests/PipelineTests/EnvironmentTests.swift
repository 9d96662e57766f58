import Hashing
import Testing

@testable import Pipeline

@Suite struct ChangeTests {
    /// A name, what differs from the sample, and the difference in words.
    static let differences: [(@Sendable (inout Change) -> Void, String)] = [
        ({ $0.environment = Samples.name("dr") }, "environment: approved production, now dr"),
        ({ $0.images[Samples.name("api")] = "x@sha256:1" }, "image of api: approved \(Samples.image("api")), now x@sha256:1"),
        ({ $0.images[Samples.name("web")] = nil }, "image of web: approved \(Samples.image("web")), now none"),
        ({ $0.images[Samples.name("job")] = "y" }, "image of job: approved none, now y"),
        ({ $0.schema = nil }, "database: approved with one, now with none"),
        ({ $0.schema?.from = nil }, "schema version: approved from 1, now at empty"),
        ({ $0.schema?.pending.append(Samples.mark("3")) }, "migration 3_change.sql was not approved in this form"),
        ({ $0.schema?.pending[0].sum = Samples.sum("other") }, "migration 2_change.sql was not approved in this form"),
        ({ $0.schema?.pending[0].isCompatible = true }, "migration 2_change.sql was not approved in this form"),
        ({ $0.schema?.pending = [] }, "migration 2_change.sql was approved and is not pending now"),
        (
            { $0.manifest = Samples.sum("other") },
            "the target's file: approved \(Samples.sum("compose").hex.prefix(12)), now \(Samples.sum("other").hex.prefix(12))"
        ),
        ({ $0.values["LOG_LEVEL"] = ConfigValue(literal: "debug") }, "value LOG_LEVEL: approved info, now debug"),
        ({ $0.values["NEW"] = ConfigValue(literal: "1") }, "value NEW: approved none, now 1"),
        (
            { $0.target = .compose(ComposeTarget(file: "compose.yaml", project: "other", healthyWithin: .seconds(60))) },
            "target: approved compose project shop-production, now compose project other"
        ),
        ({ $0.policy = .none }, "policy: approved required, now none"),
    ]

    @Test(arguments: differences.indices) func `names what differs from what was approved`(index: Int) {
        let (alter, expected) = Self.differences[index]
        var now = Samples.change()
        alter(&now)
        #expect(now.differences(from: Samples.change()) == [expected])
        #expect(now.sum != Samples.change().sum)
    }

    @Test func `names all differences at once, and none where there is none`() {
        var now = Samples.change()
        for (alter, _) in Self.differences where true { alter(&now) }
        #expect(now.differences(from: Samples.change()).count >= 9)
        #expect(Samples.change().differences(from: Samples.change()) == [])
    }

    @Test func `whatever changes the hash is named, and nothing else`() {
        let approved = Samples.change(pending: [Samples.mark("2"), Samples.mark("3")])
        let now = Samples.change(pending: [Samples.mark("3"), Samples.mark("2")])
        #expect(now.sum != approved.sum)
        #expect(now.differences(from: approved) == ["the migrations would be applied in another order"])
    }

    @Test(
        arguments: [
            (["2"], "2", ["3"], []),
            (["2", "3"], "3", [], []),
            ([], "1", ["2", "3"], []),
            (
                [], "2", ["3"],
                ["schema version: approved from 1, now at 2", "migration 2_change.sql was approved and is not pending now"]
            ),
            (["2"], "2", ["3", "4"], ["migration 4_change.sql was not approved in this form"]),
            (["2"], "5", ["3"], ["schema version: approved from 2, now at 5"]),
        ] as [([String], String, [String], [String])])
    func `the run's own migrations void nothing, those of others do`(
        migrated: [String], from: String, pending: [String], expected: [String]
    ) {
        let approved = Samples.change(pending: [Samples.mark("2"), Samples.mark("3")])
        var now = approved
        now.schema = SchemaChange(from: from, pending: pending.map { Samples.mark($0) })
        #expect(now.differences(from: approved, migrated: migrated) == expected)
    }

    @Test func `knows the schema version after it`() {
        #expect(Samples.change().schema?.to == "2")
        #expect(SchemaChange(from: "7", pending: []).to == "7")
    }
}

@Suite struct EnvironmentStateTests {
    private func state(_ events: EnvironmentEvent...) -> EnvironmentState {
        var state = EnvironmentState()
        for event in events { state.apply(event) }
        return state
    }

    @Test func `last good is the newest release that passed verification`() {
        let state = state(
            .released(Samples.release("r1")), .verified("r1", run: "r1"), .released(Samples.release("r2", api: "2")),
            .verified("r2", run: "r2"), .released(Samples.release("r3", api: "3")), .refuted("r3", run: "r3"),
            .released(Samples.release("r4", api: "4")))
        #expect(state.lastGood?.id == "r2")
        #expect(state.current?.release.id == "r4")
        #expect(state.current?.isGood == nil)
        #expect(state.release("r3")?.id == "r3")
    }

    @Test func `a release that fails a later verification is good no more`() {
        #expect(state(.released(Samples.release("r1")), .verified("r1", run: "a"), .refuted("r1", run: "b")).lastGood == nil)
    }

    @Test func `verdicts on releases nobody knows change nothing`() {
        #expect(state(.verified("x", run: "r")) == EnvironmentState())
    }

    @Test func `a rollback leads to the newest good release that differs from what runs`() {
        let first = EnvironmentEvent.released(Samples.release("r1"))
        let good = EnvironmentEvent.verified("r1", run: "r1")
        #expect(state().rollbackTarget() == nil)
        #expect(state(first, good).rollbackTarget() == nil)
        #expect(state(first, .released(Samples.release("r2", api: "2"))).rollbackTarget() == nil)
        #expect(state(first, good, .released(Samples.release("r2", api: "2"))).rollbackTarget()?.id == "r1")
        #expect(state(first, good, .released(Samples.release("r2"))).rollbackTarget() == nil)
        // Back at r1 by a rollback: there is nothing before it.
        #expect(
            state(
                first, good, .released(Samples.release("r2", api: "2")), .released(Samples.release("r3", restores: "r1")),
                .verified("r3", run: "r3")
            )
            .rollbackTarget() == nil)
    }

    @Test func `a release that differs only in its configuration is a target too`() {
        var bad = Samples.release("r2")
        bad.change.values["LOG_LEVEL"] = ConfigValue(literal: "nonsense")
        #expect(
            state(.released(Samples.release("r1")), .verified("r1", run: "r1"), .released(bad)).rollbackTarget()?.id == "r1")
    }

    @Test(arguments: [("r1", "r1"), ("1111", "r1"), ("2222", nil), ("r2", nil), ("nothing", nil)] as [(String, String?)])
    func `a rollback goes to a named release only when it is good`(wanted: String, expected: String?) {
        let state = state(
            .released(Samples.release("r1", commit: String(repeating: "1", count: 40))), .verified("r1", run: "r1"),
            .released(Samples.release("r2", api: "2", commit: String(repeating: "2", count: 40))), .refuted("r2", run: "r2"),
            .released(Samples.release("r3", api: "3")))
        #expect(state.rollbackTarget(to: wanted)?.id == expected)
    }

    @Test func `a hold stays until it is lifted`() {
        let hold = Hold(reason: "rolled back", by: "ada", at: 1)
        #expect(state(.held(hold)).hold == hold)
        #expect(state(.held(hold), .released(Samples.release("r1"))).hold == hold)
        #expect(state(.held(hold), .unheld(by: "ada", reason: "fixed")).hold == nil)
    }
}
