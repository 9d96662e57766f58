import Glibc
import Processes

/// A script for the real shell, with nothing but a PATH in its environment unless told otherwise.
func shell(
    _ script: String, environment: [String: String] = ["PATH": "/usr/bin:/bin"], workingDirectory: String? = nil,
    input: [UInt8] = [],
    deadline: Duration? = .seconds(300), grace: Duration = .seconds(10)
) -> Command {
    Command(
        "/bin/sh", ["-c", script], environment: environment, workingDirectory: workingDirectory, input: input, deadline: deadline,
        grace: grace)
}

/// Collects output in the order it arrives.
actor Transcript {
    private(set) var standardOutput: [UInt8] = []
    private(set) var standardError: [UInt8] = []

    var text: String { String(decoding: standardOutput, as: UTF8.self) }

    func add(_ piece: [UInt8], from stream: OutputStream) {
        switch stream {
        case .standardOutput: standardOutput += piece
        case .standardError: standardError += piece
        }
    }
}

/// One thing that happens once, to be waited for.
struct Signpost: Sendable {
    private let stream: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation

    init() {
        (stream, continuation) = AsyncStream.makeStream()
    }

    func reached() { continuation.finish() }

    func wait() async { for await _ in stream {} }
}

/// Whether any process with this number exists, zombies excepted.
func isRunning(_ pid: pid_t) -> Bool { ProcessIdentity(pid: pid)?.isAlive ?? false }

/// The memory of this process that is in use now, in bytes: the second field of /proc/self/statm.
func residentBytes() async throws -> Int {
    let pages = try await capture(shell("cat /proc/\(getpid())/statm")).text.split(separator: " ")
    return (pages.count > 1 ? Int(pages[1]) ?? 0 : 0) * Int(sysconf(Int32(_SC_PAGESIZE)))
}
