import Foundation
import Glibc
import Testing

@testable import shipit

/// Writing to what reads slower than we write.
@Suite struct TerminalTests {
    @Test func `a pipe that does not block takes all of it, however slowly it is read`() async throws {
        let pipe = Pipe()
        let writer = pipe.fileHandleForWriting.fileDescriptor
        #expect(fcntl(writer, F_SETFL, fcntl(writer, F_GETFL) | O_NONBLOCK) == 0)
        // More than a pipe holds.
        let bytes = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 / 7) }
        let thread = Thread {
            Terminal.write(bytes, to: writer)
            close(writer)
        }
        thread.start()
        var taken: [UInt8] = []
        while let piece = try pipe.fileHandleForReading.read(upToCount: 5_000), !piece.isEmpty { taken += piece }
        #expect(taken == bytes)
    }

    @Test func `a reader that went away is no reason to stop`() {
        signal(SIGPIPE, SIG_IGN)
        let pipe = Pipe()
        close(pipe.fileHandleForReading.fileDescriptor)
        Terminal.write([1, 2, 3], to: pipe.fileHandleForWriting.fileDescriptor)
    }
}
