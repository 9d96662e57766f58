import Pipeline

/// Finds the Helm chart that deploys a repository's services.
struct ChartSearch {
    /// A chart.
    struct Chart {
        var folder: String
        var name: String
        /// Files of values for an environment, by its name.
        var values: [String: String]
        /// Whether its templates take images as shipit hands them over.
        var takesImages: Bool
    }

    private(set) var chart: Chart?
    /// Further charts, by folder.
    private(set) var others: [String] = []

    init(_ tree: FileTree) {
        let files = tree.paths.filter { Path.name(of: $0) == "Chart.yaml" && !DockerfileSearch.isForeign($0) }
        let folders = files.map(Path.folder(of:)).sorted { (Path.parts(of: $0).count, $0) < (Path.parts(of: $1).count, $1) }
        for folder in folders {
            // A chart inside another one is a dependency of it.
            guard folder != ".", !folders.contains(where: { folder.hasPrefix($0 + "/") }),
                let root = tree.text("\(folder)/Chart.yaml").flatMap(YAMLDocument.value), root["type"]?.text != "library"
            else { continue }
            guard chart == nil else {
                others.append(folder)
                continue
            }
            let templates = tree.files(under: "\(folder)/templates")
            var values: [String: String] = [:]
            for environment in ["staging", "production"] {
                values[environment] = Self.values(for: environment, of: folder, in: tree)
            }
            chart = Chart(
                folder: folder, name: root["name"]?.text ?? Path.name(of: folder), values: values,
                takesImages: templates.contains { tree.text($0)?.contains(".Values.images") ?? false })
        }
    }

    private static func values(for environment: String, of folder: String, in tree: FileTree) -> String? {
        let short = environment == "production" ? ["production", "prod"] : [environment, "stage"]
        let places = [
            folder, Path.folder(of: folder), "\(folder)/environments", "\(folder)/values", "\(folder)/env", "\(folder)/envs",
        ]
        for place in places {
            for word in short {
                for name in ["values-\(word)", "values.\(word)", "values_\(word)", "\(word)-values", "\(word).values", word] {
                    for ending in ["yaml", "yml"] {
                        guard let path = Path.join(place, "\(name).\(ending)"), tree.text(path) != nil else { continue }
                        return path
                    }
                }
            }
        }
        return nil
    }
}
