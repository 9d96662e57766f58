import Conductor
import Dispatch
import Git
import Glibc
import Hashing
import Journal
import Pipeline
import Stores

/// Where a command's session comes from: the one place that names real things.
enum Wiring {
    /// Opens the repository and the ledger.
    static func session(_ options: CommonOptions, progress: @escaping @Sendable (Progress) -> Void = { _ in }) async throws
        -> Session
    {
        var world = World.real()
        let workspace = try workspace(options)
        let vault = Vault(for: workspace, in: world)
        Door.shared.keepOut(vault)
        do throws(StoreError) {
            let location = try location(of: workspace, in: world)
            let store = try await Stores.open(location, variables: world.variables) { vault.learn($0) }
            if let actor = store.actor { world.actor = actor }
            let session = Session(
                workspace: workspace, store: store, world: world, vault: vault, isLedgerShared: location.isShared,
                progress: progress)
            Door.shared.place(root: workspace.root)
            return session
        } catch {
            throw Refusal(.failed, error.message)
        }
    }

    /// The repository that a command is about.
    static func workspace(_ options: CommonOptions) throws(Refusal) -> Workspace {
        do throws(GitError) {
            return try Workspace(around: options.directory)
        } catch {
            throw Refusal(.badInput, error.description)
        }
    }

    static func location(of workspace: Workspace, in world: World) throws(StoreError) -> StateLocation {
        try StateLocation(parsing: world.variables["SHIPIT_STATE"] ?? "\(workspace.stateFolder)/state.db")
    }

    /// Another ledger than the session's.
    static func store(_ text: String, for session: Session) async throws(Refusal) -> (store: any Store, location: StateLocation) {
        do throws(StoreError) {
            let location = try StateLocation(parsing: text)
            let store = try await Stores.open(location, variables: session.world.variables) { session.vault.learn($0) }
            return (store, location)
        } catch {
            throw Refusal(error)
        }
    }

    /// Whether a word names a ledger or a file that one was exported to.
    static func form(of text: String) throws(Refusal) -> LedgerForm {
        do throws(StoreError) {
            return try LedgerForm(of: text)
        } catch {
            throw Refusal(error)
        }
    }

    /// Where the heads of the session's ledger are remembered unless the user says where: a file for each ledger.
    static func headsFile(of session: Session) throws(Refusal) -> String {
        do throws(StoreError) {
            let location = try location(of: session.workspace, in: session.world)
            return "\(session.workspace.stateFolder)/heads-\(SHA256Sum(of: location.description).hex.prefix(12)).json"
        } catch {
            throw Refusal(error)
        }
    }

    /// A session whose progress is shown as it comes.
    static func drivingSession(_ options: CommonOptions, _ showing: ShowingOptions) async throws -> Session {
        let session = try await session(options) { Door.shared.show($0) }
        try Door.shared.watch(plainly: showing.plain, session)
        return session
    }

    /// The signals that ask us to stop: the first asks, the second ends everything at once.
    static func interrupts(ending children: Children) -> AsyncStream<String> {
        AsyncStream { continuation in
            let signals = Signals { name, count in
                if count > 1 {
                    children.kill()
                    // A terminal that takes nothing must not keep us: then it is left as it is.
                    DispatchQueue.global().asyncAfter(deadline: .now() + .milliseconds(500)) {
                        _exit(ExitStatus.cancelled.rawValue)
                    }
                    Door.shared.endDisplay()
                    _exit(ExitStatus.cancelled.rawValue)
                }
                Door.shared.note("stopping: what is under way is ended in order; once more ends it at once")
                continuation.yield(name)
            }
            continuation.onTermination = { _ in signals.ignore() }
        }
    }
}

/// Ends the process, at once: all that was said and stored has been written by then.
///
/// Not by `exit`, which takes libraries apart while threads that wait inside them, libcurl's and Dispatch's, still run.
func leave(_ status: ExitStatus) -> Never {
    Door.shared.endDisplay()
    _exit(status.rawValue)
}
