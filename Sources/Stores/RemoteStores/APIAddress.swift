import HTTP
public import Journal

/// Where an API is: `https://HOST[:PORT][/PREFIX]`, or `http://` on this very machine.
public struct APIAddress: Sendable, Hashable, CustomStringConvertible {
    /// The address, without a slash at its end.
    public let description: String

    /// Reads an address; the error shows nothing of what could be a password.
    public init(_ text: String) throws(StoreError) {
        let address: HTTPAddress
        do throws(HTTPError) { address = try HTTPAddress(text) } catch {
            throw Self.refusal("the address cannot be read")
        }
        guard address.text == address.summary else {
            throw Self.refusal("user, password, query and fragment have no place in it; the token comes by SHIPIT_TOKEN")
        }
        guard address.keepsSecrets else {
            throw Self.refusal(
                "a token over http:// is read by everybody on the way: use https://, or http:// on this machine alone")
        }
        var url = Substring(address.summary)
        while url.last == "/" { url.removeLast() }
        let path = url.dropFirst(address.scheme.count + 3).drop { $0 != "/" }.dropFirst()
        guard path.split(separator: "/", omittingEmptySubsequences: false).allSatisfy(Self.isPlain) || path.isEmpty else {
            throw Self.refusal("its path holds more than words of a-z, A-Z, 0-9, '.', '_' and '-'")
        }
        description = String(url)
    }

    /// Whether a part of a path means itself, wherever it comes through.
    private static func isPlain(_ part: Substring) -> Bool {
        !part.isEmpty && part != "." && part != ".."
            && part.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"):
                    true
                default: "._-".utf8.contains(byte)
                }
            }
    }

    private static func refusal(_ why: String) -> StoreError {
        StoreError(.failed, "SHIPIT_STATE names an API in a way that is not taken: \(why). Write it as https://HOST.")
    }
}
