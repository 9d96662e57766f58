import FoundationEssentials

/// Chance that can be had again: SplitMix64 (Steele, Lea, Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014).
struct Chance: RandomNumberGenerator {
    /// `SHIPIT_TEST_SEED`, else another one for every run of the tests.
    static let seed =
        ProcessInfo.processInfo.environment["SHIPIT_TEST_SEED"].flatMap { UInt64($0) } ?? UInt64.random(in: 0..<1 << 32)

    private var state: UInt64

    /// The chance of trial `trial` of this run of the tests.
    init(trial: Int) {
        state = Self.seed &+ UInt64(trial) &* 0xD134_2543_DE82_EF95
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// True once in `times`.
    mutating func once(in times: Int) -> Bool { Int.random(in: 0..<times, using: &self) == 0 }

    /// Says how to see a failure again.
    static func note(_ trial: Int) -> String { "again with SHIPIT_TEST_SEED=\(seed), trial \(trial)" }
}
