public import Git
import Glibc
public import Pipeline
import SystemPackage

/// The repository a command works in: where definitions, migrations and build contexts come from.
///
/// Everything is read from the commit, never from the work tree, unless the source is dirty and the user allowed that: so an ignored
/// file can neither end in an image nor change what is deployed.
public struct Workspace: Sendable {
    /// The root of the work tree.
    public let root: String
    private let access: RepositoryAccess

    /// The project's definition, relative to the root.
    public static let projectFile = "pipelines/project.yml"
    /// The folder of pipelines, relative to the root.
    public static let pipelines = "pipelines"
    private static let largestFile = 8 << 20

    /// The repository that `path` is in.
    public init(around path: String) throws(GitError) {
        if let root = Repository.root(around: path) {
            self.root = root
            access = RepositoryAccess(root)
        } else {
            // Only git can say why not, or where the root of an unusual one is.
            let repository = try Repository.discover(from: path)
            root = repository.root
            access = RepositoryAccess(root, opened: repository)
        }
    }

    /// What git knows.
    var repository: Repository {
        get throws(GitError) { try access.repository }
    }

    /// The root of the repository that `path` is in; nil when it is in none.
    public static func root(around path: String) -> String? {
        (try? Workspace(around: path))?.root
    }

    /// A file's bytes, relative to `base`; nil when there is none.
    public static func read(_ path: String, in base: String) throws(Refusal) -> [UInt8]? {
        do {
            return try FileContent.read(path.hasPrefix("/") || base == "." ? path : "\(base)/\(path)", limit: largestFile)
        } catch Errno.noSuchFileOrDirectory {
            return nil
        } catch {
            throw Refusal(.badInput, "\(path) cannot be read: \(error).")
        }
    }

    /// The pipeline files beside a project file, which lies in `base` or is named by a path.
    public static func pipelineFiles(beside project: String, in base: String) -> [String] {
        let parts = project.split(separator: "/", omittingEmptySubsequences: false)
        let folder = parts.dropLast().joined(separator: "/")
        let place = folder.hasPrefix("/") ? folder : folder.isEmpty ? base : "\(base)/\(folder)"
        return DirectoryListing.files(in: place)
            .filter { ($0.hasSuffix(".yml") || $0.hasSuffix(".yaml")) && $0 != parts.last.map(String.init) }
            .map { folder.isEmpty ? $0 : "\(folder)/\($0)" }
    }

    /// Where state is kept unless `SHIPIT_STATE` says otherwise.
    public var stateFolder: String { "\(root)/.shipit" }

    /// Makes the state folder ignore itself: the stages' output is kept there also where the ledger is elsewhere.
    func keepStateOutOfGit() {
        let file = "\(stateFolder)/.gitignore"
        guard unsafe Glibc.access(file, F_OK) != 0 else { return }
        // A folder that cannot be written fails nothing here: the next look at the work tree names it.
        try? PrivateFile.write("*\n".utf8, to: file)
    }

    /// A file's bytes at a source; nil when there is none.
    public func content(_ path: String, at source: Source) async throws(Refusal) -> [UInt8]? {
        guard source.dirty == nil else { return try Self.read(path, in: root) }
        do throws(GitError) {
            return try await repository.content(at: try CommitID(source), path: path, limit: Self.largestFile)
        } catch {
            throw Refusal(.badInput, error.description)
        }
    }

    /// The names of the files directly in a folder at a source, sorted.
    func files(in folder: String, at source: Source) async throws(GitError) -> [String] {
        if source.dirty != nil { return DirectoryListing.files(in: "\(root)/\(folder)") }
        let prefix = folder == "." ? "" : folder + "/"
        let entries = try await repository.tree(at: try CommitID(source), path: folder == "." ? "" : folder)
        return entries.compactMap { entry in
            guard entry.path.hasPrefix(prefix) else { return nil }
            let name = entry.path.dropFirst(prefix.count)
            return name.contains("/") ? nil : String(name)
        }.sorted()
    }

    /// The migrations of a folder, in the order in which they apply.
    func migrations(in folder: String, at source: Source) async throws(StageFailure) -> [Migration] {
        var migrations: [Migration] = []
        do {
            for name in try await files(in: folder, at: source) where name.hasSuffix(".sql") {
                guard let content = try await content("\(folder)/\(name)", at: source) else { continue }
                migrations.append(try Migration(parsing: content, path: "\(folder)/\(name)"))
            }
        } catch let error as Migration.Malformed {
            throw StageFailure("migration-malformed", "\(error.location): \(error.message).")
        } catch {
            throw StageFailure("git-failed", "\(error)")
        }
        migrations.sort { Migration.precedes($0.version, $1.version) }
        for (earlier, later) in zip(migrations, migrations.dropFirst()) where earlier.version == later.version {
            throw StageFailure(
                "migration-malformed", "\(earlier.file) and \(later.file) have the same version \(later.version).",
                remedy: "Rename the newer one with a version of its own.")
        }
        return migrations
    }
}

extension CommitID {
    init(_ source: Source) throws(GitError) {
        try self.init(source.commit)
    }
}
