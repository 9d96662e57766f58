import HTTPTypes
import Hummingbird
import Testing

@testable import Serving

struct `The part that a request asks for` {
    private func part(_ range: String?, ifRange: String? = nil, of size: Int64 = 10) -> ByteRange {
        var headers: HTTPFields = [:]
        headers[.range] = range
        headers[.ifRange] = ifRange
        let head = HTTPRequest(method: .get, scheme: nil, authority: nil, path: "/", headerFields: headers)
        return ByteRange(Request(head: head, body: RequestBody(buffer: ByteBuffer())), of: size, tagged: "\"tag\"")
    }

    @Test(arguments: [
        ("bytes=0-0", 0..<1), ("bytes=2-4", 2..<5), ("bytes=2-", 2..<10), ("bytes=9-", 9..<10), ("bytes=3-99", 3..<10),
        ("bytes=-3", 7..<10), ("bytes=-99", 0..<10), ("BYTES=1-1", 1..<2), ("bytes= 1-1", 1..<2),
        ("bytes=0-99999999999999999999999", 0..<10),
    ])
    func `is what is there of it`(range: String, expected: Range<Int64>) {
        #expect(part(range) == .part(expected))
    }

    @Test(arguments: ["bytes=10-", "bytes=10-12", "bytes=-0", "bytes=99999999999999999999999-"])
    func `may not be there`(range: String) {
        #expect(part(range) == .nothing)
        #expect(part("bytes=0-", of: 0) == .nothing && part("bytes=-0", of: 0) == .nothing)
    }

    @Test(arguments: [
        nil, "", "bytes", "bytes=", "bytes=-", "bytes=a-b", "bytes=4-2", "bytes=0-1,3-4", "items=0-1", "bytes=+1-2",
        "bytes=1-2-3",
    ])
    func `is all of it when it is not understood`(range: String?) {
        #expect(part(range) == .whole)
    }

    @Test func `is all of nothing when its end is asked for`() {
        #expect(part("bytes=-1", of: 0) == .whole)
    }

    @Test func `is all of it when what the caller has is something else`() {
        #expect(part("bytes=0-1", ifRange: "\"tag\"") == .part(0..<2))
        #expect(part("bytes=0-1", ifRange: "\"other\"") == .whole)
        #expect(part("bytes=0-1", ifRange: "W/\"tag\"") == .whole)
    }
}
