import FoundationEssentials

/// The chance of one trial, which can be had again.
public struct Chance: RandomNumberGenerator {
    /// `SHIPIT_TEST_SEED`, else another one for every run of the tests.
    public static let seed =
        ProcessInfo.processInfo.environment["SHIPIT_TEST_SEED"].flatMap { UInt64($0) } ?? UInt64.random(in: 0..<1 << 32)

    private var bits: SplitMix

    /// The chance of trial `trial` of this run of the tests.
    public init(trial: Int) {
        bits = SplitMix(seed: Self.seed &+ UInt64(trial) &* 0xD134_2543_DE82_EF95)
    }

    /// The next 64 random bits.
    public mutating func next() -> UInt64 { bits.next() }

    /// True once in `times`.
    public mutating func once(in times: Int) -> Bool { Int.random(in: 0..<times, using: &self) == 0 }

    /// Says how to see a failure again.
    public static func note(_ trial: Int) -> String { "again with SHIPIT_TEST_SEED=\(seed), trial \(trial)" }
}
