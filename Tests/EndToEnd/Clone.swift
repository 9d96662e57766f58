import Foundation
import Shops

/// Another clone of a repository, in which shipit finds the same, but for what is on a machine alone.
struct Clone: Checkout {
    let folder: String
    let variables: [String: String]

    /// Makes a clone, hands it to `body`, and removes it again.
    static func with(_ checkout: some Checkout, _ body: (Clone) async throws -> Void) async throws {
        let folder = checkout.folder + "-clone"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try await World.run("git", ["clone", "--quiet", checkout.folder, folder])
        try await body(Clone(folder: folder, variables: checkout.variables))
    }
}
