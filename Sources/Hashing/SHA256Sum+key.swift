import Crypto

extension SHA256Sum {
    /// The sum of `content` under a key (HMAC, RFC 2104): only who has the key can have made it.
    public init(of content: [UInt8], under key: [UInt8]) {
        let code = HMAC<SHA256>.authenticationCode(for: content, using: SymmetricKey(data: key))
        self.init(unchecked: Array(code))
    }
}
