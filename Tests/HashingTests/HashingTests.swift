import Hashing
import Testing

/// Expected values: FIPS 180-2, appendix B.1, and RFC 6234's empty input.
@Suite struct SHA256SumTests {
    @Test(arguments: [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    ])
    func `hashes what the standard gives as examples`(text: String, expected: String) {
        #expect(SHA256Sum(of: text).hex == expected)
    }

    @Test func `reads back what it writes`() {
        let sum = SHA256Sum(of: "shipit")
        #expect(SHA256Sum(hex: sum.hex) == sum)
        #expect(SHA256Sum(bytes: sum.bytes) == sum)
    }

    @Test(arguments: ["", "abc", String(repeating: "g", count: 64), String(repeating: "A", count: 64)])
    func `refuses what is not sixty-four lower-case digits`(text: String) {
        #expect(SHA256Sum(hex: text) == nil)
    }
}
