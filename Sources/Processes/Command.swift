import Glibc

/// A program to run, with everything it will see: arguments, environment, directory, input and limits.
///
/// There is no shell between the caller and the program: arguments arrive as they are. The environment is complete; nothing is added
/// to it from ours. Start from ``inheritedEnvironment`` where the program should see what we see.
public struct Command: Sendable {
    /// A name, looked up in the `PATH` of ``environment`` alone, or a path if it contains a slash.
    ///
    /// A relative path counts from ``workingDirectory``, as it would for someone standing there.
    public var executable: String
    /// What follows the program's name.
    ///
    /// Secrets never belong here: every user of the machine can read them.
    public var arguments: [String]
    /// The whole environment of the program.
    public var environment: [String: String]
    /// Where the program runs; `nil` is where we run.
    public var workingDirectory: String?
    /// What the program reads from its standard input.
    ///
    /// Empty means that it meets the end of file at once.
    public var input: [UInt8]
    /// How long the program may run before its whole process group is told to end; `nil` is without limit.
    public var deadline: Duration?
    /// How long the process group may clean up after INT, and again after TERM, before it is killed.
    ///
    /// Twice the default fits between a CI service's first signal to us and its next, 7.5 s later.
    public var grace: Duration

    /// Describes a program; nothing runs yet.
    public init(
        _ executable: String,
        _ arguments: [String] = [],
        environment: [String: String],
        workingDirectory: String? = nil,
        input: [UInt8] = [],
        deadline: Duration? = nil,
        grace: Duration = .seconds(3)
    ) {
        self.executable = executable
        self.arguments = arguments
        self.environment = environment
        self.workingDirectory = workingDirectory
        self.input = input
        self.deadline = deadline
        self.grace = grace
    }

    /// Our own environment as it is now.
    ///
    /// Of a variable set twice the first value counts, as for `getenv`.
    public static var inheritedEnvironment: [String: String] {
        var variables: [String: String] = [:]
        var entry = unsafe environ
        while let text = unsafe entry.pointee {
            let parts = unsafe String(cString: text).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if parts.count == 2, variables[String(parts[0])] == nil {
                variables[String(parts[0])] = String(parts[1])
            }
            unsafe entry += 1
        }
        return variables
    }

    /// Refuses what the kernel would cut short or misread, naming the place and never the value.
    func validate() throws(ProcessError) {
        let nul: UInt8 = 0
        if executable.isEmpty || executable.utf8.contains(nul) {
            throw ProcessError(.invalidCommand, "Cannot run a program whose name is empty or contains a NUL byte.")
        }
        if let index = arguments.firstIndex(where: { $0.utf8.contains(nul) }) {
            throw ProcessError(
                .invalidCommand,
                "Cannot run \(executable): argument \(index + 1) contains a NUL byte, which no program can receive.")
        }
        for (name, value) in environment {
            let startsWithDigit = name.utf8.first.map { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } ?? true
            if startsWithDigit || name.utf8.contains(nul) || name.utf8.contains(UInt8(ascii: "=")) {
                throw ProcessError(
                    .invalidCommand,
                    "Cannot run \(executable): \"\(name)\" is no name of an environment variable; "
                        + "it must not be empty, start with a digit, or contain '='.")
            }
            if value.utf8.contains(nul) {
                throw ProcessError(
                    .invalidCommand, "Cannot run \(executable): the environment variable \(name) contains a NUL byte.")
            }
        }
    }
}

extension Command: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The program and its arguments, quoted where a reader could misread them; never environment or input, which may hold secrets.
    public var description: String {
        ([executable] + arguments).map(Self.quoted).joined(separator: " ")
    }

    /// The same as ``description``.
    public var debugDescription: String { description }

    /// Only what ``description`` shows, so that `dump` prints no secret either.
    public var customMirror: Mirror {
        Mirror(self, children: ["executable": executable, "arguments": arguments])
    }

    private static func quoted(_ word: String) -> String {
        let plain = word.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                true
            default:
                "-_./:=@,+%".utf8.contains(byte)
            }
        }
        return plain && !word.isEmpty
            ? word : "'" + word.split(separator: "'", omittingEmptySubsequences: false).joined(separator: #"'\''"#) + "'"
    }
}
