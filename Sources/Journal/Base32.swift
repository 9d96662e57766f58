/// Crockford's base 32 in lower case: no letter that is read as a digit, and texts of one length sort as their numbers do.
public enum Base32 {
    private static let alphabet = Array("0123456789abcdefghjkmnpqrstvwxyz")

    /// The lowest `digits` digits of `number`, five bits each.
    public static func text(of number: UInt64, digits: Int) -> String {
        String((0..<digits).reversed().map { alphabet[Int(number >> UInt64(5 * $0) & 31)] })
    }
}
