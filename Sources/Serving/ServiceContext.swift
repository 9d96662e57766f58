public import Hummingbird
public import Logging

/// What goes with a request through a service.
public struct ServiceContext: RequestContext {
    /// What Hummingbird keeps for a request.
    public var coreContext: CoreRequestContextStorage
    /// What tells the request from all others; sent on to whoever is asked because of it.
    public var requestID = ""
    /// Writes the request's id with every message.
    public var logger: Logger

    /// Begins with what Hummingbird knows of the request.
    public init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        logger = source.logger
    }
}
