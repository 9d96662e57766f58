import Foundation
import Logging
import Testing

@testable import Serving

struct `A line of the log` {
    struct Broken: Error, CustomStringConvertible {
        let description = "line one\nline two"
    }

    @Test func `is one line of JSON whatever is in it`() throws {
        let event = LogEvent(
            level: .warning, message: "a \"message\"\nwith a line end", error: Broken(),
            metadata: ["path": .string("/\u{1b}[2J"), "n": .stringConvertible(7)], source: "s", file: "f", function: "g", line: 1)
        let line = JSONLogHandler.line(
            for: event, service: "api", metadata: ["request": "r1", "n": "6"], at: Date(timeIntervalSince1970: 0.25))
        #expect(line.count { $0 == UInt8(ascii: "\n") } == 1 && line.last == UInt8(ascii: "\n"))
        #expect(!line.contains(0x1b))
        let fields = try JSONDecoder().decode([String: String].self, from: Data(line))
        #expect(
            fields == [
                "at": "1970-01-01T00:00:00.250Z", "level": "warning", "service": "api", "request": "r1", "n": "7",
                "message": "a \"message\"\nwith a line end", "path": "/\u{1b}[2J", "error": "line one\nline two",
            ])
    }
}

struct `The deadline of work` {
    @Test func `gives the answer when it is there in time`() async {
        #expect(await within(.seconds(60)) { 7 } == 7)
    }

    @Test func `cancels the work and does not wait for it`() async {
        let (cancelled, continuation) = AsyncStream.makeStream(of: Void.self)
        let answer: Int? = await within(.milliseconds(20)) {
            await withTaskCancellationHandler {
                for await _ in AsyncStream<Void>.makeStream().stream {}
                return 1
            } onCancel: {
                continuation.yield()
            }
        }
        #expect(answer == nil)
        var iterator = cancelled.makeAsyncIterator()
        #expect(await iterator.next() != nil)
    }
}
