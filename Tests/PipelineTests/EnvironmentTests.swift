import Hashing
import Randomness
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
    /// A journal as whoever asks reads it: its fold, and its releases from the end on.
    private struct Told {
        var state = EnvironmentState()
        var releases: [EnvironmentState.Entry]

        init(_ events: [EnvironmentEvent]) {
            for event in events { state.apply(event) }
            var search = ReleaseSearch()
            releases = events.reversed().compactMap { search.take($0) }
        }

        func rollbackTarget(to wanted: String? = nil) -> Release? { rollbackTarget(running: state.current?.release, to: wanted) }

        func rollbackTarget(running target: Release?, to wanted: String? = nil) -> Release? {
            var search = RollbackSearch(leaving: state.left(running: target), to: wanted)
            return releases.first { search.take($0) }?.release
        }
    }

    private func told(_ events: EnvironmentEvent...) -> Told { Told(events) }

    private func state(_ events: EnvironmentEvent...) -> EnvironmentState { Told(events).state }

    @Test func `last good is the newest release that passed verification`() {
        let told = told(
            .released(Samples.release("r1")), .verified("r1", run: "r1"), .released(Samples.release("r2", api: "2")),
            .verified("r2", run: "r2"), .released(Samples.release("r3", api: "3")), .refuted("r3", run: "r3"),
            .released(Samples.release("r4", api: "4")))
        #expect(told.state.lastGood == .release(Samples.release("r2", api: "2")))
        #expect(told.state.current?.release.id == "r4")
        #expect(told.state.current?.isGood == nil)
        #expect(told.state.count == 4)
        #expect(told.releases.map(\.release.id) == ["r4", "r3", "r2", "r1"])
        #expect(told.releases.map(\.isGood) == [nil, false, true, true])
    }

    @Test func `a release that fails a later verification is good no more`() {
        let first = EnvironmentEvent.released(Samples.release("r1"))
        #expect(state(first, .verified("r1", run: "a"), .refuted("r1", run: "b")).lastGood == .none)
        let late = state(
            first, .verified("r1", run: "a"), .released(Samples.release("r2", api: "2")), .refuted("r1", run: "b"))
        #expect(late.lastGood == .unknown)
    }

    @Test func `verdicts on releases nobody knows change nothing`() {
        #expect(state(.verified("x", run: "r")) == EnvironmentState())
        #expect(told(.released(Samples.release("r1")), .verified("x", run: "r")).releases.map(\.isGood) == [nil])
    }

    /// All releases with their verdicts, as somebody keeps them who has room for all.
    private struct Everything {
        var releases: [EnvironmentState.Entry] = []
        var hold: Hold?

        mutating func take(_ event: EnvironmentEvent) {
            func judge(_ id: ReleaseID, _ isGood: Bool) {
                if let place = releases.lastIndex(where: { $0.release.id == id }) { releases[place].isGood = isGood }
            }
            switch event {
            case .released(let release): releases.append(.init(release: release))
            case .verified(let id, _): judge(id, true)
            case .refuted(let id, _): judge(id, false)
            case .held(let hold): self.hold = hold
            case .unheld: hold = nil
            case .sighted: break
            }
        }
    }

    @Test(arguments: UInt64(0)..<300)
    func `what is kept in little room says what all of the journal says, or that it does not know`(seed: UInt64) {
        var random = SplitMix(seed: seed)
        var everything = Everything()
        var events: [EnvironmentEvent] = []
        var unknown = 0
        for number in 0..<40 {
            let id = "r\(Int.random(in: 0..<8, using: &random))"
            let event: EnvironmentEvent =
                switch Int.random(in: 0..<10, using: &random) {
                case 0...3: .released(Samples.release(id, api: "\(number % 3)"))
                case 4...5: .verified(everything.releases.last?.release.id ?? id, run: "v")
                case 6: .verified(id, run: "v")
                case 7: .refuted(id, run: "v")
                case 8: .held(Hold(reason: "\(number)", by: "ada", at: 1))
                default: .unheld(by: "ada", reason: "fixed")
                }
            events.append(event)
            everything.take(event)
            let told = Told(events)
            #expect(told.releases == everything.releases.reversed(), "seed \(seed)")
            #expect(told.state.count == everything.releases.count)
            #expect(told.state.current == everything.releases.last, "seed \(seed)")
            #expect(told.state.hold == everything.hold)
            let lastGood = everything.releases.last { $0.isGood == true }?.release
            switch told.state.lastGood {
            case .none: #expect(lastGood == nil, "seed \(seed), event \(number)")
            case .release(let release): #expect(lastGood == release, "seed \(seed), event \(number)")
            case .unknown: unknown += 1
            }
        }
        #expect(unknown < 40, "seed \(seed): it says nothing at all")
    }

    @Test func `a rollback leads to the newest good release that differs from what runs`() {
        let first = EnvironmentEvent.released(Samples.release("r1"))
        let good = EnvironmentEvent.verified("r1", run: "r1")
        #expect(told().rollbackTarget() == nil)
        #expect(told(first, good).rollbackTarget() == nil)
        #expect(told(first, .released(Samples.release("r2", api: "2"))).rollbackTarget() == nil)
        #expect(told(first, good, .released(Samples.release("r2", api: "2"))).rollbackTarget()?.id == "r1")
        #expect(told(first, good, .released(Samples.release("r2"))).rollbackTarget() == nil)
        // Back at r1 by a rollback: there is nothing before it.
        #expect(
            told(
                first, good, .released(Samples.release("r2", api: "2")), .released(Samples.release("r3", restores: "r1")),
                .verified("r3", run: "r3")
            )
            .rollbackTarget() == nil)
    }

    /// Of `r1`, `r2` and `r3`, all good, the last is found to be bad by people, and then the one before.
    @Test func `a rollback from where a rollback has led goes further back`() {
        func good(_ release: Release) -> [EnvironmentEvent] { [.released(release), .verified(release.id, run: release.id)] }
        var events = ["1", "2", "3"].flatMap { good(Samples.release("r\($0)", api: $0)) }
        for (expected, next) in [
            ("r2", Samples.release("r4", api: "2", restores: "r2")), ("r1", Samples.release("r5", api: "1", restores: "r1")),
        ] {
            #expect(Told(events).rollbackTarget()?.id == expected)
            events += good(next)
        }
        #expect(Told(events).rollbackTarget() == nil)
        #expect(Told(events).rollbackTarget(to: "r3")?.id == "r3")
        // What is deployed after it goes back to where the rollbacks had led, and from there on as before.
        events += good(Samples.release("r6", api: "6"))
        #expect(Told(events).rollbackTarget()?.id == "r5")
        events += good(Samples.release("r7", api: "1", restores: "r5"))
        #expect(Told(events).rollbackTarget() == nil)
    }

    /// Of `r3` over `r2`, both good before, and `r1` before them.
    @Test(
        arguments: [
            (Samples.release("r3", api: "3"), "r2"), (Samples.release("r4", api: "4"), "r3"), (nil, "r3"),
            (Samples.release("r4", api: "2", restores: "r2"), "r2"),
        ] as [(Release?, String)])
    func `a rollback leaves behind what the target runs`(target: Release?, expected: String) {
        let told = told(
            .released(Samples.release("r1")), .verified("r1", run: "r1"), .released(Samples.release("r2", api: "2")),
            .verified("r2", run: "r2"), .released(Samples.release("r3", api: "3")), .verified("r3", run: "r3"))
        #expect(told.rollbackTarget(running: target)?.id == expected)
    }

    @Test func `a release that differs only in its configuration is a target too`() {
        var bad = Samples.release("r2")
        bad.change.values["LOG_LEVEL"] = ConfigValue(literal: "nonsense")
        #expect(
            told(.released(Samples.release("r1")), .verified("r1", run: "r1"), .released(bad)).rollbackTarget()?.id == "r1")
    }

    @Test(arguments: [("r1", "r1"), ("1111", "r1"), ("2222", nil), ("r2", nil), ("nothing", nil)] as [(String, String?)])
    func `a rollback goes to a named release only when it is good`(wanted: String, expected: String?) {
        let told = told(
            .released(Samples.release("r1", commit: String(repeating: "1", count: 40))), .verified("r1", run: "r1"),
            .released(Samples.release("r2", api: "2", commit: String(repeating: "2", count: 40))), .refuted("r2", run: "r2"),
            .released(Samples.release("r3", api: "3")))
        #expect(told.rollbackTarget(to: wanted)?.id == expected)
    }

    @Test func `a hold stays until it is lifted`() {
        let hold = Hold(reason: "rolled back", by: "ada", at: 1)
        #expect(state(.held(hold)).hold == hold)
        #expect(state(.held(hold), .released(Samples.release("r1"))).hold == hold)
        #expect(state(.held(hold), .unheld(by: "ada", reason: "fixed")).hold == nil)
    }

    private static func sighting(_ objects: [String], at time: Int64) -> DriftSighting {
        DriftSighting(
            release: "r1",
            objects: objects.map { .init(place: "shop-production", name: $0, fate: "changed", sum: Samples.sum($0)) }, by: "cron",
            at: time)
    }

    @Test func `what was seen of drift is about the release that runs, and the last word counts`() {
        let (clean, changed) = (Self.sighting([], at: 1), Self.sighting(["web"], at: 2))
        #expect(state(.released(Samples.release("r1"))).drift == nil)
        #expect(state(.released(Samples.release("r1")), .sighted(clean), .sighted(changed)).drift == changed)
        #expect(state(.released(Samples.release("r1")), .sighted(changed), .released(Samples.release("r2"))).drift == nil)
    }

    @Test func `the same is news again after an hour, something else at once, and of many objects some are kept`() {
        let first = Self.sighting(["web"], at: 0)
        #expect(first.isNews(after: nil))
        #expect(!Self.sighting(["web"], at: 3_599_999).isNews(after: first))
        #expect(Self.sighting(["web"], at: 3_600_000).isNews(after: first))
        #expect(Self.sighting(["api"], at: 1).isNews(after: first))
        let many = Self.sighting((0..<60).map { "object-\($0)" }, at: 1)
        #expect(many.objects.count == DriftSighting.most && many.count == 60)
    }
}
