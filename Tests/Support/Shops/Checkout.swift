import Foundation
public import Processes

/// A git repository with a project in it, in which shipit is run.
public protocol Checkout: Sendable {
    /// The root of the work tree.
    var folder: String { get }
    /// What shipit finds in its environment.
    var variables: [String: String] { get }
}

/// What shipit printed and how it ended.
public struct Answer: Sendable {
    /// Its exit code.
    public var code: Int32
    /// Its standard output.
    public var text: String
    /// Its standard error.
    public var errors: String
    /// Both, one after the other.
    public var all: String { text + errors }

    /// An answer put together by whoever ran shipit in a way of its own.
    public init(code: Int32, text: String, errors: String) {
        self.code = code
        self.text = text
        self.errors = errors
    }
}

/// The id of the run that shipit printed first.
public func run(in text: String) -> String {
    text.firstMatch(of: #/\brun ([0-9a-z]{10})\b/#).map { String($0.1) } ?? "none"
}

extension Checkout {
    /// Our own environment without what would change shipit's ways.
    public static var plainVariables: [String: String] {
        var variables = Command.inheritedEnvironment
        for name in [
            "CI", "SHIPIT_STATE", "GITHUB_ACTOR", "GITHUB_ACTIONS", "GITHUB_STEP_SUMMARY", "GITHUB_WORKSPACE",
            "ACTIONS_ID_TOKEN_REQUEST_URL", "ACTIONS_ID_TOKEN_REQUEST_TOKEN",
        ] { variables[name] = nil }
        variables["SHIPIT_ACTOR"] = "tester"
        return variables
    }

    /// Changes a file of the work tree.
    public func edit(_ file: String, _ change: (String) -> String) throws {
        let path = "\(folder)/\(file)"
        let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
        try change(text).write(toFile: path, atomically: true, encoding: .utf8)
    }

    /// Commits the work tree and answers the SHA.
    @discardableResult
    public func commit(_ subject: String) async throws -> String {
        try await git("add", "--all")
        try await git("-c", "user.name=Tester", "-c", "user.email=t@example.org", "commit", "--quiet", "--message", subject)
        return try await git("rev-parse", "HEAD").trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// Runs git in the work tree and answers what it printed.
    @discardableResult
    public func git(_ arguments: String...) async throws -> String {
        try await World.run("git", arguments, in: folder)
    }

    /// A shipit command in the repository.
    public func command(_ arguments: [String], adding additions: [String: String] = [:]) -> Command {
        Command(
            World.shipit, arguments, environment: variables.merging(additions) { _, new in new }, workingDirectory: folder,
            deadline: .seconds(1200), grace: .seconds(30))
    }

    /// Runs shipit and answers what it printed and how it ended.
    public func shipit(_ arguments: String..., adding additions: [String: String] = [:]) async throws -> Answer {
        try await finish(command(arguments, adding: additions))
    }

    /// Runs a command that ends with shipit's exit code.
    public func finish(_ command: Command) async throws -> Answer {
        let captured = try await World.captured(command)
        guard case .exited(let code) = captured.outcome.termination else {
            throw World.BadEnd(text: "\(command.arguments) ended with \(captured.outcome.termination): \(captured.errorText)")
        }
        return Answer(code: code, text: captured.text, errors: captured.errorText)
    }
}
