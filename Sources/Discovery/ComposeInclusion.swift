import Pipeline

/// The files that compose files take in by `include`, and that these take in themselves (the compose specification, "include").
public enum ComposeInclusion {
    /// One item of `include`.
    private struct Item {
        /// What is taken in, and the variables for it.
        let (files, variables): ([String], [String])
        /// What paths in these files are relative to.
        let folder: String

        init(_ node: YAMLNode, in folder: String) {
            func paths(_ node: YAMLNode?) -> [String] {
                (node.map { $0.text.map { [$0] } ?? $0.items.compactMap(\.text) } ?? []).compactMap { text in
                    let path = Compose.filled(text)
                    // What lies elsewhere, or comes from a server, is not the repository's.
                    return path.hasPrefix("/") || path.contains(":") ? nil : Path.join(folder, path)
                }
            }
            files = paths(node.text == nil ? node["path"] : node)
            let place = paths(node["project_directory"]).first ?? files.first.map(Path.folder)
            self.folder = place ?? folder
            variables = node["env_file"].map(paths) ?? [place.flatMap { Path.join($0, ".env") }].compactMap { $0 }
        }
    }

    /// All files that count beside some compose files: what they include, and the variables for it.
    ///
    /// What lies outside of the repository is left out.
    /// - Parameters:
    ///   - files: compose files, as all paths relative to the repository's root.
    ///   - read: the text of a file; nil where there is none.
    public static func files(includedBy files: [String], read: (String) -> String?) -> [String] {
        var found: [String] = []
        var open = files.map { (path: $0, folder: Path.folder(of: $0)) }
        var seen = Set(files)
        while let (path, folder) = open.popLast() {
            guard let text = read(path), let root = YAMLDocument.value(of: text) else { continue }
            for item in (root["include"]?.items ?? []).map({ Item($0, in: folder) }) {
                found += item.variables
                for file in item.files where seen.insert(file).inserted {
                    found.append(file)
                    open.append((file, item.folder))
                }
            }
        }
        return Set(found).sorted()
    }
}
