import Git
import Pipeline

extension Workspace {
    /// What describes a release to its target, as it stands at the source: the compose file, or a list of what the chart is made of.
    func manifest(of target: Target, at source: Source) async throws(StageFailure) -> String {
        switch target {
        case .compose(let compose): try await text(of: compose.file, at: source)
        case .helm(let helm): try await listing(of: [helm.chart] + helm.valueFiles, at: source)
        }
    }

    private func text(of file: String, at source: Source) async throws(StageFailure) -> String {
        let content: [UInt8]?
        do throws(Refusal) {
            content = try await self.content(file, at: source)
        } catch {
            throw StageFailure("manifest-unreadable", error.description)
        }
        guard let content else { throw Self.missing(file) }
        guard let text = String(validating: content, as: UTF8.self) else {
            throw StageFailure("manifest-malformed", "\(file) is not UTF-8.", remedy: "Save it as UTF-8.")
        }
        return text
    }

    /// A line for each path, with the name git has for what is in it.
    ///
    /// A chart may have many files, and the commit keeps them: the names prove that they are the same.
    private func listing(of paths: [String], at source: Source) async throws(StageFailure) -> String {
        var lines = ""
        for path in paths {
            let hash: String?
            do throws(GitError) {
                hash = try await repository.treeHash(at: CommitID(source), path: path)
            } catch {
                throw StageFailure("manifest-unreadable", error.description)
            }
            guard let name = source.dirty ?? hash else { throw Self.missing(path) }
            lines += "\(name)  \(path)\n"
        }
        return lines
    }

    /// Hands `body` a folder with these files and folders as they stand at the source, each under its own path.
    func withFiles<Answer: Sendable>(
        _ paths: [String], at source: Source, _ body: (_ folder: String) async throws(StageFailure) -> Answer
    ) async throws(StageFailure) -> Answer {
        guard source.dirty == nil else { return try await body(root) }
        let folder = try ScratchFolder("files")
        defer { folder.remove() }
        // What is in one of the folders comes with it.
        for path in paths where !paths.contains(where: { path.hasPrefix("\($0)/") }) {
            do {
                let (id, place) = (try CommitID(source), "\(folder.path)/\(path)")
                if let content = try await repository.content(at: id, path: path) {
                    try PrivateFile.write(content, to: place)
                } else {
                    try PrivateFile.makeFolder(place)
                    try await repository.export(id, path: path, to: place)
                }
            } catch {
                throw StageFailure(
                    "export-failed", "\(path) of commit \(source.commit) could not be written out: \(error)",
                    remedy: "Make room on the disk, or set TMPDIR to another; a commit that is not here is fetched with git.")
            }
        }
        return try await body(folder.path)
    }

    static func missing(_ path: String) -> StageFailure {
        StageFailure(
            "manifest-missing", "The commit has no \(path).", remedy: "Commit it, or correct the target in \(projectFile).")
    }
}
