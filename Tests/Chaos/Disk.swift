import Foundation
import Processes
import Shops

/// A small file system that can be filled.
struct Disk {
    private let folder: String

    /// Lays one over `folder` while `body` runs.
    static func with(under folder: String, _ body: (Disk) async throws -> Void) async throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        do {
            try await World.run("mount", ["-t", "tmpfs", "-o", "size=24m,mode=0700", "tmpfs", folder])
        } catch {
            throw World.BadEnd(text: "A file system that can be filled is needed at \(folder), and mounting one failed: \(error)")
        }
        let result: Result<Void, any Error>
        do { result = .success(try await body(Disk(folder: folder))) } catch { result = .failure(error) }
        try await World.run("umount", ["--lazy", folder])
        try result.get()
    }

    /// Leaves no room.
    func fill() async throws {
        // Ends with an error by intention: when there is no room any more.
        _ = try await capture(
            Command(
                "dd", ["if=/dev/zero", "of=\(filler)", "bs=4k", "status=none"], environment: Command.inheritedEnvironment,
                deadline: .seconds(30)))
    }

    /// Gives the room back.
    func free() {
        try? FileManager.default.removeItem(atPath: filler)
    }

    private var filler: String { "\(folder)/filler" }
}
