import Journal
import Postgres

/// Rings the bell for what others append, told by `NOTIFY` on one session of its own.
///
/// Starts with the first caller who waits. It makes waiting quick and is not needed for being right: whoever waits also looks
/// now and then.
actor PostgresListener {
    private let url: DatabaseURL
    private let bell: Bell
    private var task: Task<Void, Never>?

    init(_ url: DatabaseURL, _ bell: Bell) {
        self.url = url
        self.bell = bell
    }

    deinit {
        task?.cancel()
    }

    /// Begins to listen unless it does already.
    func start() {
        guard task == nil else { return }
        task = Task { [url, bell] in
            while !Task.isCancelled {
                try? await Self.listen(url, bell)
                // The server is away or cut the session: no hurry, since those who wait look themselves meanwhile.
                try? await Task.sleep(for: .seconds(1))
            }
        }
    }

    /// Ends the session.
    func stop() async {
        task?.cancel()
        await task?.value
    }

    private static func listen(_ url: DatabaseURL, _ bell: Bell) async throws(PostgresError) {
        let connection = try await Connection(url, applicationName: "shipit", connectTimeout: .seconds(10))
        do throws(PostgresError) {
            try await connection.listen("shipit")
            // What came before the server knew of us.
            await bell.ringAll()
            while !Task.isCancelled {
                if try await connection.waitForNotification(timeout: .seconds(60)) { await bell.ringAll() }
            }
        } catch {
            await connection.close()
            throw error
        }
        await connection.close()
    }
}
