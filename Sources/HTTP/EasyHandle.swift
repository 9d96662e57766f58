import CCurl

/// A libcurl call that failed.
struct CurlFailure: Error {
    let code: CURLcode
}

/// libcurl's handle of one transfer, and the lists that have to live as long as it.
///
/// Belongs to the thread that made it. The pairs of option and type are libcurl's; a wrong pair is undefined behaviour.
@safe struct EasyHandle: ~Copyable {
    /// Tells handles apart.
    typealias ID = UInt

    fileprivate let pointer: UnsafeMutableRawPointer
    private var headerLines: UnsafeMutablePointer<curl_slist>?

    init() throws(CurlFailure) {
        guard let pointer = unsafe curl_easy_init() else { throw CurlFailure(code: CURLE_FAILED_INIT) }
        unsafe self.pointer = pointer
        unsafe headerLines = nil
    }

    var id: ID { unsafe UInt(bitPattern: pointer) }

    deinit {
        unsafe curl_easy_cleanup(pointer)
        unsafe curl_slist_free_all(headerLines)
    }

    func set(_ option: CURLoption, _ value: Int) throws(CurlFailure) {
        try Self.check(unsafe shipit_curl_set_long(pointer, option, value))
    }

    /// libcurl copies the text.
    func set(_ option: CURLoption, _ value: String) throws(CurlFailure) {
        try Self.check(unsafe shipit_curl_set_text(pointer, option, value))
    }

    /// A pointer that must stay valid as long as this handle.
    func set(_ option: CURLoption, _ value: UnsafeMutableRawPointer) throws(CurlFailure) {
        try Self.check(unsafe shipit_curl_set_pointer(pointer, option, value))
    }

    func set(_ option: CURLoption, _ value: @escaping shipit_curl_sink) throws(CurlFailure) {
        try Self.check(unsafe shipit_curl_set_sink(pointer, option, value))
    }

    /// Sets the body; libcurl copies it.
    func set(body: [UInt8]) throws(CurlFailure) {
        try Self.check(unsafe shipit_curl_set_offset(pointer, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(body.count)))
        try Self.check(
            unsafe body.withUnsafeBytes {
                unsafe shipit_curl_set_bytes(pointer, CURLOPT_COPYPOSTFIELDS, $0.baseAddress ?? UnsafeRawPointer(pointer))
            })
    }

    /// Sets the header lines, each in libcurl's form: `Name: value`, `Name;` for an empty value, `Name:` to leave one out.
    mutating func set(headerLines lines: [String]) throws(CurlFailure) {
        for line in lines {
            guard let longer = unsafe curl_slist_append(headerLines, line) else { throw CurlFailure(code: CURLE_OUT_OF_MEMORY) }
            unsafe headerLines = longer
        }
        try Self.check(unsafe shipit_curl_set_list(pointer, CURLOPT_HTTPHEADER, headerLines))
    }

    /// Goes on with a transfer whose sink asked for a pause; the sink may be called before this returns.
    func resume() throws(CurlFailure) {
        try Self.check(unsafe curl_easy_pause(pointer, CURLPAUSE_CONT))
    }

    private static func check(_ code: CURLcode) throws(CurlFailure) {
        guard code == CURLE_OK else { throw CurlFailure(code: code) }
    }
}

/// libcurl's set of transfers under way and connections kept.
///
/// Belongs to the thread that made it.
@safe struct MultiHandle: ~Copyable {
    /// Makes the one call that other threads may make, and only while the handle lives.
    @safe struct Waker: @unchecked Sendable {  // libcurl documents curl_multi_wakeup as callable from any thread
        fileprivate let pointer: UnsafeMutableRawPointer

        func wake() {
            _ = unsafe curl_multi_wakeup(pointer)
        }
    }

    private let pointer: UnsafeMutableRawPointer

    var waker: Waker { unsafe Waker(pointer: pointer) }

    init?() {
        guard let pointer = unsafe curl_multi_init() else { return nil }
        unsafe self.pointer = pointer
    }

    deinit { _ = unsafe curl_multi_cleanup(pointer) }

    func add(_ easy: borrowing EasyHandle) -> Bool {
        unsafe curl_multi_add_handle(pointer, easy.pointer) == CURLM_OK
    }

    func remove(_ easy: borrowing EasyHandle) {
        _ = unsafe curl_multi_remove_handle(pointer, easy.pointer)
    }

    /// Does what can be done without waiting, and hands each finished transfer's handle and result to `finished`.
    func perform(_ finished: (EasyHandle.ID, CURLcode) -> Void) {
        var running: Int32 = 0
        _ = unsafe curl_multi_perform(pointer, &running)
        var left: Int32 = 0
        while let message = unsafe curl_multi_info_read(pointer, &left) {
            guard unsafe message.pointee.msg == CURLMSG_DONE, let easy = unsafe message.pointee.easy_handle else { continue }
            // The message does not survive the removal of its handle: read it first.
            let result = unsafe message.pointee.data.result
            finished(UInt(bitPattern: easy), result)
        }
    }

    /// Waits for something to do: traffic, one of libcurl's own timers, or a wake-up.
    func wait() {
        _ = unsafe curl_multi_poll(pointer, nil, 0, 60_000, nil)
    }
}
