import HTTPTypes
import Hummingbird
public import Logging
public import ServiceLifecycle
public import Serving

/// The page that shows what runs where, and the way from it to the API.
public struct Dashboard: Sendable {
    private struct Status: Encodable {
        let status: String
    }

    /// Everything comes from this very service; nothing is inline, nothing is framed, nothing is sent anywhere.
    private static let contentPolicy = """
        default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'
        """

    private let files: StaticFiles
    private let upstream: Upstream
    private let proxies: Proxies

    /// The page in `folder`, in front of the API at `api`, which has `deadline` to answer.
    ///
    /// With `isEdited` the folder is read again for each request; `proxies` are believed about whom they ask for.
    public init(
        folder: String, api: String, deadline: Duration = .seconds(5), isEdited: Bool = false, proxies: Proxies = Proxies()
    ) throws(SettingsError) {
        self.proxies = proxies
        files = try StaticFiles(folder: folder, isEdited: isEdited)
        upstream = try Upstream(api, limits: .init(deadline: deadline))
    }

    /// Reads `API_URL`, by default the API of the same compose file, `WEB_PUBLIC`, by default the page in the work tree,
    /// `WEB_EDIT`, which is `yes` while somebody works on the page, and `WEB_PROXIES`.
    public init(environment: [String: String]) throws(SettingsError) {
        func value(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
        try self.init(
            folder: value("WEB_PUBLIC") ?? "Sources/apps/web/Public", api: value("API_URL") ?? "http://api:3001",
            isEdited: value("WEB_EDIT") == "yes", proxies: try Proxies(value("WEB_PROXIES") ?? "", of: "WEB_PROXIES"))
    }

    /// What may be done at a path; what the API takes where, it says itself.
    private static func methods(at path: String) -> [HTTPRequest.Method] {
        if path == "/session" { return [.post, .delete] }
        return path.hasPrefix("/api/") ? [.get, .head, .post, .delete] : [.get, .head]
    }

    /// The server, as a service to run.
    ///
    /// - Parameters:
    ///   - settings: where it listens.
    ///   - logger: where it logs.
    ///   - onListening: told the port once connections are accepted.
    public func server(
        _ settings: ServerSettings, logger: Logger, onListening: @escaping @Sendable (Int) -> Void = { _ in }
    ) -> any Service {
        let router = makeRouter(contentPolicy: Self.contentPolicy, methods: Self.methods(at:), proxies: proxies)
        router.get("health") { _, _ in JSON.response(Status(status: "alive")) }
        files.add(to: router)
        Session(upstream: upstream).add(to: router)
        APIProxy(upstream: upstream).add(to: router)
        return makeServer(router, settings: settings, logger: logger, onListening: onListening)
    }
}
