import Glibc
import Processes
import Testing

@Suite struct RefusalTests {
    private func refusal(_ command: Command) async -> ProcessError? {
        do {
            _ = try await capture(command)
            return nil
        } catch { return error }
    }

    @Test func `names the program and the searched PATH when there is no such program`() async {
        let error = await refusal(Command("no-such-program", environment: ["PATH": "/usr/bin:relative::/bin"]))
        #expect(error?.code == .notFound)
        #expect(error?.description.contains("no-such-program") == true && error?.description.contains("/usr/bin") == true)
        #expect(await refusal(Command("sh", environment: [:]))?.code == .notFound)
        #expect(await refusal(Command("/no/such/file", environment: [:]))?.code == .notFound)
    }

    @Test func `looks in the PATH of the command, not in ours`() async throws {
        #expect(await refusal(Command("sh", environment: ["PATH": "/proc"]))?.code == .notFound)
        #expect(
            try await capture(Command("sh", ["-c", "exit 4"], environment: ["PATH": "/nowhere:/bin"])).outcome.termination
                == .exited(4))
    }

    @Test(arguments: ["/etc/passwd", "/tmp"])
    func `says so when a file may not be executed`(path: String) async {
        #expect(await refusal(Command(path, environment: [:]))?.code == .notExecutable)
    }

    @Test func `takes a relative path from the working directory`() async throws {
        #expect(
            try await capture(Command("./sh", ["-c", "exit 6"], environment: [:], workingDirectory: "/bin")).outcome.termination
                == .exited(6))
    }

    @Test(arguments: ["/no/such/folder", "/etc/passwd"])
    func `refuses a working directory that is none`(path: String) async {
        let error = await refusal(shell("true", workingDirectory: path))
        #expect(error?.code == .workingDirectoryMissing)
        #expect(error?.description.contains(path) == true)
    }

    @Test func `explains a script whose interpreter is missing`() async throws {
        let path = "/tmp/processes-script-\(UInt64.random(in: 0 ... .max))"
        _ = try await capture(shell("echo '#!/no/interpreter' > \(path); chmod +x \(path)"))
        let error = await refusal(Command(path, environment: [:]))
        #expect(error?.code == .cannotStart)
        #expect(error?.description.contains("interpreter") == true)
        unsafe unlink(path)
    }

    @Test func `refuses what no program could receive, without showing a value`() async {
        let commands = [
            Command("", environment: [:]), Command("true", ["a\0b"], environment: ["PATH": "/bin"]),
            Command("true", environment: ["PATH": "/bin", "A=B": "hush-hush"]),
            Command("true", environment: ["PATH": "/bin", "": "hush-hush"]),
            Command("true", environment: ["PATH": "/bin", "TOKEN": "hush-hush\0"]),
        ]
        for command in commands {
            let error = await refusal(command)
            #expect(error?.code == .invalidCommand)
            #expect(error?.description.contains("hush") == false)
        }
    }

    @Test func `shows no environment and no input of a command`() {
        let command = Command("tool", ["-v", "a b"], environment: ["TOKEN": "hush-hush"], input: Array("hush-hush".utf8))
        var dumped = ""
        dump(command, to: &dumped)
        #expect("\(command)" == "tool -v 'a b'")
        for text in ["\(command)", "\(reflecting: command)", dumped] { #expect(!text.contains("hush")) }
    }
}

extension String.StringInterpolation {
    fileprivate mutating func appendInterpolation(reflecting value: some Any) { appendLiteral(String(reflecting: value)) }
}
