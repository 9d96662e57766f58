public import Logging
public import ServiceLifecycle

/// A service that runs in this process, on a port of its own.
public struct RunningService: Sendable {
    /// Where it listens, on 127.0.0.1.
    public let port: Int
    private let group: ServiceGroup

    /// A logger that says nothing.
    public static let silent = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    /// Runs what `make` makes while `body` runs, and stops it then as SIGTERM would.
    ///
    /// `make` gets what the service has to call with its port.
    public static func with(
        _ make: (@escaping @Sendable (Int) -> Void) throws -> any Service, _ body: (RunningService) async throws -> Void
    ) async throws {
        let (ports, continuation) = AsyncStream.makeStream(of: Int.self)
        let group = ServiceGroup(services: [try make { continuation.yield($0) }], logger: silent)
        let running = Task {
            defer { continuation.finish() }
            try await group.run()
        }
        var outcome: Result<Void, any Error> = .success(())
        if let port = await ports.first(where: { _ in true }) {
            do { try await body(RunningService(port: port, group: group)) } catch { outcome = .failure(error) }
            await group.triggerGracefulShutdown()
        }
        try await running.value
        try outcome.get()
    }

    /// The address of `path`.
    public func url(_ path: String) -> String { "http://127.0.0.1:\(port)\(path)" }

    /// Tells the service to stop and does not wait for it.
    public func stop() async { await group.triggerGracefulShutdown() }
}
