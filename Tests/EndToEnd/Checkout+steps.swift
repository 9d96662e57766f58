import Foundation
import Processes
import Shops
import Synchronization
import Testing

extension Checkout {
    /// How many objects a command lists with `--json`.
    func listed(_ arguments: String...) async throws -> Int {
        let answer = try await finish(command(arguments + ["--json"]))
        let list = try JSONSerialization.jsonObject(with: Data(answer.text.utf8)) as? [Any]
        return try #require(list, "\(answer.all)").count
    }

    /// Runs shipit and takes each step, one after another, as soon as its mark has been printed.
    ///
    /// - Returns: how it ended and all that it printed.
    func shipit(_ arguments: String..., adding additions: [String: String] = [:], steps: [Step]) async throws
        -> (end: Outcome.Termination, text: String)
    {
        let pid = Atomic<pid_t>(0)
        let seen = Mutex((text: "", taken: 0))
        let outcome = try await Processes.run(command(arguments, adding: additions)) { identity in
            pid.store(identity.pid, ordering: .relaxed)
        } output: { _, piece in
            let due = seen.withLock { state in
                state.text += String(decoding: piece, as: UTF8.self)
                guard state.taken < steps.count, state.text.contains(steps[state.taken].mark) else {
                    return nil as (Step, String)?
                }
                state.taken += 1
                return (steps[state.taken - 1], state.text)
            }
            if let (step, text) = due { await step.act(pid.load(ordering: .relaxed), text) }
        }
        let (text, taken) = seen.withLock { $0 }
        #expect(taken == steps.count, "'\(steps[min(taken, steps.count - 1)].mark)' was never printed: \(text)")
        return (outcome.termination, text)
    }
}

/// What a test does to a shipit that is under way.
struct Step: Sendable {
    /// What must have been printed before.
    var mark: String
    /// What is done then, with the process's id and all that it has printed so far.
    var act: @Sendable (_ pid: pid_t, _ text: String) async -> Void

    init(when mark: String, _ act: @escaping @Sendable (_ pid: pid_t, _ text: String) async -> Void) {
        self.mark = mark
        self.act = act
    }

    /// Sends a signal.
    static func signal(_ signal: Int32, when mark: String) -> Step {
        Step(when: mark) { pid, _ in _ = Glibc.kill(pid, signal) }
    }

    /// Kills shipit with its docker, at its first attempt to deploy to staging.
    static func killDeployment(when mark: String) -> Step {
        Step(when: mark) { pid, text in
            for victim in [pid] + deploying(text).map(\.pid) { _ = Glibc.kill(victim, SIGKILL) }
        }
    }

    /// The programs of a run's first attempt to deploy to staging.
    static func deploying(_ text: String) -> [ProcessIdentity] {
        ProcessSearch(for: "SHIPIT_KEY", "\(run(in: text))/deploy-staging/1").found
    }

    /// After one service of two was switched; the candidate's containers, which come before, have other names.
    static func halfway(_ step: (_ mark: String) -> Step) -> [Step] {
        [Step(when: "switching") { _, _ in }, step("staging-api-1 Started")]
    }
}
