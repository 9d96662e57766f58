import FolderWatch
import Git
import Glibc

/// The files of the work tree that the images of some services are built from.
///
/// What git or `.dockerignore` leaves out does not count; a context outside of the repository is not followed.
struct BuildSources: Sendable {
    /// A state of the files, by absolute path.
    typealias Files = [String: FileMark]

    private struct Source {
        var context: String
        var ignore: DockerIgnore
        /// What docker reads whatever `.dockerignore` says.
        var always: Set<String>
    }

    private let repository: Repository
    private let watch: FolderWatch
    private let root: String
    private let sources: [String: [Source]]
    /// Services of which something lies elsewhere.
    let strays: [String]

    init(_ builds: [String: LocalServices.Build], in workspace: Workspace, _ watch: FolderWatch) throws(Refusal) {
        do throws(GitError) { repository = try workspace.repository } catch { throw Refusal(.failed, error.description) }
        self.watch = watch
        root = workspace.root
        var (sources, strays) = ([String: [Source]](), [String]())
        for (service, build) in builds {
            let dockerfile = build.dockerfile ?? "Dockerfile"
            let file = dockerfile.hasPrefix("/") ? dockerfile : "\(build.context)/\(dockerfile)"
            let named = try Self.rules("\(file).dockerignore")
            let shared = try Self.rules("\(build.context)/.dockerignore")
            var found = [
                Source(
                    context: build.context, ignore: named ?? shared ?? DockerIgnore(""),
                    always: [file, "\(file).dockerignore", "\(build.context)/.dockerignore"])
            ]
            // One that names another service's image, or an address, is no folder.
            for context in (build.additional_contexts ?? [:]).values where context.hasPrefix("/") {
                found.append(Source(context: context, ignore: DockerIgnore(""), always: []))
            }
            sources[service] = found.filter { Self.lies($0.context, in: workspace.root) }
            if sources[service]?.count != found.count { strays.append(service) }
        }
        (self.sources, self.strays) = (sources, strays.sorted())
    }

    /// The files as they are now; every folder among them is watched from before it was read.
    func files() async throws(Refusal) -> Files {
        var files: Files = [:]
        var open = Array(Set(sources.values.joined().map(\.context)))
        var seen: Set<String> = []
        while let folder = open.popLast() {
            guard seen.insert(folder).inserted else { continue }
            do throws(FolderWatchError) { try watch.add(folder) } catch {
                throw Refusal(.failed, error.description, remedy: error.remedy)
            }
            let found = DirectoryListing.files(in: folder).filter { $0 != ".git" }.compactMap { name in
                FileMark("\(folder)/\(name)").map { (path: "\(folder)/\(name)", mark: $0) }
            }
            let ignored = try await self.ignored(found.map { $0.mark.isFolder ? $0.path + "/" : $0.path })
            for (path, mark) in found {
                if mark.isFolder {
                    if !ignored.contains(path + "/") { open.append(path) }
                } else if !ignored.contains(path) {
                    files[path] = mark
                }
            }
        }
        // A Dockerfile may lie beside its context.
        for path in sources.values.joined().flatMap(\.always) where files[path] == nil { files[path] = FileMark(path) }
        return files
    }

    /// The services that are built from what differs, and those files.
    func changes(from old: Files, to new: Files) -> [String: [String]] {
        let differing = Set(old.keys).union(new.keys).filter { old[$0] != new[$0] }
        return sources.compactMapValues { sources in
            let mine = differing.filter { path in sources.contains { Self.has(path, $0) } }.sorted()
            return mine.isEmpty ? nil : mine.map { Self.lies($0, in: root) ? String($0.dropFirst(root.count + 1)) : $0 }
        }
    }

    private func ignored(_ paths: [String]) async throws(Refusal) -> Set<String> {
        do throws(GitError) {
            let relative = try await repository.ignored(among: paths.map { String($0.dropFirst(root.count + 1)) })
            return Set(relative.map { "\(root)/\($0)" })
        } catch {
            throw Refusal(.failed, error.description)
        }
    }

    private static func has(_ path: String, _ source: Source) -> Bool {
        source.always.contains(path)
            || lies(path, in: source.context) && !source.ignore.leavesOut(String(path.dropFirst(source.context.count + 1)))
    }

    private static func lies(_ path: String, in folder: String) -> Bool { path == folder || path.hasPrefix(folder + "/") }

    private static func rules(_ path: String) throws(Refusal) -> DockerIgnore? {
        try Workspace.read(path, in: "/").map { DockerIgnore(String(decoding: $0, as: UTF8.self)) }
    }
}

/// What tells a file from what it was before.
struct FileMark: Hashable, Sendable {
    private let node: UInt64
    private let size: Int64
    private let mode: UInt32
    private let seconds: Int
    private let nanoseconds: Int

    /// Nil when nothing is there.
    init?(_ path: String) {
        var status = stat()
        guard unsafe lstat(path, &status) == 0 else { return nil }
        node = UInt64(status.st_ino)
        size = Int64(status.st_size)
        mode = status.st_mode
        (seconds, nanoseconds) = (status.st_mtim.tv_sec, status.st_mtim.tv_nsec)
    }

    var isFolder: Bool { mode & S_IFMT == S_IFDIR }
}
