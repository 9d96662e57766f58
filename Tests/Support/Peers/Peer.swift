import Foundation

/// A program that tests talk to: it prints `name=value` lines and then `ready`, and ends when its standard input does.
///
/// The input is a pipe this process holds, so that the program ends with the tests even when they crash.
public final class Peer: Sendable {
    /// Why a program did not become ready.
    public struct Failure: Error, CustomStringConvertible {
        /// The whole sentence.
        public let description: String
    }

    /// What the program printed before `ready`.
    public let facts: [String: String]
    private let process: Process
    private let input: Pipe

    /// Starts `arguments[0]`, found by PATH, and waits until it is ready.
    public init(_ arguments: [String]) throws {
        process = Process()
        input = Pipe()
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = arguments
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        var text = ""
        while !text.hasSuffix("ready\n") {
            let data = output.fileHandleForReading.availableData
            guard !data.isEmpty else { throw Failure(description: "\(arguments) ended before it was ready: \(text)") }
            text += String(decoding: data, as: UTF8.self)
        }
        var facts: [String: String] = [:]
        for line in text.split(separator: "\n") {
            let pair = line.split(separator: "=", maxSplits: 1)
            if pair.count == 2 { facts[String(pair[0])] = String(pair[1]) }
        }
        self.facts = facts
    }

    deinit {
        try? input.fileHandleForWriting.close()
        process.waitUntilExit()
    }

    /// A file in `Tests/Support`.
    public static func support(_ name: String) -> String {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent(name).path
    }
}
