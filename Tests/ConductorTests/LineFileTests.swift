import Foundation
import Testing

@testable import Conductor

/// Files that take their place when they are whole, or leave nothing.
@Suite struct LineFileTests {
    private func inFolder(_ body: (_ folder: String) async throws -> Void) async throws {
        let folder = NSTemporaryDirectory() + "shipit-lines-\(UInt64.random(in: .min ... .max))"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try await body(folder)
    }

    @Test func `a whole file takes the place of the older one`() async throws {
        try await inFolder { folder in
            let path = folder + "/state"
            for text in ["older\n", "newer\n"] { try await LineFile.write(path) { try $0.write(Array(text.utf8)) } }
            #expect(try String(contentsOfFile: path, encoding: .utf8) == "newer\n")
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["state"])
        }
    }

    @Test func `what was not written to its end leaves no draft behind`() async throws {
        struct Broken: Error {}
        func breakOff(_ writer: LineFile.Writer) throws {
            try writer.write([0x61])
            throw Broken()
        }
        try await inFolder { folder in
            await #expect(throws: Broken.self) { try await LineFile.write(folder + "/state", breakOff) }
            let left = try FileManager.default.contentsOfDirectory(atPath: folder)
            #expect(left.isEmpty)
        }
    }

    @Test func `what cannot take its place leaves no draft behind`() async throws {
        try await inFolder { folder in
            // A folder gives its place to no file.
            try FileManager.default.createDirectory(atPath: folder + "/state", withIntermediateDirectories: false)
            await #expect(throws: (any Error).self) {
                try await LineFile.write(folder + "/state") { try $0.write([0x61]) }
            }
            let left = try FileManager.default.contentsOfDirectory(atPath: folder)
            #expect(left == ["state"])
        }
    }
}
