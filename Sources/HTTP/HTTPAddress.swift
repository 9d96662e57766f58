import CCurl

/// An absolute http or https address, parsed by libcurl, so that what is checked is what is used.
public struct HTTPAddress: Sendable, Equatable {
    /// `http` or `https`.
    public let scheme: String
    /// The host: a name, an IPv4 address, or an IPv6 address in brackets.
    public let host: String
    /// The port, the scheme's own when none is written.
    public let port: Int
    /// The whole address; may hold credentials.
    public let text: String
    /// The address without user, password, query and fragment: for messages.
    public let summary: String

    /// Parses `text`; throws `invalidURL` for anything but an absolute http or https address.
    public init(_ text: String) throws(HTTPError) {
        let parts = try Parts()
        try parts.set(CURLUPART_URL, to: text)
        try self.init(parts)
    }

    /// The address that `reference`, relative or absolute, stands for when met at this one (RFC 3986, section 5).
    public func resolving(_ reference: String) throws(HTTPError) -> HTTPAddress {
        let parts = try Parts()
        try parts.set(CURLUPART_URL, to: text)
        try parts.set(CURLUPART_URL, to: reference)
        return try HTTPAddress(parts)
    }

    /// This address with `name=value` added to its query, the value encoded as forms are.
    public func adding(_ name: String, _ value: String) throws(HTTPError) -> HTTPAddress {
        let parts = try Parts()
        try parts.set(CURLUPART_URL, to: text)
        try parts.set(CURLUPART_QUERY, to: name + "=" + value, flags: CURLU_APPENDQUERY | CURLU_URLENCODE)
        return try HTTPAddress(parts)
    }

    /// Whether both have the same scheme, host and port (RFC 6454).
    public func sharesOrigin(with other: HTTPAddress) -> Bool {
        scheme == other.scheme && host == other.host && port == other.port
    }

    /// Whether it names this very machine: `localhost`, 127.0.0.0/8 or `[::1]`.
    public var isLoopback: Bool { Self.isLoopback(host: host) }

    /// Whether nobody on the way reads what is sent there: it is `https`, or this very machine.
    public var keepsSecrets: Bool { scheme == "https" || isLoopback }

    /// Whether `host`, without a port, names this very machine: `localhost`, 127.0.0.0/8 or `[::1]`.
    public static func isLoopback(host: String) -> Bool {
        if host == "localhost" || host == "[::1]" { return true }
        let numbers = host.split(separator: ".", omittingEmptySubsequences: false)
        return numbers.count == 4 && numbers.first == "127" && numbers.allSatisfy { UInt8($0) != nil }
    }

    private init(_ parts: borrowing Parts) throws(HTTPError) {
        guard let scheme = parts.get(CURLUPART_SCHEME), scheme == "http" || scheme == "https",
            let host = parts.get(CURLUPART_HOST), !host.isEmpty,
            let port = parts.get(CURLUPART_PORT, flags: CURLU_DEFAULT_PORT).flatMap({ Int($0) }),
            let text = parts.get(CURLUPART_URL)
        else {
            throw Self.refusal("it is no absolute http or https address")
        }
        for part in [CURLUPART_USER, CURLUPART_PASSWORD, CURLUPART_QUERY, CURLUPART_FRAGMENT] {
            parts.clear(part)
        }
        self.scheme = scheme
        self.host = host.lowercased()
        self.port = port
        self.text = text
        summary = parts.get(CURLUPART_URL) ?? "\(scheme)://\(host)"
    }

    /// The text of the address is left out: where it cannot be parsed, its credentials cannot be told apart.
    fileprivate static func refusal(_ why: String) -> HTTPError {
        HTTPError(.invalidURL, "An address was refused: \(why). Write it as https://HOST/PATH.")
    }
}

/// libcurl's parsed address.
@safe private struct Parts: ~Copyable {
    private let handle: OpaquePointer

    init() throws(HTTPError) {
        guard let handle = unsafe curl_url() else { throw HTTPError(.other, "No memory is left to parse an address.") }
        unsafe self.handle = handle
    }

    deinit { unsafe curl_url_cleanup(handle) }

    func set(_ part: CURLUPart, to text: String, flags: Int32 = 0) throws(HTTPError) {
        // A NUL would end the C string early, and what is checked would not be what was given.
        guard !text.utf8.contains(0) else { throw HTTPAddress.refusal("it holds a NUL character") }
        let code = unsafe curl_url_set(handle, part, text, UInt32(flags))
        guard code == CURLUE_OK else {
            throw HTTPAddress.refusal(unsafe String(cString: curl_url_strerror(code)))
        }
    }

    func clear(_ part: CURLUPart) {
        _ = unsafe curl_url_set(handle, part, nil, 0)
    }

    func get(_ part: CURLUPart, flags: Int32 = 0) -> String? {
        var text: UnsafeMutablePointer<CChar>?
        guard unsafe curl_url_get(handle, part, &text, UInt32(flags)) == CURLUE_OK, let text = unsafe text else { return nil }
        defer { unsafe curl_free(text) }
        return unsafe String(cString: text)
    }
}
