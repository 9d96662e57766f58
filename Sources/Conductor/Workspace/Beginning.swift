public import Discovery
import Git
import SystemPackage

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The beginning of a project in somebody's repository: what would be written there, and writing it.
public struct Beginning: Sendable {
    /// What became of a file.
    public enum Fate: String, Sendable, Encodable {
        /// It is there as it would be.
        case unchanged
        /// It is there, and is another: it is left as it is.
        case inTheWay = "in-the-way"
        /// It was written.
        case written
        /// It would be written.
        case proposed
    }

    /// What would be written.
    public let proposal: Proposal
    private let root: String
    private static let longestFile = 1 << 20

    /// Looks at the repository that `path` is in.
    public init(around path: String) async throws(Refusal) {
        do {
            let workspace = try Workspace(around: path)
            let root = workspace.root
            let repository = try workspace.repository
            let branch = try await Self.releaseBranch(in: repository)
            let facts = RepositoryFacts(
                folder: FilePath(root).lastComponent?.string ?? "app", origin: try await repository.remoteURL(named: "origin"),
                branch: branch?.name, branchReason: branch?.reason ?? "")
            let tree = FileTree(paths: try await repository.files()) { path in Self.text(of: path, in: root) }
            proposal = try Proposal(for: tree, facts)
            self.root = root
        } catch let nothing as NothingFound {
            let seen = nothing.leftOut.isEmpty ? "" : " What was left out: \(nothing.leftOut.joined(separator: "; "))."
            throw Refusal(
                .badInput, "There is no Dockerfile here that makes a service.\(seen)",
                remedy:
                    "Write a Dockerfile for what you ship, at the root or in a folder of its own, and run 'shipit init' again.")
        } catch {
            throw Refusal(.badInput, "\(error)")
        }
    }

    /// The files with their fates, nothing written.
    public var files: [(file: Proposal.File, fate: Fate)] {
        proposal.files.map { file in
            let known = try? FileContent.read("\(root)/\(file.path)", limit: Self.longestFile)
            guard let known else { return (file, isThere(file.path) ? .inTheWay : .proposed) }
            return (file, known == Array(file.content.utf8) ? .unchanged : .inTheWay)
        }
    }

    /// Writes what is not there; nothing at all when something else stands in the way, since the files belong together.
    public func write() throws(Refusal) -> [(file: Proposal.File, fate: Fate)] {
        var files = self.files
        guard !files.contains(where: { $0.fate == .inTheWay }) else { return files }
        for index in files.indices where files[index].fate == .proposed {
            let path = "\(root)/\(files[index].file.path)"
            do {
                try FileManager.default.createDirectory(
                    atPath: FilePath(path).removingLastComponent().string, withIntermediateDirectories: true)
                // Whoever was faster is not written over.
                let descriptor = try FileDescriptor.open(
                    FilePath(path), .writeOnly, options: [.create, .exclusiveCreate, .closeOnExec],
                    permissions: [.ownerReadWrite, .groupRead, .otherRead])
                try descriptor.closeAfter { _ = try descriptor.writeAll(files[index].file.content.utf8) }
            } catch {
                throw Refusal(
                    .failed, "\(files[index].file.path) could not be written: \(error).",
                    remedy: "Make room, or correct who may write there.")
            }
            files[index].fate = .written
        }
        return files
    }

    /// Of a link too, wherever it leads.
    private func isThere(_ path: String) -> Bool {
        (try? FileManager.default.attributesOfItem(atPath: "\(root)/\(path)")) != nil
    }

    private static func text(of path: String, in root: String) -> String? {
        // A link could lead out of the repository, and a device would never end.
        guard let kind = try? FileManager.default.attributesOfItem(atPath: "\(root)/\(path)")[.type] as? FileAttributeType,
            kind == .typeRegular, let bytes = try? FileContent.read("\(root)/\(path)", limit: longestFile), !bytes.contains(0)
        else { return nil }
        return String(validating: bytes, as: UTF8.self)
    }

    /// Where releases come from: what the remote says, else a branch of the usual name, else the one that is checked out.
    private static func releaseBranch(in repository: Repository) async throws(GitError) -> (name: String, reason: String)? {
        if let name = try await repository.branch(of: "refs/remotes/origin/HEAD") {
            return (name, "the default branch of origin")
        }
        for name in ["main", "master", "trunk"] {
            for place in ["refs/heads", "refs/remotes/origin"] where (try? await repository.resolve("\(place)/\(name)")) != nil {
                return (name, "there is such a branch")
            }
        }
        return try await repository.branch(of: "HEAD").map { ($0, "it is checked out") }
    }
}
