import CGit2

/// One object of the library, freed when it goes out of scope.
///
/// Everything that happens to the pointer happens in this module, on the executor of the one repository it belongs to.
@safe struct Owned: ~Copyable {
    typealias Free = @convention(c) (OpaquePointer?) -> Void

    let pointer: OpaquePointer
    private let free: Free

    /// Takes over what `create` makes; it returns the library's error code.
    init(freedBy free: Free, _ create: (UnsafeMutablePointer<OpaquePointer?>) -> Int32) throws(Refusal) {
        _ = Self.library
        var created: OpaquePointer?
        try Refusal.check(unsafe create(&created))
        guard let pointer = unsafe created else {
            throw Refusal(code: Int32(GIT_ERROR.rawValue), message: "nothing was returned")
        }
        unsafe self.pointer = unsafe pointer
        unsafe self.free = unsafe free
    }

    deinit { unsafe free(pointer) }

    /// Set up once at first use and never torn down; the library counts its users itself.
    private static let library = git_libgit2_init()
}

/// The library's own account of a failure, to be put into our words by whoever knows what was tried.
struct Refusal: Error {
    let code: Int32
    let message: String

    /// Throws what went wrong if the code says that something did.
    static func check(_ code: Int32) throws(Refusal) {
        guard code < 0 else { return }
        let message = unsafe git_error_last().flatMap { unsafe $0.pointee.message }.map { unsafe String(cString: $0) }
        throw Refusal(code: code, message: message ?? "the library gives no reason (\(code))")
    }

    func isCode(_ expected: git_error_code) -> Bool { code == expected.rawValue }
}

/// The bytes of a C string, whatever their encoding.
func bytes(of text: UnsafePointer<CChar>) -> [UInt8] {
    var bytes: [UInt8] = []
    var next = unsafe text
    while unsafe next.pointee != 0 {
        bytes.append(UInt8(bitPattern: unsafe next.pointee))
        unsafe next += 1
    }
    return bytes
}
