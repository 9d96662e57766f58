import CCurl

extension TransferLoop.Submission {
    /// Method and address, without credentials and query: how messages begin.
    var title: String { "\(request.method) \(address.summary)" }

    /// The error for libcurl's result `code`.
    ///
    /// The texts are ours and libcurl's constant ones: its per-transfer messages may quote parts of an address.
    func error(_ code: CURLcode) -> HTTPError {
        switch code {
        case CURLE_UNSUPPORTED_PROTOCOL, CURLE_URL_MALFORMAT:
            HTTPError(
                .invalidURL,
                "\(title) was ended: it was redirected to an address that may not be followed "
                    + "(only http and https, and never from https to http).")
        case CURLE_COULDNT_RESOLVE_HOST:
            HTTPError(.cannotResolve, "\(title) failed: the name \(address.host) has no address. Check the spelling and the DNS.")
        case CURLE_COULDNT_RESOLVE_PROXY:
            HTTPError(.cannotResolve, "\(title) failed: the proxy's name has no address. Check \(address.scheme)_proxy.")
        case CURLE_COULDNT_CONNECT:
            HTTPError(
                .refused,
                "\(title) failed: nothing accepts connections at \(address.host) port \(address.port). "
                    + "Check that the service runs and that no firewall is in between.")
        case CURLE_OPERATION_TIMEDOUT:
            HTTPError(.timedOut, "\(title) was ended: there was no complete answer within \(request.deadline).")
        case CURLE_PARTIAL_FILE, CURLE_GOT_NOTHING, CURLE_RECV_ERROR, CURLE_SEND_ERROR, CURLE_HTTP2, CURLE_HTTP2_STREAM:
            HTTPError(.truncated, "\(title) failed: the connection ended before the answer was complete. Trying again may help.")
        case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CACERT_BADFILE, CURLE_SSL_ISSUER_ERROR,
            CURLE_SSL_CERTPROBLEM, CURLE_SSL_CIPHER, CURLE_SSL_INVALIDCERTSTATUS:
            HTTPError(.tls, "\(title) failed: no trusted TLS connection to \(address.host): \(text(of: code)).")
        case CURLE_TOO_MANY_REDIRECTS:
            HTTPError(.tooManyRedirects, "\(title) was ended: it was redirected more than \(request.redirects) times.")
        default:
            HTTPError(.other, "\(title) failed: \(text(of: code)) (libcurl \(code.rawValue)).")
        }
    }

    private func text(of code: CURLcode) -> String {
        unsafe String(cString: curl_easy_strerror(code))
    }
}

extension Duration {
    /// For libcurl, which takes 0 as "no limit": at least one, and rounded up.
    var wholeMilliseconds: Int {
        let (seconds, attoseconds) = components
        // A day is more than any deadline of ours, and keeps the product in range.
        return max(1, Int(min(seconds, 86_400)) * 1000 + Int((attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000))
    }
}

extension Substring {
    /// Without the white space of header lines at both ends.
    var trimmed: String {
        let isSpace = { (character: Character) in character == " " || character == "\t" || character.isNewline }
        guard let first = firstIndex(where: { !isSpace($0) }), let last = lastIndex(where: { !isSpace($0) }) else { return "" }
        return String(self[first...last])
    }
}
