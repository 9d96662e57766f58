/// Sends requests over libcurl, from one thread of its own, many at a time; connections are kept and used again.
///
/// Nothing is started before the first request: a program that sends none pays nothing. The thread ends with the client.
/// Proxies are taken from the environment as libcurl does (`https_proxy`, `no_proxy`), except for this very machine.
public final class HTTPClient: Sendable {
    let loop: TransferLoop

    /// A client.
    /// - Parameters:
    ///   - userAgent: sent with requests that bring no `User-Agent` of their own; some services refuse requests without.
    ///   - certificateAuthorities: a PEM file to trust instead of the system's, as for a registry inside a company.
    public init(userAgent: String = "shipit", certificateAuthorities: String? = nil) {
        loop = TransferLoop(settings: .init(userAgent: userAgent, certificateAuthorities: certificateAuthorities))
    }

    deinit { loop.stop() }

    /// Sends `request` and returns the complete answer, whatever its status.
    ///
    /// Cancelling the task ends the transfer at once and throws `cancelled`.
    public func send(_ request: HTTPRequest) async throws(HTTPError) -> HTTPResponse {
        try await send(request, as: loop.ticket(), through: nil)
    }

    /// Sends `request` under a ticket of the loop; its answer goes through `tap` where there is one.
    func send(_ request: HTTPRequest, as ticket: UInt64, through tap: Tap?) async throws(HTTPError) -> HTTPResponse {
        let address = try HTTPAddress(request.url)
        try request.checkCharacters(for: address)
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                loop.submit(.init(ticket: ticket, request: request, address: address, tap: tap, continuation: continuation))
                // A cancellation from before the line above found nothing to withdraw; its flag is set, so it is seen here.
                if Task.isCancelled { loop.withdraw(ticket) }
            }
        } onCancel: {
            loop.withdraw(ticket)
        }
        return try result.get()
    }
}

extension HTTPRequest {
    /// Refuses what would let a value end its line and begin another header (RFC 9110, sections 5.5 and 5.6.2).
    func checkCharacters(for address: HTTPAddress) throws(HTTPError) {
        guard Self.isToken(method) else {
            throw HTTPError(.invalidHeader, "A request to \(address.summary) was refused: its method is no HTTP token.")
        }
        for field in headers.fields {
            guard Self.isToken(field.name) else {
                throw HTTPError(
                    .invalidHeader, "\(method) \(address.summary) was refused: the name of one of its headers is no HTTP token.")
            }
            guard field.value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7f || $0 == 0x09 }) else {
                throw HTTPError(
                    .invalidHeader,
                    "\(method) \(address.summary) was refused: the value of its header \(field.name) holds a control character.")
            }
        }
    }

    private static func isToken(_ text: String) -> Bool {
        !text.isEmpty
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"):
                    true
                default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
                }
            }
    }
}
