import Foundation
import Processes
import Synchronization

/// The engine's own word on what happened to containers, `docker events`, taken down while it happens: it remembers only the last 256.
public final class EngineEvents: Sendable {
    private let text = Mutex("")

    private init() {}

    /// Takes events down while `body` runs.
    ///
    /// - Parameters:
    ///   - filters: which, as `docker events --filter` takes them.
    ///   - format: the line each event becomes, a Go template.
    public static func with(_ filters: [String], format: String, _ body: (EngineEvents) async throws -> Void) async throws {
        let events = EngineEvents()
        // From a moment that has passed, so that nothing is missed while it starts.
        let arguments = ["events", "--since", "\(Int(Date().timeIntervalSince1970))", "--format", format]
        let command = Command(
            "docker", arguments + filters.flatMap { ["--filter", $0] }, environment: Command.inheritedEnvironment,
            grace: .seconds(2))
        let watching = Task {
            _ = try await Processes.run(command) { stream, piece in
                guard stream == .standardOutput else { return }
                events.text.withLock { $0 += String(decoding: piece, as: UTF8.self) }
            }
        }
        let result: Result<Void, any Error>
        do { result = .success(try await body(events)) } catch { result = .failure(error) }
        watching.cancel()
        _ = await watching.result
        try result.get()
    }

    /// The lines so far, in their order.
    public var lines: [Substring] { text.withLock { $0 }.split(separator: "\n") }
}
