import Glibc
import Randomness
import Testing

@testable import Pipeline

/// What holds for all runs, tried on thousands of random ones.
///
/// A failure prints how to see it again.
@Suite struct RunPropertyTests {
    static let trialsPerShard = 100

    @Test(arguments: 0..<20)
    func `whatever happens, every rule holds after every event, and replaying any prefix gives the same run`(shard: Int) throws {
        for trial in (shard * Self.trialsPerShard)..<((shard + 1) * Self.trialsPerShard) {
            var driver = try ChaoticDriver(chance: Chance(trial: trial))
            do {
                try driver.drive(steps: 60)
                try replay(driver)
            } catch {
                Issue.record("\(error); \(Chance.note(trial)); what happened:\n\(driver.history)")
                return
            }
        }
    }

    /// A fold passes through the state of every prefix.
    private func replay(_ driver: ChaoticDriver) throws {
        let stored = driver.events.enumerated().map { Stamped($1, at: Int64($0), by: "ada").bytes }
        let events = try stored.map { try Stamped<RunEvent>(bytes: $0).event }
        guard let first = events.first else { return }
        var run = try Run(first)
        for (event, snapshot) in zip(events.dropFirst() + [.resumed(Samples.driver)], driver.snapshots) {
            guard ChaoticDriver.Snapshot(run, jobs: driver.jobs) == snapshot else {
                throw ChaoticDriver.Broken(description: "a replay differs before \(event)")
            }
            try run.apply(event)
        }
    }

    @Test(arguments: 0..<10) func `a failure blocks exactly its descendants`(shard: Int) throws {
        for trial in (shard * 100)..<(shard * 100 + 100) {
            var chance = Chance(trial: trial)
            let count = Int.random(in: 1...20, using: &chance)
            let predecessors = GraphTests.randomGraph(&chance, count: count, cyclic: false)
            let failing = Set((0..<count).filter { _ in chance.once(in: 6) })
            let jobs = Int.random(in: 1...5, using: &chance)
            let plan = Samples.plan(predecessors: predecessors)
            var run = try Run(.created(id: "r", plan: plan, goal: plan.stages.map(\.name), reason: "test"))
            var underWay: Set<StageName> = []
            while true {
                for case .perform(let stage, let attempt) in run.next(jobs: jobs) {
                    try run.apply(.start(stage, attempt))
                    underWay.insert(stage)
                }
                try #require(underWay.count <= jobs, "\(Chance.note(trial))")
                guard let stage = underWay.sorted().randomElement(using: &chance) else { break }
                underWay.remove(stage)
                try run.apply(failing.contains { Samples.stage($0) == stage } ? .failure(stage) : .success(stage))
            }
            let successors = Graph.successors(of: predecessors)
            for number in 0..<count {
                let isBlocked = !Graph.ancestors(of: predecessors[number], predecessors: predecessors).isDisjoint(with: failing)
                let expected = isBlocked ? "blocked" : failing.contains(number) ? "failed" : "succeeded"
                try #require(run.states[number].word == expected, "s\(number) of \(successors); \(Chance.note(trial))")
            }
            let isClean = run.states.allSatisfy { $0.word == "succeeded" }
            try #require(run.status == (isClean ? .succeeded : .failed), "\(Chance.note(trial))")
        }
    }

    /// Eight times the stages may cost eight times as much; the square would cost sixty-four times.
    ///
    /// Counted in processor time of this thread, so that what else the machine does is no part of it.
    @Test func `a run costs as much as its stages and edges, not their square`() throws {
        func cost(_ count: Int) throws -> Double {
            let plan = Samples.plan(predecessors: (0..<count).map { $0 < 10 ? [] : [$0 - 10] })
            let before = Self.processorTime
            var run = try Run(.created(id: "r", plan: plan, goal: plan.stages.map(\.name), reason: "test"))
            while run.status == .running {
                for action in run.next(jobs: 10) {
                    guard case .perform(let stage, let attempt) = action else { continue }
                    try run.apply(.start(stage, attempt))
                }
                for action in run.next(jobs: 10) {
                    guard case .timeout(let stage, let attempt, _) = action else { continue }
                    try run.apply(.success(stage, attempt))
                }
            }
            #expect(run.status == .succeeded)
            return Self.processorTime - before
        }
        let small = try (0..<3).map { _ in try cost(1000) }.min() ?? 0
        let large = try cost(8000)
        #expect(large < small * 32, "1,000 stages: \(small) s, 8,000 stages: \(large) s")
    }

    /// Seconds of processor time that this thread has used.
    private static var processorTime: Double {
        var time = timespec()
        unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
