public import HTTPTypes
public import Hummingbird
public import Logging
import NIOCore
public import ServiceLifecycle

/// A router of our services; HEAD is answered wherever GET is.
///
/// - Parameters:
///   - contentPolicy: what browsers may do with the answers.
///   - methods: what may be done at a path; only reading unless said.
///   - metrics: where requests are counted.
///   - proxies: who is believed about whom they ask for; nobody unless said.
public func makeRouter(
    contentPolicy: String, methods: @escaping @Sendable (_ path: String) -> [HTTPRequest.Method] = { _ in [.get, .head] },
    metrics: Metrics? = nil, proxies: Proxies = Proxies()
) -> Router<ServiceContext> {
    let router = Router(context: ServiceContext.self, options: .autoGenerateHeadEndpoints)
    router.add(middleware: FrontDoor(contentPolicy: contentPolicy, methods: methods, metrics: metrics, proxies: proxies))
    return router
}

/// A server that answers by `router`, as a service to run.
///
/// - Parameters:
///   - router: what answers.
///   - settings: where it listens.
///   - logger: where the server logs.
///   - services: what is started before the server and stopped after it.
///   - onListening: told the port once connections are accepted.
public func makeServer(
    _ router: Router<ServiceContext>, settings: ServerSettings, logger: Logger, services: [any Service] = [],
    onListening: @escaping @Sendable (Int) -> Void = { _ in }
) -> any Service {
    let application = Application(
        router: router,
        // A client that stops in the middle of a request is let go, and one that takes no answer.
        server: .http1(
            configuration: .init(
                additionalChannelHandlers: [StallHandler(after: settings.patience)],
                idleTimeout: TimeAmount(settings.idle),
                httpDecoderConfiguration: .init(maxHeaderFieldSize: 8192, maxHeaderListSize: 16384, maxHeaderFieldCount: 64))),
        configuration: .init(address: .hostname(settings.host, port: settings.port)),
        services: services,
        onServerRunning: { channel in
            onListening(channel.localAddress?.port ?? settings.port)
        },
        logger: logger)
    return OnLoops(application: application)
}

/// Runs an application's tasks where its connections are.
private struct OnLoops<Responder: HTTPResponder>: Service
where Responder.Context: InitializableFromSource<ApplicationRequestContextSource> {
    let application: Application<Responder>

    func run() async throws {
        try await withTaskExecutorPreference(LoopExecutor(application.eventLoopGroup)) { try await application.run() }
    }
}
