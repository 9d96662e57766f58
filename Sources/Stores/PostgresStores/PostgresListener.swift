import Journal
import Postgres
import Storing

/// Rings the bell for what others append, told by `NOTIFY` on one session of its own.
///
/// Starts with the first caller who waits. It makes waiting quick and is not needed for being right: whoever waits also looks
/// now and then. Behind a pooler that lends sessions for one transaction only, nothing can be told, and whoever waits looks more often.
actor PostgresListener {
    private let url: DatabaseURL
    private let bell: Bell
    private var task: Task<Void, Never>?
    /// Whether nothing can be heard here: then there is no session either.
    private(set) var isDeaf = false

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
        task = Task { [url, bell, weak self] in
            while !Task.isCancelled {
                if let isHeard = try? await Self.listen(url, bell), !isHeard {
                    await self?.giveUp()
                    return
                }
                // The server is away or cut the session: no hurry, since those who wait look themselves meanwhile.
                try? await Task.sleep(for: .seconds(1))
            }
        }
    }

    private func giveUp() { isDeaf = true }

    /// Ends the session.
    func stop() async {
        task?.cancel()
        await task?.value
    }

    /// Listens until the task is cancelled; false when nothing can be heard here.
    private static func listen(_ url: DatabaseURL, _ bell: Bell) async throws(PostgresError) -> Bool {
        let connection = try await Connection(url, applicationName: "shipit", connectTimeout: .seconds(10))
        do throws(PostgresError) {
            guard try await connection.pooling() == .session else {
                await connection.close()
                return false
            }
            try await connection.listen(PostgresNews.channel)
            // What came before the server knew of us.
            await bell.ringAll()
            while !Task.isCancelled {
                for news in try await connection.notifications(within: .seconds(60)) {
                    if let journals = PostgresNews.journals(in: news) {
                        await bell.ring(for: journals)
                    } else {
                        await bell.ringAll()
                    }
                }
            }
        } catch {
            await connection.close()
            throw error
        }
        await connection.close()
        return true
    }
}
