import CCurl

/// What all transfers of a client have in common.
struct TransferSettings: Sendable {
    let userAgent: String
    let certificateAuthorities: String?
}

/// One request under way: its handle, and what has come back.
///
/// Lives on the loop's thread only.
final class Transfer {
    private static let headerLimit = 256 << 10

    let submission: TransferLoop.Submission
    private(set) var easy: EasyHandle
    private let started = ContinuousClock.now
    private var status = 0
    private var headers = HTTPHeaders()
    private var headerBytes = 0
    private var body: [UInt8] = []
    private var isTooLarge = false

    private var request: HTTPRequest { submission.request }

    init(_ submission: TransferLoop.Submission, _ settings: TransferSettings) throws(CurlFailure) {
        self.submission = submission
        easy = try EasyHandle()
        try setUp(settings)
    }

    private func setUp(_ settings: TransferSettings) throws(CurlFailure) {
        let address = submission.address
        try easy.set(CURLOPT_URL, address.text)
        try easy.set(CURLOPT_PROTOCOLS_STR, "http,https")
        try easy.set(CURLOPT_NOSIGNAL, 1)
        if let tap = submission.tap {
            // One byte a second over this time: an answer may take for ever, a pause in it may not.
            try easy.set(CURLOPT_LOW_SPEED_LIMIT, 1)
            try easy.set(CURLOPT_LOW_SPEED_TIME, max(1, Int(tap.idle.components.seconds)))
        } else {
            try easy.set(CURLOPT_TIMEOUT_MS, request.deadline.wholeMilliseconds)
        }
        try easy.set(CURLOPT_CONNECTTIMEOUT_MS, request.deadline.wholeMilliseconds)
        if address.isLoopback { try easy.set(CURLOPT_PROXY, "") }
        if request.isSentOnce { try easy.set(CURLOPT_FRESH_CONNECT, 1) }
        if let file = settings.certificateAuthorities { try easy.set(CURLOPT_CAINFO, file) }

        let isReading = request.method == "GET" || request.method == "HEAD"
        if isReading, request.redirects > 0 {
            try easy.set(CURLOPT_FOLLOWLOCATION, 1)
            try easy.set(CURLOPT_MAXREDIRS, request.redirects)
            // Never from https down to http.
            try easy.set(CURLOPT_REDIR_PROTOCOLS_STR, address.scheme == "https" ? "https" : "http,https")
        }
        if let body = request.body { try easy.set(body: body) }
        if request.method == "HEAD" {
            try easy.set(CURLOPT_NOBODY, 1)
        } else if request.method != "GET" || request.body != nil {
            try easy.set(CURLOPT_CUSTOMREQUEST, request.method)
        }
        try easy.set(headerLines: headerLines(settings))

        let context = unsafe Unmanaged.passUnretained(self).toOpaque()
        try unsafe easy.set(CURLOPT_HEADERDATA, context)
        try unsafe easy.set(CURLOPT_HEADERFUNCTION) { bytes, size, count, context in
            unsafe Transfer.receive(bytes, size * count, context) { unsafe $0.receive(headerLine: $1) }
        }
        try unsafe easy.set(CURLOPT_WRITEDATA, context)
        try unsafe easy.set(CURLOPT_WRITEFUNCTION) { bytes, size, count, context in
            unsafe Transfer.receive(bytes, size * count, context) { unsafe $0.receive(body: $1) }
        }
    }

    private func headerLines(_ settings: TransferSettings) -> [String] {
        var lines = request.headers.fields.map { $0.value.isEmpty ? "\($0.name);" : "\($0.name): \($0.value)" }
        if request.headers.first("User-Agent") == nil { lines.append("User-Agent: \(settings.userAgent)") }
        // What libcurl would add by itself: a wait before each body, and a form's type for bytes that are no form.
        for name in ["Expect", "Content-Type"] where request.headers.first(name) == nil { lines.append("\(name):") }
        return lines
    }

    /// The answer, or why there is none; called once, when libcurl says it is done.
    func result(_ code: CURLcode) -> Result<HTTPResponse, HTTPError> {
        if isTooLarge {
            return .failure(
                HTTPError(
                    .tooLarge,
                    "\(submission.title) was ended: the answer is longer than the \(request.responseLimit) bytes allowed."))
        }
        guard code == CURLE_OK else { return .failure(submission.error(code)) }
        return .success(HTTPResponse(status: status, headers: headers, body: body, elapsed: started.duration(to: .now)))
    }

    /// What a withdrawn transfer answers.
    var cancellation: HTTPError {
        HTTPError(.cancelled, "\(submission.title) was cancelled.")
    }

    /// Lets come what the tap could not take.
    func resume() throws(CurlFailure) {
        try easy.resume()
    }

    /// Takes the transfer out of libcurl's hands and answers who waits for it; called once.
    func end(with result: Result<HTTPResponse, HTTPError>, _ multi: borrowing MultiHandle) {
        multi.remove(easy)
        submission.continuation.resume(returning: result)
    }

    // MARK: What libcurl calls, on the loop's thread, during `perform`

    private enum Reception {
        case taken
        /// Not now: libcurl keeps it and reads no further.
        case postponed
        /// Not at all: the transfer ends.
        case refused
    }

    /// Returns what libcurl wants to hear: the number of bytes taken, or that it has to wait; any other number ends the transfer.
    private static func receive(
        _ bytes: UnsafeMutablePointer<CChar>?, _ count: Int, _ context: UnsafeMutableRawPointer?,
        _ take: (Transfer, UnsafeRawBufferPointer) -> Reception
    ) -> Int {
        guard let bytes = unsafe bytes, let context = unsafe context else { return 0 }
        let transfer = unsafe Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
        return switch unsafe take(transfer, UnsafeRawBufferPointer(start: bytes, count: count)) {
        case .taken: count
        case .postponed: Int(CURL_WRITEFUNC_PAUSE)
        case .refused: count &+ 1
        }
    }

    private func receive(body bytes: UnsafeRawBufferPointer) -> Reception {
        if let tap = submission.tap { return unsafe tap.bytes(Array(bytes)) ? .taken : .postponed }
        guard bytes.count <= request.responseLimit - body.count else {
            isTooLarge = true
            return .refused
        }
        unsafe body.append(contentsOf: bytes)
        return .taken
    }

    /// A line is a status line, a field, or the empty line at the end of the fields.
    private func receive(headerLine bytes: UnsafeRawBufferPointer) -> Reception {
        headerBytes += bytes.count
        guard headerBytes <= Self.headerLimit else {
            isTooLarge = true
            return .refused
        }
        let line = unsafe String(decoding: bytes, as: UTF8.self)
        if line.hasPrefix("HTTP/") {
            // Another answer begins: behind a 100, a redirect, or a proxy's.
            headers = HTTPHeaders()
            status = line.split(separator: " ").dropFirst().first.flatMap { Int($0.prefix(3)) } ?? 0
        } else if let colon = line.utf8.firstIndex(of: UInt8(ascii: ":")) {
            headers.append(String(line[..<colon]), line[line.utf8.index(after: colon)...].trimmed)
        } else if status >= 200 {
            submission.tap?.head(status, headers)
        }
        return .taken
    }
}
