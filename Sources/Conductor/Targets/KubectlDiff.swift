/// Reads what `kubectl diff` prints: GNU diff's unified format, a file for each object.
///
/// What the cluster and helm keep for themselves is left out: the generation, and whose release the object is.
enum KubectlDiff {
    /// The objects in the order in which they are printed.
    static func objects(in text: String) -> [TargetDifference.Object] {
        var objects: [TargetDifference.Object] = []
        var hunks: [[Substring]] = []
        var (name, isNew) = ("", false)
        func close() {
            let kept = hunks.map(withoutBookkeeping).filter { $0.contains { $0.first == "+" || $0.first == "-" } }
            if !kept.isEmpty {
                objects.append(
                    TargetDifference.Object(
                        name: name, fate: isNew ? .added : .changed, lines: Array(kept.joined(separator: ["…"])).map(String.init))
                )
            }
            hunks = []
        }
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("diff ") {
                close()
                name = Self.name(of: line)
            } else if line.hasPrefix("@@ ") {
                // Nothing was there: `@@ -0,0 +1,9 @@`.
                isNew = line.hasPrefix("@@ -0,0 ")
                hunks.append([])
            } else if !hunks.isEmpty, let first = line.first, " +-".contains(first) {
                hunks[hunks.count - 1].append(line)
            }
        }
        close()
        return objects
    }

    /// The object that a line `diff -u -N /…/LIVE-1/apps.v1.Deployment.shop.api /…` is about.
    ///
    /// Files are named `[GROUP.]VERSION.KIND.NAMESPACE.NAME` (kubectl's `pkg/cmd/diff`); group and name may have dots in them.
    private static func name(of line: Substring) -> String {
        let file = line.split(separator: " ").last?.split(separator: "/").last ?? ""
        let parts = file.split(separator: ".", omittingEmptySubsequences: false)
        guard let version = parts.firstIndex(where: { $0.wholeMatch(of: /v[0-9]+((alpha|beta)[0-9]+)?/) != nil }),
            parts.count > version + 3
        else { return String(file) }
        let group = parts[..<version].joined(separator: ".")
        return parts[version + 1].lowercased() + (group.isEmpty ? "" : ".\(group)") + "/"
            + parts[(version + 3)...].joined(separator: ".")
    }

    /// A hunk without the changes that nobody made.
    private static func withoutBookkeeping(_ hunk: [Substring]) -> [Substring] {
        let kept = hunk.filter { line in
            guard line.first != " " else { return true }
            let field = line.dropFirst().drop { $0 == " " }
            return !["generation: ", "meta.helm.sh/release-name: ", "meta.helm.sh/release-namespace: "].contains {
                field.hasPrefix($0)
            }
        }
        // A mapping that helm's annotations were the whole of goes with them.
        return kept.enumerated().filter { index, line in
            guard line == "-  annotations:", kept.count < hunk.count else { return true }
            return kept.indices.contains(index + 1) && kept[index + 1].hasPrefix("-    ")
        }.map(\.element)
    }
}
