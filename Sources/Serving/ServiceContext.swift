public import Hummingbird
public import Logging
import NIOCore

/// What goes with a request through a service.
public struct ServiceContext: RequestContext {
    /// What Hummingbird keeps for a request.
    public var coreContext: CoreRequestContextStorage
    /// What tells the request from all others; sent on to whoever is asked because of it.
    public var requestID = ""
    /// The trace that the request belongs to; sent on likewise.
    public var trace = TraceContext(accepting: nil)
    /// Writes the request's id with every message.
    public var logger: Logger
    private let channel: any Channel

    /// Begins with what Hummingbird knows of the request.
    public init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        logger = source.logger
        channel = source.channel
    }

    /// The address of whoever is at the other end of the connection: the caller, or a proxy of theirs.
    var peer: String { channel.remoteAddress?.ipAddress ?? "unknown" }
    /// Who asks, and through whom, as `Proxies` tells it; sent on likewise.
    public internal(set) var callers: [String] = []
    /// The address that the request comes from, as far as proxies that are believed tell.
    public var address: String { callers.first ?? peer }

    /// Does `work` on the loop of the connection, where writing to it changes no thread, whoever it is that wakes the work.
    public func onLoop(_ work: @concurrent () async throws -> Void) async throws {
        try await withTaskExecutorPreference(LoopExecutor(channel.eventLoop), operation: work)
    }

    /// Ends the connection without waiting for what may still come.
    func hangUp() {
        channel.close(promise: nil)
    }
}
