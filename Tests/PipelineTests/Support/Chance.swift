import FoundationEssentials
import Randomness

/// The chance of one trial, which can be had again.
struct Chance: RandomNumberGenerator {
    /// `SHIPIT_TEST_SEED`, else another one for every run of the tests.
    static let seed =
        ProcessInfo.processInfo.environment["SHIPIT_TEST_SEED"].flatMap { UInt64($0) } ?? UInt64.random(in: 0..<1 << 32)

    private var bits: SplitMix

    /// The chance of trial `trial` of this run of the tests.
    init(trial: Int) {
        bits = SplitMix(seed: Self.seed &+ UInt64(trial) &* 0xD134_2543_DE82_EF95)
    }

    mutating func next() -> UInt64 { bits.next() }

    /// True once in `times`.
    mutating func once(in times: Int) -> Bool { Int.random(in: 0..<times, using: &self) == 0 }

    /// Says how to see a failure again.
    static func note(_ trial: Int) -> String { "again with SHIPIT_TEST_SEED=\(seed), trial \(trial)" }
}
