import Foundation
import Hashing

/// Where a registry keeps what it was given: "storage/paths.go" of distribution 2.8.
///
/// A tag keeps every digest it ever pointed to (`_manifests/tags/TAG/index/sha256/DIGEST`). What is small, a link or a manifest, is written
/// in place ("storage/driver/filesystem/driver.go", `PutContent`): a kill in that moment leaves a file that is empty or cut, and HTTP 500 is
/// then the answer, for a link until somebody puts the same again, for a manifest for ever.
struct RegistryStorage {
    /// `docker/registry/v2` of its root directory.
    let folder: String

    /// Every digest the tag ever pointed to.
    func digests(of repository: String, _ tag: String) -> [String] {
        (try? FileManager.default.contentsOfDirectory(atPath: "\(self.tag(repository, tag))/index/sha256")) ?? []
    }

    /// The digest the tag points to.
    func digest(of repository: String, _ tag: String) -> String? {
        try? String(contentsOfFile: "\(self.tag(repository, tag))/current/link", encoding: .utf8).replacing("sha256:", with: "")
    }

    private func tag(_ repository: String, _ tag: String) -> String {
        "\(folder)/repositories/\(repository)/_manifests/tags/\(tag)"
    }

    /// Makes what a kill has torn what a registry leaves that renames whole files into their place: all of it, or nothing.
    ///
    /// - Returns: how many files were torn.
    func mend() throws -> Int {
        try mendManifests() + mendLinks()
    }

    /// A manifest that was cut is not there yet.
    ///
    /// Layers come here by a rename; what is too long for a manifest is one, and passed over.
    private func mendManifests() throws -> Int {
        try files("blobs/sha256", named: "data").count { file in
            let size = try FileManager.default.attributesOfItem(atPath: file)[.size] as? Int ?? 0
            guard size < 1 << 16 else { return false }
            let sum = (file as NSString).deletingLastPathComponent
            guard SHA256Sum(of: try Data(contentsOf: URL(filePath: file))).hex != (sum as NSString).lastPathComponent else {
                return false
            }
            try FileManager.default.removeItem(atPath: sum)
            return true
        }
    }

    /// A link's text follows from its place; a tag's current one from its index, which is written before it.
    private func mendLinks() throws -> Int {
        try files("repositories", named: "link").count { file in
            guard try Data(contentsOf: URL(filePath: file)).isEmpty else { return false }
            let place = (file as NSString).deletingLastPathComponent
            var target = place
            if (place as NSString).lastPathComponent == "current" {
                let index = "\((place as NSString).deletingLastPathComponent)/index/sha256"
                let entries = try FileManager.default.contentsOfDirectory(atPath: index).map { "\(index)/\($0)" }
                guard let newest = try entries.max(by: { try Self.changed("\($0)/link") < Self.changed("\($1)/link") }) else {
                    return false
                }
                target = newest
            }
            try "sha256:\((target as NSString).lastPathComponent)".write(toFile: file, atomically: true, encoding: .utf8)
            return true
        }
    }

    private static func changed(_ file: String) throws -> Date {
        try FileManager.default.attributesOfItem(atPath: file)[.modificationDate] as? Date ?? .distantPast
    }

    private func files(_ part: String, named name: String) -> [String] {
        let root = "\(folder)/\(part)"
        let paths = FileManager.default.enumerator(atPath: root)?.compactMap { $0 as? String } ?? []
        return paths.filter { ($0 as NSString).lastPathComponent == name }.map { "\(root)/\($0)" }
    }
}
