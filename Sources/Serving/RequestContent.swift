import HTTPTypes
public import Hummingbird
import NIOCore

extension Request {
    /// Whether a body comes with the request, or may come.
    var hasBody: Bool {
        headers[.transferEncoding] != nil || Int(headers[.contentLength] ?? "0") != 0
    }

    /// What came with the request, as its bytes.
    ///
    /// - Parameters:
    ///   - type: the media type that it must be of.
    ///   - limit: how many bytes are taken; more is refused, before any is read where the request says how many there are.
    ///   - deadline: how long the caller may take to send them.
    public func content(_ type: String, upTo limit: Int, within deadline: Duration) async throws(Problem) -> [UInt8] {
        guard headers[.contentType]?.split(separator: ";").first?.trimmingSpaces.lowercased() == type else {
            throw Problem(.unsupportedMediaType, "A body of the type \(type) is wanted here.")
        }
        guard headers[.contentEncoding] == nil else {
            throw Problem(.unsupportedMediaType, "The body must be plain: no Content-Encoding is understood here.")
        }
        let tooLong = Problem(.contentTooLarge, "The body is too long: at most \(limit) bytes are taken here.")
        if let length = headers[.contentLength].flatMap({ Int($0) }), length > limit { throw tooLong }
        let outcome = await within(deadline) { [body] () -> Result<[UInt8], any Error> in
            do { return .success(Array(buffer: try await body.collect(upTo: limit))) } catch { return .failure(error) }
        }
        switch outcome {
        case .success(let bytes): return bytes
        case .failure(let error) where error is NIOTooManyBytesError: throw tooLong
        case .failure: throw Problem(.badRequest, "The body did not come to its end.")
        case nil: throw Problem(.requestTimeout, "The body did not come within \(deadline.components.seconds) s.")
        }
    }
}

extension Substring {
    /// The text without the spaces around it.
    var trimmingSpaces: Substring {
        var text = self
        while text.first == " " { text.removeFirst() }
        while text.last == " " { text.removeLast() }
        return text
    }
}
