import FoundationEssentials
public import Testing

/// Files below `Tests/Fixtures`.
public enum Fixtures {
    private static let root: URL = {
        // Tests/Support/Fixtures/Fixtures.swift
        var url = URL(filePath: #filePath)
        for _ in 0..<3 { url.deleteLastPathComponent() }
        return url.appending(path: "Fixtures")
    }()

    /// Whether expectations shall be written anew: `SHIPIT_RECORD=1`.
    ///
    /// A test that records fails, so that nobody leaves it on.
    public static let isRecording = ProcessInfo.processInfo.environment["SHIPIT_RECORD"] == "1"

    /// The bytes of a file.
    public static func bytes(_ path: String) throws -> [UInt8] {
        Array(try Data(contentsOf: root.appending(path: path)))
    }

    /// The folders in a folder, sorted.
    public static func folders(in path: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: root.appending(path: path).path).filter { !$0.hasPrefix(".") }
            .sorted()
    }

    /// The files in a folder and below it, by their paths in it.
    public static func files(in path: String) throws -> [String: String] {
        let folder = root.appending(path: path)
        let paths = try FileManager.default.subpathsOfDirectory(atPath: folder.path)
        var files: [String: String] = [:]
        for path in paths {
            if let text = try? String(contentsOf: folder.appending(path: path), encoding: .utf8) { files[path] = text }
        }
        return files
    }

    /// Where a file or folder is.
    public static func place(of path: String) -> String { root.appending(path: path).path }

    /// Compares with the stored text, or stores it when told to.
    public static func expect(_ actual: String, matches path: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
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
