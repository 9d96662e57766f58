import Processes
import Testing

/// The real components that `script/test` brings: addresses come by its variables, which CONTRIBUTING.md lists.
public enum World {
    /// A variable that is not set.
    public struct Missing: Error, CustomStringConvertible {
        var name: String
        /// The whole sentence.
        public var description: String { "\(name) is not set: run these tests with script/test, which starts the components" }
    }

    /// The value of a variable that the scripts set.
    public static func variable(_ name: String) throws -> String {
        guard let value = Command.inheritedEnvironment[name], !value.isEmpty else { throw Missing(name: name) }
        return value
    }

    /// The repository's root, from this file's own place.
    public static let repository = String(
        #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(4).joined(separator: "/"))

    /// The binary under test, that was built beside us.
    public static var shipit: String { Command.inheritedEnvironment["SHIPIT_E2E_BINARY"] ?? program("shipit") }

    /// A program of ours, built beside us.
    public static func program(_ name: String) -> String { "\(repository)/.build/debug/\(name)" }

    /// A database of its own; its URL as this host reaches it.
    public static func database(_ name: String) async throws -> String {
        let server = try variable("SHIPIT_E2E_POSTGRES")
        try await run("psql", [server, "--quiet", "--command", "CREATE DATABASE \(name)"])
        return server.replacing(#/\/[^\/]*$/#, with: "/\(name)")
    }

    /// Runs a program to its end, which must be a good one.
    @discardableResult
    public static func run(
        _ program: String, _ arguments: [String], in directory: String? = nil, adding variables: [String: String] = [:],
        deadline: Duration = .seconds(300)
    ) async throws -> String {
        let captured = try await captured(
            Command(
                program, arguments, environment: Command.inheritedEnvironment.merging(variables) { _, new in new },
                workingDirectory: directory, deadline: deadline))
        guard captured.outcome.succeeded else {
            throw BadEnd(
                text:
                    "\(program) \(arguments.joined(separator: " ")): \(captured.outcome.termination): \(captured.errorText)\(captured.text)"
            )
        }
        return captured.text
    }

    /// Runs `body`, and then `cleanUp` whatever came of it.
    public static func run(_ body: () async throws -> Void, andAlways cleanUp: () async -> Void) async throws {
        let result: Result<Void, any Error>
        do {
            try await body()
            result = .success(())
        } catch {
            result = .failure(error)
        }
        await cleanUp()
        try result.get()
    }

    /// Runs a program and answers how it ended with all that it printed, or not at all: half of an answer looks like a whole one.
    static func captured(_ command: Command) async throws -> Captured {
        let captured = try await capture(command, limit: 256 << 20)
        guard !captured.standardOutputTruncated, !captured.standardErrorTruncated else {
            throw BadEnd(text: "\(command.executable) \(command.arguments) printed more than is kept here")
        }
        return captured
    }

    /// The processes of a group that have not ended; one whose end nobody has asked for yet counts as ended.
    public static func living(inGroup group: Int32) async throws -> [Substring] {
        try await run("ps", ["-e", "--no-headers", "--format", "pgid=,stat=,args="]).split(separator: "\n").filter { line in
            let words = line.split(separator: " ", maxSplits: 2)
            return words.count > 1 && Int32(words[0]) == group && !words[1].hasPrefix("Z")
        }
    }

    /// A program that did not end well.
    public struct BadEnd: Error, CustomStringConvertible {
        /// The whole sentence.
        public let description: String

        /// An end with a sentence about it.
        public init(text: String) { description = text }
    }
}
