import Foundation
import Testing

@testable import FolderWatch

@Suite struct FolderWatchTests {
    private let folder = NSTemporaryDirectory() + "folder-watch-" + String(UInt64.random(in: .min ... .max), radix: 36)

    init() throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }

    @Test func `a file that is written, moved or removed rings once, and reading rings never`() async throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let watch = try FolderWatch()
        try watch.add(folder)
        #expect(!watch.hasChanged())
        let changes: [() throws -> Void] = [
            { try "one".write(toFile: "\(folder)/a", atomically: false, encoding: .utf8) },
            { try FileManager.default.moveItem(atPath: "\(folder)/a", toPath: "\(folder)/b") },
            { try FileManager.default.removeItem(atPath: "\(folder)/b") },
            { try FileManager.default.createDirectory(atPath: "\(folder)/below", withIntermediateDirectories: false) },
        ]
        for change in changes {
            try change()
            #expect(await watch.next())
            #expect(!watch.hasChanged())
        }
        _ = try FileManager.default.contentsOfDirectory(atPath: folder)
        #expect(!watch.hasChanged())
        try "deep".write(toFile: "\(folder)/below/c", atomically: false, encoding: .utf8)
        #expect(!watch.hasChanged(), "a folder below is watched only when that is asked for")
    }

    @Test func `whoever waits is let go when the task is cancelled`() async throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let watch = try FolderWatch()
        try watch.add(folder)
        let waiting = Task { await watch.next() }
        waiting.cancel()
        #expect(await !waiting.value)
    }

    @Test func `a folder that is gone is none`() throws {
        try FileManager.default.removeItem(atPath: folder)
        try FolderWatch().add(folder)
    }
}
