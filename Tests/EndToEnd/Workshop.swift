import Foundation
import Processes
import Shops

/// A project that needs nothing but a shell: pipelines of `run` stages, for what is not about Docker.
final class Workshop: Checkout {
    let folder: String
    let variables = plainVariables

    /// Makes a workshop whose pipeline `work` has these stages, hands it to `body`, and removes it again.
    ///
    /// - Parameter stages: the YAML below `stages:`, its first line not indented.
    static func with(_ stages: String, _ body: (Workshop) async throws -> Void) async throws {
        let workshop = try Workshop(stages)
        defer { try? FileManager.default.removeItem(atPath: workshop.folder) }
        try await workshop.git("init", "--quiet", "--initial-branch=main")
        try await workshop.commit("one")
        try await body(workshop)
    }

    private init(_ stages: String) throws {
        folder = NSTemporaryDirectory() + "shipit-e2e-" + String(UInt64.random(in: .min ... .max), radix: 36)
        try FileManager.default.createDirectory(atPath: "\(folder)/pipelines", withIntermediateDirectories: true)
        try edit("pipelines/project.yml") { _ in
            """
            name: workshop
            registry: localhost:1/workshop
            pipeline: work
            services: {}
            environments: \(stages.contains("approve: production") ? Self.production : "{}")

            """
        }
        try edit("compose.yaml") { _ in "services: {}\n" }
        try edit("pipelines/work.yml") { _ in
            "stages:\n" + stages.split(separator: "\n").map { "  \($0)\n" }.joined()
        }
    }

    /// An environment that nothing is deployed to: what there is to approve is an empty file.
    private static let production =
        "{production: {target: {compose: {file: compose.yaml, project: nothing}}, approval: required}}"

    /// Waits until so many shipits have the ledger open, and a little more: that one of them has looked at its run nothing tells.
    func awaitShipits(_ count: Int) async throws {
        let script = "find /proc/[0-9]*/fd -lname \"$1\" 2> /dev/null | cut -d/ -f3 | sort -u | wc -l"
        for _ in 0..<3000 {
            let found = try await World.run("sh", ["-c", script, "sh", "\(folder)/.shipit/state.db"])
            try await Task.sleep(for: found == "\(count)\n" ? .seconds(2) : .milliseconds(100))
            if found == "\(count)\n" { return }
        }
        throw World.BadEnd(text: "there were never \(count) shipits at \(folder)")
    }

    /// The text of a file that a stage has written beside the work tree's own files; empty when there is none.
    func kept(_ file: String) -> String {
        (try? String(contentsOfFile: "\(folder)/.git/\(file)", encoding: .utf8)) ?? ""
    }
}
