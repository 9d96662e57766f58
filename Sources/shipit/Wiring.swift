import Conductor
import Dispatch
import Git
import Glibc
import Journal
import Pipeline
import Stores

/// Where a command's session comes from: the one place that names real things.
enum Wiring {
    /// Opens the repository and the ledger.
    static func session(_ options: CommonOptions, progress: @escaping @Sendable (Progress) -> Void = { _ in }) async throws -> Session {
        let world = World.real()
        let workspace: Workspace
        do throws(GitError) {
            workspace = try Workspace(around: options.directory)
        } catch {
            throw Refusal(.badInput, error.description)
        }
        do throws(StoreError) {
            let location = try StateLocation(parsing: world.variables["SHIPIT_STATE"] ?? "\(workspace.stateFolder)/state.db")
            let store = try await Stores.open(location)
            let session = Session(workspace: workspace, store: store, world: world, isLedgerShared: location.isShared, progress: progress)
            Door.shared.keepOut(session.vault)
            return session
        } catch {
            throw Refusal(.failed, error.message)
        }
    }

    /// A session whose progress is shown as it comes.
    static func drivingSession(_ options: CommonOptions) async throws -> Session {
        try await session(options) { Door.shared.show($0) }
    }

    /// The signals that ask us to stop. The first of each asks; the second ends everything at once.
    static func interrupts(of session: Session) -> AsyncStream<String> {
        AsyncStream { continuation in
            let queue = DispatchQueue(label: "shipit.signals")
            let count = Count()
            let sources = [(SIGINT, "SIGINT"), (SIGTERM, "SIGTERM"), (SIGHUP, "SIGHUP")].map { number, name in
                signal(number, SIG_IGN)
                let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
                source.setEventHandler {
                    if count.next() > 1 {
                        session.children.kill()
                        _exit(ExitStatus.cancelled.rawValue)
                    }
                    Door.shared.note("stopping: what is under way is ended in order; once more ends it at once")
                    continuation.yield(name)
                }
                source.resume()
                return source
            }
            continuation.onTermination = { _ in for source in sources { source.cancel() } }
        }
    }

    /// Counts signals; used on one queue only, which is why it needs no lock.
    private final class Count: @unchecked Sendable {
        private var value = 0

        func next() -> Int {
            value += 1
            return value
        }
    }
}

extension Shipit {
    /// Ends the process.
    static func leave(_ code: ExitStatus) -> Never {
        Glibc.exit(code.rawValue)
    }
}
