import Glibc

extension Command {
    /// Whether there is such a program that we may execute.
    public var isInstalled: Bool { (try? resolvedExecutable()) != nil }

    /// The absolute or caller-given path of the program to start.
    ///
    /// As in POSIX (`execvp`), a file that may not be executed does not end the search but is what gets reported if nothing
    /// better follows. Empty and relative entries of `PATH` are skipped: they would run what lies in the current directory.
    package func resolvedExecutable() throws(ProcessError) -> String {
        if executable.utf8.contains(UInt8(ascii: "/")) {
            let path =
                executable.hasPrefix("/") || workingDirectory == nil ? executable : "\(workingDirectory ?? ".")/\(executable)"
            switch FileKind(at: path) {
            case .missing:
                throw ProcessError(.notFound, "Cannot run \(executable): there is no such file. Check the path, or install it.")
            case .executable:
                return path
            case .directory, .file:
                throw Self.notExecutable(path)
            }
        }
        let searched = environment["PATH"] ?? ""
        var refused: String?
        for directory in searched.split(separator: ":") where directory.hasPrefix("/") {
            let candidate = "\(directory)/\(executable)"
            switch FileKind(at: candidate) {
            case .executable: return candidate
            case .file: refused = refused ?? candidate
            case .directory, .missing: continue
            }
        }
        if let refused { throw Self.notExecutable(refused) }
        throw ProcessError(
            .notFound,
            searched.isEmpty
                ? "Cannot run \(executable): the command's environment has no PATH to search. Pass PATH, or give a full path."
                : "Cannot run \(executable): it is in none of the directories of PATH (\(searched)). Install it, or extend PATH.")
    }

    /// Refuses a working directory that the program could not enter.
    func checkWorkingDirectory() throws(ProcessError) {
        guard let workingDirectory else { return }
        if FileKind(at: workingDirectory) != .directory {
            throw ProcessError(
                .workingDirectoryMissing,
                "Cannot run \(executable) in \(workingDirectory): there is no such directory. Create it, or name another.")
        }
    }

    private static func notExecutable(_ path: String) -> ProcessError {
        ProcessError(.notExecutable, "Cannot run \(path): it is not a file we may execute. Check its permissions (chmod +x).")
    }
}

/// What stands at a path, as far as starting programs is concerned.
private enum FileKind {
    case missing, directory, file, executable

    init(at path: String) {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else {
            self = .missing
            return
        }
        switch status.st_mode & S_IFMT {
        case S_IFDIR: self = .directory
        case S_IFREG: self = unsafe access(path, X_OK) == 0 ? .executable : .file
        default: self = .file
        }
    }
}
