import Foundation
import Processes
import Shops
import Testing

/// Definitions with mistakes, as people meet them: through `check` and `plan`.
@Suite struct DefinitionTests {
    /// What a hostile or broken file holds, and where `check` and `plan` must say that it is wrong.
    struct Broken: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var content: [UInt8]
        var place: String

        init(_ name: String, _ content: some Sequence<UInt8>, at place: String) {
            testDescription = name
            self.content = Array(content)
            self.place = place
        }

        static let all = [
            Broken("truncated", "stages:\n  greet: {run: [echo, \"hel".utf8, at: "work.yml:"),
            Broken("huge", repeatElement(UInt8(ascii: "#"), count: 5 << 20), at: "work.yml:1:1: unreadable"),
            Broken(
                "huger than can be", repeatElement(UInt8(ascii: "#"), count: 40 << 20),
                at: "work.yml cannot be read: File too large"),
            Broken(
                "deeply nested", "stages: \(String(repeating: "[", count: 100_000))".utf8,
                at: "work.yml:1:72: unreadable: values are nested"),
            Broken(
                "alias bomb",
                "a: &a [x, x, x, x, x, x, x, x, x, x]\n".utf8
                    + zip("abcdefghi", "bcdefghij").flatMap { from, to in
                        Array("\(to): &\(to) [\(Array(repeating: "*\(from)", count: 10).joined(separator: ", "))]\n".utf8)
                    }, at: "work.yml:"),
            Broken("not UTF-8", Array("stages:\n  greet: {run: [echo, \"".utf8) + [0xFF, 0xFE], at: "work.yml:2:24: unreadable"),
        ]
    }

    @Test(arguments: Broken.all)
    func `a broken pipeline is refused at its place, quickly`(broken: Broken) async throws {
        try await Workshop.with("greet: {run: [echo, hello]}") { shop in
            try Data(broken.content).write(to: URL(filePath: "\(shop.folder)/pipelines/work.yml"))
            for command in ["check", "plan"] {
                let begin = ContinuousClock.now
                let answer = try await shop.shipit(command)
                #expect(answer.code == 2)
                #expect(answer.errors.contains(broken.place), "\(command): \(answer.all.prefix(2000))")
                #expect(answer.all.utf8.count < 20_000)
                #expect(ContinuousClock.now - begin < .seconds(120))
            }
        }
    }

    @Test(arguments: ["project", "pipeline"])
    func `schema prints what editors are told, in any folder`(file: String) async throws {
        let captured = try await capture(
            Command(
                World.shipit, ["schema", file], environment: Command.inheritedEnvironment, workingDirectory: "/",
                deadline: .seconds(60)))
        #expect(captured.outcome.termination == .exited(0))
        let kept = try String(contentsOfFile: "\(World.repository)/docs/schema/\(file).json", encoding: .utf8)
        #expect(captured.text == kept)
    }

    @Test func `check says file, line and column of every mistake that is known to us`() async throws {
        let fixtures = "\(World.repository)/Tests/Fixtures/bad-pipelines"
        let folders = try FileManager.default.contentsOfDirectory(atPath: fixtures).sorted()
        #expect(folders.count > 50)
        for folder in folders {
            let expected = try String(contentsOfFile: "\(fixtures)/\(folder)/expected.txt", encoding: .utf8)
            let captured = try await capture(
                Command(
                    World.shipit, ["check", "--project", "project.yml", "release.yml"],
                    environment: Command.inheritedEnvironment, workingDirectory: "\(fixtures)/\(folder)", deadline: .seconds(60)))
            #expect(captured.outcome.termination == .exited(2), "\(folder)")
            let said = captured.errorText
            for line in expected.split(separator: "\n") where !line.hasPrefix(" ") {
                // `FILE:LINE:COLUMN code message` is told as `FILE:LINE:COLUMN: code: message`.
                let parts = line.split(separator: " ", maxSplits: 2)
                #expect(parts.count == 3 && said.contains("\(parts[0]): \(parts[1]): \(parts[2])"), "\(folder): \(line)\n\(said)")
            }
            #expect(!said.contains("hunter2"), "\(folder) shows a secret")
        }
    }
}
