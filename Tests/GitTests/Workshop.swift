import Foundation
import Git
import Testing

/// A temporary folder with the real git in it, away from everybody's configuration; deleted when it goes out of scope.
final class Workshop: Sendable {
    struct Failure: Error { let message: String }

    let folder: String
    var path: String { folder + "/repo" }

    /// Makes an empty repository on branch `main`, or just the folder.
    init(empty: Bool = false) throws {
        folder = FileManager.default.temporaryDirectory.path + "/git-tests-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder + "/home", withIntermediateDirectories: true)
        try FileManager.default.createDirectory(atPath: folder + "/repo", withIntermediateDirectories: true)
        if !empty { try git("init", "-q", "-b", "main") }
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    /// Runs git and returns what it prints, without the last newline.
    @discardableResult
    func git(_ arguments: String..., at path: String? = nil, time: Int = 1_700_000_000) throws -> String {
        try run("/usr/bin/git", arguments, at: path, time: time)
    }

    /// Runs a shell script in the repository.
    @discardableResult
    func shell(_ script: String) throws -> String { try run("/bin/sh", ["-ec", script]) }

    func write(_ text: String, to file: String) throws {
        let full = path + "/" + file
        try FileManager.default.createDirectory(
            atPath: (full as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
        try Data(text.utf8).write(to: URL(fileURLWithPath: full))
    }

    /// Commits everything and returns the commit's name.
    @discardableResult
    func commit(_ message: String, time: Int = 1_700_000_000) throws -> CommitID {
        try git("add", "-A")
        try git("commit", "-q", "--allow-empty", "-m", message, time: time)
        return try head()
    }

    func head() throws -> CommitID { try CommitID(git("rev-parse", "HEAD")) }

    func repository(at path: String? = nil) throws -> Repository { try Repository.discover(from: path ?? self.path) }

    private func run(_ program: String, _ arguments: [String], at path: String? = nil, time: Int = 1_700_000_000) throws -> String
    {
        let process = Process()
        let output = Pipe()
        let errors = Pipe()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        process.currentDirectoryURL = URL(fileURLWithPath: path ?? self.path)
        process.environment = [
            "PATH": "/usr/bin:/bin", "HOME": folder + "/home", "GIT_CONFIG_NOSYSTEM": "1", "LC_ALL": "C.UTF-8",
            "GIT_AUTHOR_NAME": "Ada Lovelace", "GIT_AUTHOR_EMAIL": "ada@example.org", "GIT_AUTHOR_DATE": "@\(time) +0000",
            "GIT_COMMITTER_NAME": "Ada Lovelace", "GIT_COMMITTER_EMAIL": "ada@example.org",
            "GIT_COMMITTER_DATE": "@\(time) +0000",
        ]
        process.standardOutput = output
        process.standardError = errors
        try process.run()
        let printed = output.fileHandleForReading.readDataToEndOfFile()
        let complaint = errors.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw Failure(message: "\(program) \(arguments): \(String(decoding: complaint, as: UTF8.self))")
        }
        return String(decoding: printed, as: UTF8.self).trimmingCharacters(in: .newlines)
    }
}

/// The code of what a body throws; `nil` if it throws nothing.
func refusal(_ body: () async throws -> Void) async -> GitError.Code? {
    do {
        try await body()
        return nil
    } catch { return (error as? GitError)?.code }
}
