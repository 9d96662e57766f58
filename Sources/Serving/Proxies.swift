import Glibc

/// The proxies that are believed when they say for whom they ask, with `X-Forwarded-For`.
///
/// From anybody else it is a caller's own word: believed, everybody would have as many addresses as they like.
public struct Proxies: Sendable, Hashable {
    private let networks: [Network]

    /// None: whoever is at the other end of a connection is who asks.
    public init() { networks = [] }

    /// Reads addresses and networks in CIDR form, with commas between them: what `variable` is set to.
    ///
    /// Errors: `SettingsError` with the variable, the place in it, and what should be there.
    public init(_ text: String, of variable: String) throws(SettingsError) {
        var networks: [Network] = []
        var place = 1
        for part in text.isEmpty ? [] : text.split(separator: ",", omittingEmptySubsequences: false) {
            let word = part.trimmingSpaces
            guard let network = Network(word) else {
                throw SettingsError(
                    "\(variable), character \(place + part.prefix { $0 == " " }.count): '\(word)' is no address and no network: write 10.1.2.3, 10.0.0.0/8 or fd00::/8, with commas between them."
                )
            }
            networks.append(network)
            place += part.count + 1
        }
        self.networks = networks
    }

    /// Who asks, and through whom: first the right-most address that is no proxy's, last the other end of the connection.
    ///
    /// What stands further left was written by the caller, and is left out.
    func callers(at peer: String, forwarded: [String]) -> [String] {
        var callers = [peer]
        var entries = forwarded.flatMap { $0.split(separator: ",") }[...]
        while let last = callers.last.flatMap({ Address($0[...]) }), networks.contains(where: { $0.holds(last) }),
            let entry = entries.popLast().flatMap({ Address(forwarded: $0.trimmingSpaces) })
        {
            callers.append(entry.text)
        }
        return callers.reversed()
    }
}

/// A network, or one address.
private struct Network: Hashable {
    let address: Address
    /// How many of its bits all addresses of it share.
    let bits: Int

    init?(_ text: Substring) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let address = parts.first.flatMap({ Address($0) }) else { return nil }
        self.address = address
        let all = address.bytes.count * 8
        guard parts.count == 2 else {
            bits = all
            return
        }
        guard let bits = Int(parts[1]), (0...all).contains(bits), "\(bits)" == parts[1] else { return nil }
        self.bits = bits
    }

    func holds(_ other: Address) -> Bool {
        guard other.bytes.count == address.bytes.count else { return false }
        return (0..<bits).allSatisfy { bit in
            (other.bytes[bit / 8] ^ address.bytes[bit / 8]) & (0x80 >> UInt8(bit % 8)) == 0
        }
    }
}

/// An address of IP: 4 or 16 bytes, the former also where it is written as the latter.
private struct Address: Hashable {
    let bytes: [UInt8]

    init?(_ text: Substring) {
        var bytes = Self.bytes(String(text), AF_INET, 4) ?? Self.bytes(String(text), AF_INET6, 16) ?? []
        if bytes.count == 16, bytes.starts(with: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF]) { bytes.removeFirst(12) }
        guard !bytes.isEmpty else { return nil }
        self.bytes = bytes
    }

    /// As proxies write it, some with a port behind it, and then in brackets where it is a long one.
    init?(forwarded text: Substring) {
        if text.first == "[" {
            self.init(text.dropFirst().prefix { $0 != "]" })
        } else {
            self.init(text.filter { $0 == ":" }.count == 1 ? text.prefix { $0 != ":" } : text)
        }
    }

    /// The one way in which it is written here.
    var text: String {
        let size = Int(INET6_ADDRSTRLEN)
        return unsafe String(unsafeUninitializedCapacity: size) { buffer in
            unsafe buffer.withMemoryRebound(to: CChar.self) { buffer in
                guard unsafe inet_ntop(bytes.count == 4 ? AF_INET : AF_INET6, bytes, buffer.baseAddress, socklen_t(size)) != nil
                else { return 0 }
                return unsafe buffer.firstIndex(of: 0) ?? 0
            }
        }
    }

    private static func bytes(_ text: String, _ family: Int32, _ count: Int) -> [UInt8]? {
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, length in
            length = unsafe inet_pton(family, text, buffer.baseAddress) == 1 ? count : 0
        }
        return bytes.isEmpty ? nil : bytes
    }
}
