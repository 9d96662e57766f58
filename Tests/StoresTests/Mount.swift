import Foundation
import Glibc

/// Small file systems of a test's own, for those who may mount.
enum Mount {
    /// Whether this user may mount at all: root with the capability, which a container seldom has.
    static let isPossible: Bool = {
        guard geteuid() == 0 else { return false }
        let folder = FileManager.default.temporaryDirectory.appending(path: "shipit-mount-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        do {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            try run("mount", "-t", "tmpfs", "tmpfs", folder.path)
            try run("umount", folder.path)
            return true
        } catch {
            return false
        }
    }()

    /// Runs `body` while a memory file system lies over `folder`.
    static func withTemporary(at folder: URL, options: String, _ body: () async throws -> Void) async throws {
        try run("mount", "-t", "tmpfs", "-o", options, "tmpfs", folder.path)
        // Lazily, since a store that failed may still hold the file for a moment.
        defer { try? run("umount", "--lazy", folder.path) }
        try await body()
    }

    /// Runs a command to its end; throws when it fails.
    static func run(_ command: String...) throws {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = command
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw CocoaError(.featureUnsupported) }
    }
}
