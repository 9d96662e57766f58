import Foundation
import Testing

@testable import Conductor

/// Whatever shipit says in a word, it can explain.
@Suite struct ExplanationTests {
    /// Every code that the sources give a failure.
    private static func codes() throws -> Set<String> {
        // Tests/ConductorTests/ExplanationTests.swift
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        // As an argument of a failure's initializer or of what makes one, and as a constant's value.
        let form = try Regex(#"(?:(?:Failure|init|failure)\(\s*|\bcode: (?:String = )?|static let rejected = )"([a-z-]+)""#)
        var codes: Set<String> = []
        for folder in ["Conductor", "Pipeline/Run"] {
            let files = try #require(
                FileManager.default.enumerator(at: root.appending(path: "Sources/\(folder)"), includingPropertiesForKeys: nil))
            for case let file as URL in files where file.pathExtension == "swift" {
                let text = try String(contentsOf: file, encoding: .utf8)
                for match in text.matches(of: form) { codes.insert(String(try #require(match.output[1].substring))) }
            }
        }
        return codes
    }

    @Test func `every code of a failure has an explanation, and every explained code is one`() throws {
        let codes = try Self.codes()
        #expect(codes.count > 50)
        let explained = Explanation.failures.map(\.code)
        #expect(
            Set(explained) == codes,
            "not explained: \(codes.subtracting(explained).sorted()), not used: \(Set(explained).subtracting(codes).sorted())")
        #expect(explained == explained.sorted() && Set(explained).count == explained.count)
    }

    @Test func `every explanation is of whole sentences`() {
        for explanation in Explanation.all {
            #expect(explanation.meaning.hasSuffix("."), "\(explanation.word)")
            #expect(explanation.next?.hasSuffix(".") ?? true, "\(explanation.word)")
            #expect(
                explanation.meaning.first?.isUppercase == true || explanation.meaning.hasPrefix("docker")
                    || explanation.meaning.hasPrefix("helm"), "\(explanation.word)")
        }
    }

    @Test func `a word is explained for all that it is said of`() throws {
        #expect(try Explanation.of("failed").map(\.sort) == [.run, .stage])
        #expect(try Explanation.of("4").map(\.sort) == [.exit])
        #expect(try Explanation.of("Missing-Key").map(\.sort) == [.diagnostic])
        #expect(try Explanation.of("wrong-cluster").map(\.sort) == [.failure])
        #expect(try Explanation.of("held").map(\.sort) == [.environment])
    }

    @Test func `an unknown word is refused with the nearest one`() {
        let refusal = #expect(throws: Refusal.self) { try Explanation.of("rolout-faild") }
        #expect(refusal?.exit == .badInput)
        #expect(refusal?.remedy == "Did you mean 'rollout-failed'?")
        #expect(throws: Refusal.self) { try Explanation.of("11") }
        #expect(throws: Refusal.self) { try Explanation.of("") }
    }
}
