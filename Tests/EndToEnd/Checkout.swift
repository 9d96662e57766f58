import Foundation
import Processes
import Synchronization
import Testing

/// A git repository with a project in it, in which shipit is run.
protocol Checkout: Sendable {
    /// The root of the work tree.
    var folder: String { get }
    /// What shipit finds in its environment.
    var variables: [String: String] { get }
}

/// What shipit printed and how it ended.
struct Answer: Sendable {
    var code: Int32
    var text: String
    var errors: String
    var all: String { text + errors }
}

/// The id of the run that shipit printed first.
func run(in text: String) -> String {
    text.firstMatch(of: #/\brun ([0-9a-z]{10})\b/#).map { String($0.1) } ?? "none"
}

extension Checkout {
    /// Our own environment without what would change shipit's ways.
    static var plainVariables: [String: String] {
        var variables = Command.inheritedEnvironment
        for name in ["CI", "SHIPIT_STATE", "GITHUB_ACTOR"] { variables[name] = nil }
        variables["SHIPIT_ACTOR"] = "tester"
        return variables
    }

    /// Changes a file of the work tree.
    func edit(_ file: String, _ change: (String) -> String) throws {
        let path = "\(folder)/\(file)"
        let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
        try change(text).write(toFile: path, atomically: true, encoding: .utf8)
    }

    /// Commits the work tree and answers the SHA.
    @discardableResult
    func commit(_ subject: String) async throws -> String {
        try await git("add", "--all")
        try await git("-c", "user.name=Tester", "-c", "user.email=t@example.org", "commit", "--quiet", "--message", subject)
        return try await git("rev-parse", "HEAD").trimmingCharacters(in: .whitespacesAndNewlines)
    }

    @discardableResult
    func git(_ arguments: String...) async throws -> String {
        try await World.run("git", arguments, in: folder)
    }

    /// A shipit command in the repository.
    func command(_ arguments: [String], adding additions: [String: String] = [:]) -> Command {
        Command(
            World.shipit, arguments, environment: variables.merging(additions) { _, new in new }, workingDirectory: folder,
            deadline: .seconds(240), grace: .seconds(30))
    }

    /// Runs shipit and answers what it printed and how it ended.
    func shipit(_ arguments: String..., adding additions: [String: String] = [:]) async throws -> Answer {
        try await finish(command(arguments, adding: additions))
    }

    /// Runs a command that ends with shipit's exit code.
    func finish(_ command: Command) async throws -> Answer {
        let captured = try await capture(command, limit: 16 << 20)
        guard case .exited(let code) = captured.outcome.termination else {
            throw World.BadEnd(text: "\(command.arguments) ended with \(captured.outcome.termination): \(captured.errorText)")
        }
        return Answer(code: code, text: captured.text, errors: captured.errorText)
    }

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
}
