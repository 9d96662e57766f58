import Discovery
import Executors
import FolderWatch
import Pipeline
import Synchronization

/// Local work: the repository's compose file brought up and followed, and each service built anew when what it is built from changes.
///
/// No ledger knows of it, and nothing is pushed. What runs is only replaced by what could be built.
public struct Development: Sendable {
    /// Keeps the project's secrets out of everything shown.
    public let vault: Vault
    /// The programs that run for us.
    public let children: Children
    private let workspace: Workspace
    private let world: World
    private let compose: LocalCompose
    private let report: @Sendable (DevelopmentEvent) -> Void

    /// How long nothing must have changed before something is built: editors write in several steps.
    private static let quiet = Duration.milliseconds(200)
    /// How long a service may take until it is told how it stands.
    private static let patience = Int64(120_000)

    /// Work in the repository `workspace`, with each thing that happens told to `report`.
    public init(workspace: Workspace, world: World, report: @escaping @Sendable (DevelopmentEvent) -> Void) {
        self.workspace = workspace
        self.world = world
        self.report = report
        vault = Vault(for: workspace, in: world)
        children = Children()
        compose = LocalCompose(root: workspace.root, world: world, children: children)
        // A repository without a project has no secrets that anybody has named.
        if let content = try? Workspace.read(Workspace.projectFile, in: workspace.root),
            let project = try? Project(parsing: content, file: Workspace.projectFile)
        {
            vault.learn(from: project)
        }
    }

    /// Brings services up and goes on until the first interrupt, which ends everything that was begun, in order.
    ///
    /// - Parameters:
    ///   - names: the services, to which those are added that they need; all when empty.
    ///   - interrupts: the requests to end.
    public func run(_ names: [String], interrupts: AsyncStream<String>) async throws(Refusal) {
        try await compose.requireEngine()
        let services = try wanted(names, of: try await compose.services())
        let start = world.now()
        let (rounds, started) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let refusal = await withTaskGroup(of: Refusal?.self) { group -> Refusal? in
            group.addTask { await follow(rounds, since: start) }
            group.addTask {
                do throws(Refusal) {
                    try await work(on: names, started)
                    return nil
                } catch {
                    return error
                }
            }
            group.addTask {
                for await _ in interrupts { break }
                return nil
            }
            let first = await group.next() ?? nil
            group.cancelAll()
            return first
        }
        report(.notice("ending what was started"))
        let down = await uncancelled { () -> Result<Void, Refusal> in
            do throws(Refusal) { return .success(try await compose.down(names.isEmpty ? [] : services)) } catch {
                return .failure(error)
            }
        }.value
        if let refusal { throw refusal }
        try down.get()
    }

    private func wanted(_ names: [String], of services: LocalServices) throws(Refusal) -> [String] {
        for name in names where !services.names.contains(name) {
            throw Refusal(
                .badInput, "The compose file has no service '\(name)'.",
                remedy: "It has: \(services.names.joined(separator: ", ")).")
        }
        return services.needed(by: names.isEmpty ? services.names : names)
    }

    /// Tells what the containers print, as long as there are any, and again after each start.
    private func follow(_ rounds: AsyncStream<Void>, since start: Int64) async -> Refusal? {
        var since = start
        for await _ in rounds {
            do throws(Refusal) {
                try await compose.follow(since: since) { line in
                    // 'NAME-1  | words'; what compose itself has to say of containers comes without a name.
                    guard let bar = line.firstRange(of: " | ") else { return }
                    let container = line[..<bar.lowerBound].filter { $0 != " " }
                    report(.output(service: container.replacing(/-\d+$/, with: ""), line: String(line[bar.upperBound...])))
                }
            } catch {
                return error
            }
            since = world.now()
        }
        // Nothing to follow any more is no reason to end.
        return nil
    }

    // MARK: Rounds

    /// What is known between two rounds.
    private struct State {
        var services: [String]
        var sources: BuildSources
        var files: BuildSources.Files
        var definition: [String: FileMark]
        /// What is to be built.
        var stale: Set<String>
        /// Whether everything that the compose file says now has been started once.
        var isUp = false
        /// Whether something of it may run.
        var isRunning: Bool
        /// Whether there was a change while something else was done.
        var isLate = false
    }

    private func work(on names: [String], _ started: AsyncStream<Void>.Continuation) async throws(Refusal) {
        let watch: FolderWatch
        do throws(FolderWatchError) { watch = try FolderWatch() } catch {
            throw Refusal(.failed, error.description, remedy: error.remedy)
        }
        var state = try await look(names, watch, isRunning: false)
        try await round(&state, watch, started)
        while state.isLate ? true : await watch.next() {
            state.isLate = false
            await settle(watch)
            if Task.isCancelled { return }
            guard state.definition == definition else {
                report(.changed(services: [], files: changedDefinition(since: state.definition)))
                do throws(Refusal) {
                    state = try await look(names, watch, isRunning: state.isRunning)
                } catch {
                    // A compose file that is being edited is wrong most of the time.
                    report(.notice(error.description))
                    state.definition = definition
                    continue
                }
                try await round(&state, watch, started)
                continue
            }
            let files = try await state.sources.files()
            let changes = state.sources.changes(from: state.files, to: files)
            state.files = files
            guard !changes.isEmpty else { continue }
            report(.changed(services: changes.keys.sorted(), files: Array(Set(changes.values.joined()).sorted().prefix(3))))
            state.stale.formUnion(changes.keys)
            try await round(&state, watch, started)
        }
    }

