import Executors
import Glibc
import SystemPackage

/// One stream of a program's output on its way to us.
struct OutputPipe: Sendable {
    /// The program's end; the spawn closes our copy.
    let writeEnd: FileDescriptor
    private let readEnd: FileDescriptor
    private let readiness: Readiness

    init() throws(ProcessError) {
        do {
            (readEnd, writeEnd) = try FileDescriptor.pipe(options: .closeOnExec)
        } catch {
            throw ProcessError(.cannotStart, "Cannot create a pipe for a program's output: \(error).")
        }
        // Only our end must never block, and that is a property of the open file: the program's end is another one.
        _ = fcntl(readEnd.rawValue, F_SETFL, O_NONBLOCK)
        readiness = Readiness(of: readEnd.rawValue)
    }

    /// Hands over all output in order, a piece at a time and no faster than it is taken, until every writer is gone or the pipe
    /// is abandoned.
    ///
    /// Holds one piece of at most 64 KiB: a program that writes faster waits.
    func forward(to take: (_ piece: [UInt8]) async -> Void) async {
        var isAbandoned = false
        while true {
            switch nextPiece() {
            case .piece(let bytes): await take(bytes)
            case .ended: return
            case .nothingYet:
                // After the abandonment one more look: what was written before it still arrives.
                if isAbandoned { return }
                isAbandoned = await !readiness.wait()
            }
        }
    }

    /// Lets ``forward(to:)`` return although a writer is left.
    func abandon() {
        readiness.stop()
    }

    /// Gives our end back to the system.
    func close() {
        readiness.stop()
        try? readEnd.close()
    }

    private enum Reading {
        case piece([UInt8])
        case nothingYet
        case ended
    }

    private func nextPiece() -> Reading {
        do {
            let bytes = try unsafe [UInt8](unsafeUninitializedCapacity: 65_536) { buffer, count in
                count = try unsafe readEnd.read(into: UnsafeMutableRawBufferPointer(buffer))
            }
            return bytes.isEmpty ? .ended : .piece(bytes)
        } catch Errno.wouldBlock {
            return .nothingYet
        } catch {
            // A pipe of our own has no other way to fail than having ended.
            return .ended
        }
    }
}
