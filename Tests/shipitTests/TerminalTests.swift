import Foundation
import Glibc
import Testing

@testable import shipit

/// Writing to what reads slower than we write.
@Suite struct TerminalTests {
    /// Both ends of a pipe.
    private static func pipe() throws -> (reading: Int32, writing: Int32) {
        var ends: [Int32] = [0, 0]
        try #require(unsafe Glibc.pipe(&ends) == 0)
        return (ends[0], ends[1])
    }

    @Test func `a pipe that does not block takes all of it, however slowly it is read`() throws {
        let (reading, writing) = try Self.pipe()
        #expect(fcntl(writing, F_SETFL, fcntl(writing, F_GETFL) | O_NONBLOCK) == 0)
        // More than a pipe holds.
        let bytes = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 / 7) }
        let writer = Thread {
            Terminal.write(bytes, to: writing)
            close(writing)
        }
        writer.start()
        var taken: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 5_000)
        while taken.count < bytes.count, case let count = unsafe read(reading, &buffer, buffer.count), count > 0 {
            taken += buffer.prefix(count)
        }
        close(reading)
        #expect(taken == bytes)
    }

    @Test func `a reader that went away is no reason to stop`() throws {
        signal(SIGPIPE, SIG_IGN)
        let (reading, writing) = try Self.pipe()
        close(reading)
        Terminal.write([1, 2, 3], to: writing)
        close(writing)
    }
}
