import ArgumentParser
import Conductor
import Glibc
import Pipeline
import Records
import Stores

/// What the shells' completion scripts ask for while somebody types.
extension CompletionKind {
    static let environments = of { $0.environments() }
    static let services = of { $0.services() }
    static let pipelines = of { $0.pipelines() }
    static let stages = of { await $0.stages() }
    static let releases = of { await $0.releases() }
    /// What has a page.
    static let pages = of { await $0.runs(.all) + $0.environments() }
    static let yaml = CompletionKind.file(extensions: ["yml", "yaml"])

    static func runs(_ wanted: Completer.Runs) -> CompletionKind { of { await $0.runs(wanted) } }

    /// Words that are the same everywhere.
    static func words(_ candidates: @autoclosure @escaping @Sendable () -> [Completer.Candidate]) -> CompletionKind {
        .custom { (_: [String], _: Int, _: String) in candidates().map(Self.line) }
    }

    private static func of(_ find: @escaping @Sendable (Completer) async -> [Completer.Candidate]) -> CompletionKind {
        .custom { (words: [String], index: Int, _: String) async -> [String] in
            guard let completer = Wiring.completer(words, at: index) else { return [] }
            return await completer.patiently(find).map(Self.line)
        }
    }

    /// A candidate as the shell that asks takes it; bash has no room for what it is.
    private static func line(_ candidate: Completer.Candidate) -> String {
        let about = candidate.about.split { $0.isNewline || $0 == "\t" }.joined(separator: " ")
        guard !about.isEmpty else { return candidate.word }
        return switch CompletionShell.requesting {
        case .some(.zsh): "\(candidate.word):\(about)"
        case .some(.fish): "\(candidate.word)\t\(about)"
        default: candidate.word
        }
    }
}

extension Wiring {
    /// What completes a word in the repository that the command line names; nil outside of one.
    static func completer(_ words: [String], at index: Int) -> Completer? {
        let option = words.indices.last { ["-C", "--directory"].contains(words[$0]) && $0 + 1 < words.count && $0 + 1 != index }
        let directory = option.map { words[$0 + 1] } ?? "."
        guard let workspace = try? Workspace(around: directory) else { return nil }
        return Completer(workspace, words: words, at: index) {
            let world = World.real()
            guard let location = try? location(of: workspace, in: world) else { return nil }
            // A ledger is not made by asking for it.
            if case .file(let path) = location, unsafe access(path, F_OK) != 0 { return nil }
            return (try? await Stores.open(location, variables: world.variables)).map { Ledger($0) }
        }
    }
}
