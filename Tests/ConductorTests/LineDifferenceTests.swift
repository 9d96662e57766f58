import Randomness
import Testing

@testable import Conductor

/// The diff of two texts, line by line.
@Suite struct LineDifferenceTests {
    @Test func `shows what differs and a little around it`() {
        let old = (1...9).map { "line \($0)\n" }.joined()
        let new = old.replacing("line 5\n", with: "line five\n")
        #expect(
            LineDifference.lines(from: old, to: new) == [
                "…", " line 3", " line 4", "-line 5", "+line five", " line 6", " line 7", "…",
            ])
        #expect(LineDifference.lines(from: old, to: old) == [])
        #expect(LineDifference.lines(from: "", to: "a\n") == ["+a"])
    }

    @Test func `both texts can be read out of it`() {
        let seed = UInt64.random(in: .min ... .max)
        var chance = SplitMix(seed: seed)
        for _ in 0..<500 {
            // So few lines apart that none is left out.
            func text() -> [String] {
                (0..<Int.random(in: 0...3, using: &chance)).map { _ in ["a", "b"].randomElement(using: &chance) ?? "" }
            }
            let (old, new) = (text(), text())
            let lines = LineDifference.lines(
                from: old.map { $0 + "\n" }.joined(), to: new.map { $0 + "\n" }.joined())
            guard old != new else {
                #expect(lines.isEmpty)
                continue
            }
            #expect(lines.filter { !$0.hasPrefix("+") }.map { String($0.dropFirst()) } == old, "seed \(seed): \(old) \(new)")
            #expect(lines.filter { !$0.hasPrefix("-") }.map { String($0.dropFirst()) } == new, "seed \(seed): \(old) \(new)")
        }
    }
}
