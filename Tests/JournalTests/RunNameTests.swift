import Journal
import Randomness
import Testing

@Suite struct RunNameTests {
    @Test(arguments: [1, 2, 3] as [UInt64])
    func `names sort by the second in which the run began`(seed: UInt64) {
        var chance = SplitMix(seed: seed)
        for _ in 0..<500 {
            let time = Int64.random(in: 1_735_689_600_000..<2_800_000_000_000, using: &chance)
            let later = time + Int64.random(in: 1000...100_000_000_000, using: &chance) % 2_000_000_000
            let (name, other) = (RunName.name(at: time, chance: chance.next()), RunName.name(at: later, chance: chance.next()))
            #expect(name < other || time / 1000 == later / 1000, "seed \(seed): \(time) \(name), \(later) \(other)")
            #expect(RunName.first(at: time) <= name && name < RunName.first(at: time + 1000), "seed \(seed): \(time) \(name)")
            #expect(JournalName.isValid(name))
        }
    }

    @Test func `is what it always was`() {
        #expect(RunName.name(at: 1_750_000_000_123, chance: 0xabcdef) == "0dmq00qkff")
        #expect(RunName.first(at: 0) == "000000")
    }
}
