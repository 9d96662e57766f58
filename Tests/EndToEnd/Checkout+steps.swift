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
        let walk = Walk(steps)
        let outcome = try await Processes.run(command(arguments, adding: additions)) { identity in
            pid.store(identity.pid, ordering: .relaxed)
        } output: { stream, piece in
            await walk.take(piece, from: stream, of: pid.load(ordering: .relaxed))
        }
        let text = await walk.text
        if let missed = await walk.next { Issue.record("'\(missed.mark)' was never printed: \(text)") }
        return (outcome.termination, text)
    }
}

/// The steps of one shipit: each is taken once, when the one before it is done, however its marks are spread over pieces and streams.
private actor Walk {
    private let steps: [Step]
    private var printed: [Processes.OutputStream: [UInt8]] = [:]
    private var taken = 0
    private var isUnderWay = false

    init(_ steps: [Step]) { self.steps = steps }

    /// All that was printed: its standard output, then its standard error.
    ///
    /// Decoded as a whole, since a character may have come in two pieces.
    var text: String {
        [Processes.OutputStream.standardOutput, .standardError].map { stream in
            String(decoding: printed[stream] ?? [], as: UTF8.self)
        }.joined()
    }

    /// The step that is not taken yet; nil after the last.
    var next: Step? { taken < steps.count ? steps[taken] : nil }

    /// Takes a piece of output, and each step that it makes due.
    func take(_ piece: [UInt8], from stream: Processes.OutputStream, of pid: pid_t) async {
        printed[stream, default: []] += piece
        // Whoever is at a step looks again when it is done.
        while !isUnderWay, let step = next, text.contains(step.mark) {
            isUnderWay = true
            await step.act(pid, text)
            taken += 1
            isUnderWay = false
        }
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
