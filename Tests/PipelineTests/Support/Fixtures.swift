import FoundationEssentials
import Testing

/// Files below `Tests/Fixtures`.
enum Fixtures {
    private static let root: URL = {
        // Tests/PipelineTests/Support/Fixtures.swift
        var url = URL(filePath: #filePath)
        for _ in 0..<3 { url.deleteLastPathComponent() }
        return url.appending(path: "Fixtures")
    }()

    /// Whether expectations shall be written anew: `SHIPIT_RECORD=1`.
    ///
    /// A test that records fails, so that nobody leaves it on.
    static let isRecording = ProcessInfo.processInfo.environment["SHIPIT_RECORD"] == "1"

    static func bytes(_ path: String) throws -> [UInt8] {
        Array(try Data(contentsOf: root.appending(path: path)))
    }

    /// The folders in a folder, sorted.
    static func folders(in path: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: root.appending(path: path).path).filter { !$0.hasPrefix(".") }
            .sorted()
    }

    /// Compares with the stored text, or stores it when told to.
    static func expect(_ actual: String, matches path: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
        let url = root.appending(path: path)
        let stored = try? String(contentsOf: url, encoding: .utf8)
        if isRecording, stored != actual {
            try Data(actual.utf8).write(to: url)
            Issue.record("\(path) was recorded: read it, then run again without SHIPIT_RECORD", sourceLocation: sourceLocation)
        } else {
            #expect(actual == stored, "\(path)", sourceLocation: sourceLocation)
        }
    }
}
