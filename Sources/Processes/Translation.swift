import Subprocess
import SystemPackage

// What the subprocess library calls things, in our words and back.

extension Configuration {
    init(_ command: Command, path: String) {
        var options = PlatformOptions()
        options.createSession = true
        // Each entry needs its own NUL: the library copies up to the first one it meets, be it in somebody else's memory.
        let environment = command.environment.map { name, value in Array("\(name)=\(value)\0".utf8) }
        self.init(
            executable: .path(FilePath(path)),
            // The program sees itself called as the caller called it.
            arguments: Arguments(executablePathOverride: command.executable, remainingValues: command.arguments),
            environment: .custom(environment),
            workingDirectory: command.workingDirectory.map { FilePath($0) },
            platformOptions: options)
    }
}

extension Outcome.Termination {
    init(_ status: TerminationStatus) {
        switch status {
        case .exited(let code): self = .exited(code)
        case .signaled(let signal): self = .signaled(signal)
        }
    }
}

extension ProcessError {
    /// The library's own text is not used: it may quote an environment variable's value.
    init(_ error: SubprocessError, command: Command) {
        let reason = error.underlyingError.map { ": \($0)" } ?? ""
        switch error.code {
        case .executableNotFound:
            self.init(
                .cannotStart,
                "Cannot start \(command.executable)\(reason). The file exists, so the interpreter or loader it names may be missing."
            )
        case .failedToChangeWorkingDirectory:
            self.init(
                .workingDirectoryMissing, "Cannot run \(command.executable) in \(command.workingDirectory ?? ".")\(reason).")
        case .spawnFailed:
            self.init(.cannotStart, "Cannot start \(command.executable)\(reason).")
        default:
            self.init(.lostSight, "Started \(command.executable), but lost sight of it\(reason).")
        }
    }
}
