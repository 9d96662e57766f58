/// Base64 (RFC 4648, both alphabets) of a text that contains the secret somewhere.
enum Base64 {
    private static let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789".utf8)
    private static let standard = letters + Array("+/".utf8)
    private static let forURLs = letters + Array("-_".utf8)

    /// What of the encoded text depends on the secret alone, for each of the three positions it can start at in a group of three
    /// bytes; and, for a secret at the end of the text, up to there with and without padding.
    static func forms(of value: [UInt8]) -> Set<[UInt8]> {
        var forms: Set<[UInt8]> = []
        for alphabet in [standard, forURLs] {
            for bytesBefore in 0...2 {
                let digits = encode(Array(repeating: 0, count: bytesBefore) + value, alphabet)
                // A digit holds six bits; those that share bits with the bytes before belong to no form.
                let known = digits[((bytesBefore * 8 + 5) / 6)...]
                let bits = (bytesBefore + value.count) * 8
                forms.insert(Array(known.prefix(bits / 6 - known.startIndex)))
                forms.insert(Array(known))
                forms.insert(known + Array(repeating: UInt8(ascii: "="), count: (4 - digits.count % 4) % 4))
            }
        }
        return forms
    }

    /// Encodes without padding; the last digit is filled up with zero bits.
    private static func encode(_ bytes: [UInt8], _ alphabet: [UInt8]) -> [UInt8] {
        var digits: [UInt8] = []
        var buffer: UInt32 = 0
        var bits = 0
        for byte in bytes {
            buffer = buffer << 8 | UInt32(byte)
            bits += 8
            while bits >= 6 {
                bits -= 6
                digits.append(alphabet[Int(buffer >> UInt32(bits) & 63)])
            }
            buffer &= (1 << UInt32(bits)) - 1
        }
        if bits > 0 { digits.append(alphabet[Int(buffer << UInt32(6 - bits) & 63)]) }
        return digits
    }
}
