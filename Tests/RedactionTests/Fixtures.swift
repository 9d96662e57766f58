import Randomness
import Redaction

extension [UInt8] {
    func contains(_ part: [UInt8]) -> Bool { firstRange(of: part) != nil }
}

func redactor(_ values: String...) throws -> Redactor {
    try Redactor(values.map { try Secret($0, from: "a test") })
}

/// Cuts at random places, empty pieces included.
func pieces(of bytes: [UInt8], using random: inout SplitMix) -> [[UInt8]] {
    var pieces: [[UInt8]] = []
    var rest = bytes[...]
    while !rest.isEmpty {
        let count = Bool.random(using: &random) ? Int.random(in: 0...3, using: &random) : Int.random(in: 0...40, using: &random)
        pieces.append(Array(rest.prefix(count)))
        rest = rest.dropFirst(count)
    }
    return pieces
}
