import CZlib

/// Bytes as gzip has them (RFC 1952), at zlib's best compression: for what is compressed once and sent often.
public enum Gzip {
    /// `bytes` compressed; nil when zlib has no memory for it.
    public static func compressed(_ bytes: [UInt8]) -> [UInt8]? {
        var stream = unsafe z_stream()
        guard unsafe shipit_gzip_begin(&stream) == Z_OK else { return nil }
        defer { _ = unsafe deflateEnd(&stream) }
        let room = unsafe Int(deflateBound(&stream, uLong(bytes.count)))
        var input = bytes
        var end: Int32 = Z_STREAM_ERROR
        let output = unsafe [UInt8](unsafeUninitializedCapacity: room) { buffer, count in
            unsafe input.withUnsafeMutableBufferPointer { source in
                unsafe stream.next_in = source.baseAddress
                unsafe stream.avail_in = uInt(source.count)
                unsafe stream.next_out = buffer.baseAddress
                unsafe stream.avail_out = uInt(room)
                end = unsafe deflate(&stream, Z_FINISH)
                count = unsafe room - Int(stream.avail_out)
            }
        }
        return end == Z_STREAM_END ? output : nil
    }
}
