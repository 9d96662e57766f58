import HTTPTypes
public import Hummingbird
import NIOCore

extension ResponseBody {
    /// The whole body, for answers that are short and already there.
    public func collected() async throws -> [UInt8] {
        let bytes = Collected()
        try await write(bytes)
        return await bytes.content
    }
}

/// Takes a body that is written, one part after the other.
private actor Collected: ResponseBodyWriter {
    private(set) var content: [UInt8] = []

    func write(_ buffer: ByteBuffer) async throws {
        content += Array(buffer: buffer)
    }

    func finish(_ trailingHeaders: HTTPFields?) async throws {}
}
