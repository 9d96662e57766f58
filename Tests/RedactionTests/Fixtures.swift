import Redaction

/// A reproducible source of random numbers (SplitMix64, Steele and others, 2014).
struct Seeded: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

extension [UInt8] {
    func contains(_ part: [UInt8]) -> Bool { firstRange(of: part) != nil }
}

func redactor(_ values: String...) throws -> Redactor {
    try Redactor(values.map { try Secret($0, from: "a test") })
}

/// Cuts at random places, empty pieces included.
func pieces(of bytes: [UInt8], using random: inout Seeded) -> [[UInt8]] {
    var pieces: [[UInt8]] = []
    var rest = bytes[...]
    while !rest.isEmpty {
        let count = Bool.random(using: &random) ? Int.random(in: 0...3, using: &random) : Int.random(in: 0...40, using: &random)
        pieces.append(Array(rest.prefix(count)))
        rest = rest.dropFirst(count)
    }
    return pieces
}