    /// Reads the compose file and everything that services are built from.
    private func look(_ names: [String], _ watch: FolderWatch, isRunning: Bool) async throws(Refusal) -> State {
        // Those below are watched as well, where files are included from.
        let folders = Set(definitionFiles.map { $0.lastIndex(of: "/").map($0.prefix(upTo:)) ?? "" })
        do throws(FolderWatchError) { for folder in folders { try watch.add("\(workspace.root)/\(folder)") } } catch {
            throw Refusal(.failed, error.description, remedy: error.remedy)
        }
        let definition = definition
        let model = try await compose.services()
        let services = try wanted(names, of: model)
        let builds = model.builds(of: services)
        let sources = try BuildSources(builds, in: workspace, watch)
        for stray in sources.strays {
            report(.notice("\(stray) is also built from outside of this repository: that is not followed"))
        }
        return State(
            services: services, sources: sources, files: try await sources.files(), definition: definition,
            stale: Set(builds.keys), isRunning: isRunning)
    }

    /// Waits until nothing has changed for a moment.
    private func settle(_ watch: FolderWatch) async {
        repeat {
            do { try await world.sleep(Self.quiet) } catch { return }
        } while watch.hasChanged()
    }

    /// Builds what is to be built, starts what could be built, and tells how it stands.
    private func round(
        _ state: inout State, _ watch: FolderWatch, _ started: AsyncStream<Void>.Continuation
    ) async throws(Refusal) {
        let built = try await build(state.stale.sorted(), isRunning: state.isRunning)
        if Task.isCancelled { return }
        state.stale.subtract(built)
        // Before all were started once, one that is missing would keep others waiting for it.
        guard state.isUp ? !built.isEmpty : state.stale.isEmpty else { return }
        let problem = try await compose.start(state.isUp ? built : state.services, alone: state.isUp)
        if Task.isCancelled { return }
        started.yield()
        state.isRunning = true
        if let problem {
            report(.notice("not everything could be started: \(problem)"))
        } else {
            state.isUp = true
        }
        report(.standing(try await standing(&state, watch)))
    }

    /// The services whose images could be built; all are built at the same time.
    private func build(_ services: [String], isRunning: Bool) async throws(Refusal) -> [String] {
        let results = await withTaskGroup(of: (String, Result<Bool, Refusal>).self) { group in
            for service in services { group.addTask { (service, await self.build(service, isRunning: isRunning)) } }
            return await group.reduce(into: []) { $0.append($1) }
        }
        var built: [String] = []
        for (service, result) in results where try result.get() { built.append(service) }
        return built.sorted()
    }

    private func build(_ service: String, isRunning: Bool) async -> Result<Bool, Refusal> {
        report(.building(service: service))
        let begun = world.uptime()
        do throws(Refusal) {
            let isBuilt = try await compose.build(service) { report(.output(service: service, line: $0)) }
            if Task.isCancelled { return .success(false) }
            report(
                isBuilt
                    ? .built(service: service, took: world.uptime() - begun) : .notBuilt(service: service, isRunning: isRunning))
            return .success(isBuilt)
        } catch {
            return .failure(error)
        }
    }

    /// How the services stand once none of them is on its way any more, something else is to be done, or patience is over.
    private func standing(_ state: inout State, _ watch: FolderWatch) async throws(Refusal) -> [LocalStanding] {
        let end = world.uptime() + Self.patience
        while true {
            let containers = try await compose.containers()
            let standings = state.services.map { service in
                let mine = containers.filter { $0.service == service }
                let worst = mine.map(\.condition).first { !$0.isGood } ?? mine.first?.condition
                return LocalStanding(service: service, condition: worst ?? .starting, addresses: mine.flatMap(\.addresses))
            }
            if standings.allSatisfy(\.condition.isSettled) || world.uptime() > end || Task.isCancelled { return standings }
            if watch.hasChanged() {
                let changes = state.sources.changes(from: state.files, to: try await state.sources.files())
                state.isLate = !changes.isEmpty || state.definition != definition
                if state.isLate { return standings }
            }
            do { try await world.sleep(.milliseconds(250)) } catch { return standings }
        }
    }

    // MARK: The compose file

    /// The compose file and what belongs to it, wherever that would be: relative to the root.
    private var definitionFiles: [String] {
        let own = LocalCompose.files + LocalCompose.companions
        return own
            + ComposeInclusion.files(includedBy: own) { file in
                (try? Workspace.read(file, in: workspace.root)).map { String(decoding: $0, as: UTF8.self) }
            }
    }

    /// These files as they are now.
    private var definition: [String: FileMark] {
        var marks: [String: FileMark] = [:]
        for file in definitionFiles { marks[file] = FileMark("\(workspace.root)/\(file)") }
        return marks
    }

    private func changedDefinition(since old: [String: FileMark]) -> [String] {
        old.differing(from: definition).map(\.key)
    }
}
