/// A repository's files as discovery sees them: paths, and the text of those it asks for.
///
/// Paths are relative to the root. The folder of all is `.`.
public struct FileTree: Sendable {
    /// The files, sorted.
    public let paths: [String]
    private let folders: Set<String>
    private let files: Set<String>
    private let read: @Sendable (String) -> String?

    /// A tree whose texts are read when they are asked for.
    /// - Parameters:
    ///   - paths: every file that git does not ignore.
    ///   - read: a file's text; nil for one that is no text, too long or gone.
    public init(paths: [String], read: @escaping @Sendable (String) -> String?) {
        self.paths = paths.sorted()
        self.read = read
        files = Set(paths)
        var folders: Set<String> = ["."]
        for path in paths {
            var folder = Path.folder(of: path)
            while folders.insert(folder).inserted { folder = Path.folder(of: folder) }
        }
        self.folders = folders
    }

    /// A tree that is wholly known.
    public init(_ files: [String: String]) {
        self.init(paths: Array(files.keys)) { files[$0] }
    }

    /// The same without some files.
    func without(_ paths: Set<String>) -> FileTree {
        FileTree(paths: self.paths.filter { !paths.contains($0) }, read: read)
    }

    /// A file's text; nil for one that is no text, too long or not there.
    func text(_ path: String) -> String? { files.contains(path) ? read(path) : nil }

    /// Whether a file or folder is there.
    func contains(_ path: String) -> Bool { files.contains(path) || folders.contains(path) }

    /// The files in a folder and below it.
    func files(under folder: String) -> [String] {
        folder == "." ? paths : paths.filter { $0.hasPrefix(folder + "/") }
    }
}

/// Paths relative to a repository's root.
enum Path {
    /// The folder that something lies in.
    static func folder(of path: String) -> String {
        path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
    }

    /// The last part.
    static func name(of path: String) -> String {
        path.lastIndex(of: "/").map { String(path[path.index(after: $0)...]) } ?? path
    }

    /// The parts, none for the root.
    static func parts(of path: String) -> [String] {
        path == "." ? [] : path.split(separator: "/").map(String.init)
    }

    /// A path as it is written in a file that lies in `folder`; nil when it leaves the repository.
    static func join(_ folder: String, _ path: String) -> String? {
        var parts = path.hasPrefix("/") ? [] : Self.parts(of: folder)
        for part in path.split(separator: "/") where part != "." {
            if part != ".." {
                parts.append(String(part))
            } else if parts.popLast() == nil {
                return nil
            }
        }
        return parts.isEmpty ? "." : parts.joined(separator: "/")
    }
}
