import Foundation
import Glibc
import Processes
import Randomness
import Shops
import Synchronization

/// One shop that ships commit after commit while blows fall.
struct Voyage {
    /// What it is called in what is printed.
    let name: String
    let shop: Shop
    let ledger: LedgerWitness
    let registry: RegistryHouse
    let disk: Disk
    let containers: ContainerWitness
    let database: DatabaseWitness
    let quota: Quota
    var random: SplitMix

    private var tally = Tally()
    private var shipments: [Shipment] = []
    /// Every entry that was ever seen in the ledger.
    private var known: [String: String] = [:]
    /// The next write of an undisturbed run at which shipit is killed; nil once a run ended before it.
    private var sweep: Int? = 1

    init(
        name: String, shop: Shop, ledger: LedgerWitness, registry: RegistryHouse, disk: Disk, containers: ContainerWitness,
        database: DatabaseWitness, quota: Quota, random: SplitMix
    ) {
        self.name = name
        self.shop = shop
        self.ledger = ledger
        self.registry = registry
        self.disk = disk
        self.containers = containers
        self.database = database
        self.quota = quota
        self.random = random
    }

    /// One commit on its way.
    private struct Shipment {
        var number: Int
        var commit: String
        var run: String?
        /// Whether a stage's newest event is its failure: another `deploy` would then be another run.
        var hasFailed = false
        /// Whether children were killed under a living shipit: only then may it have switched back to what ran before.
        var mayHaveSwitchedBack = false
        /// What was done and said, for whoever looks into a finding.
        var diary: [String] = []
    }

    private static let services = ["api", "web"]
    /// How many commands a commit may take: more, and the way out is not found.
    private static let patience = 80

    /// Ships until shipit was killed often enough and the last commit has arrived.
    mutating func sail() async throws -> Tally {
        try await database.begin()
        try shop.edit("deploy/compose.yaml") { $0.replacing("interval: 1s", with: "interval: 200ms") }
        while quota.isOpen, tally.isClean { try await ship() }
        if let sweep {
            tally.sweeps.append("\(name): killed at each of the first \(sweep - 1) writes of a run that nothing had disturbed")
        }
        for (what, count) in try await sights() { tally.seen[what, default: 0] += count }
        return tally
    }

    /// Ships one commit to the end.
    private mutating func ship() async throws {
        let number = shipments.count + 1
        let begun = ContinuousClock.now
        let killed = tally.kills
        let migration = DatabaseWitness.migration(number)
        try shop.edit("migrations/\(migration.file)") { _ in migration.text }
        for service in Self.services { try shop.edit("service/\(service).txt") { _ in "\(service) \(number)\n" } }
        shipments.append(Shipment(number: number, commit: try await shop.commit("number \(number)")))
        var arguments = ["deploy", "staging"]
        var isFirst = true
        var commands = 0
        while true {
            commands += 1
            guard commands <= Self.patience else {
                tally.findings.insert(.lost("the release of commit \(number): \(commands) commands did not bring it there"))
                break
            }
            var blow = quota.isOpen ? Blow(&random) : nil
            if isFirst, blow != nil, let sweep { blow = Blow(killAt: .writes(sweep)) }
            let end = try await strike(arguments, blow)
            if isFirst, let sweep, blow != nil {
                if end == .signaled(SIGKILL) {
                    self.sweep = sweep + 1
                } else {
                    tally.sweeps.append("\(name): killed at each of the \(sweep - 1) writes of a run that nothing had disturbed")
                    self.sweep = nil
                }
            }
            isFirst = false
            try await look()
            if case .exited(0) = end { break }
            arguments = next(after: end, arguments)
        }
        if tally.isClean { try await judge() }
        let shipment = shipments[shipments.count - 1]
        tally.shipped += 1
        say(
            "\(name): commit \(number) as run \(shipment.run ?? "none"), \(tally.kills - killed) kills, \(commands) commands, \((ContinuousClock.now - begun).components.seconds) s"
        )
        if !tally.isClean { for line in shipment.diary { say("  \(line)") } }
    }

    /// What is typed next: what states.md says leads on.
    private mutating func next(after end: Outcome.Termination, _ before: [String]) -> [String] {
        let shipment = shipments[shipments.count - 1]
        guard let run = shipment.run else { return ["deploy", "staging"] }
        switch end {
        // What failed while it was looked at is still in doubt, and is not made again before somebody has looked.
        case .exited(2) where before.first == "retry": return ["resume", run]
        case _ where shipment.hasFailed: return ["retry", run]
        // Whoever comes back types either.
        case .signaled where Bool.random(using: &random): return ["deploy", "staging"]
        default: return ["resume", run]
        }
    }

    /// Runs a command while a blow falls, and notes how it ended.
    private mutating func strike(_ arguments: [String], _ blow: Blow?) async throws -> Outcome.Termination {
        let place = shipments.count - 1
        let (lines, printed) = AsyncStream<Int>.makeStream()
        let seen = Mutex((text: "", lines: 0))
        let victim = Mutex<ProcessIdentity?>(nil)
        let command = shop.command(arguments, adding: ledger.variables)
        let hand = Hand(ledger: ledger, registry: registry, disk: disk, target: database.url)
        let striking = Mutex<Task<Hand.Deed?, Never>?>(nil)
        let outcome = try await Processes.run(command) { identity in
            victim.withLock { $0 = identity }
            guard let blow else { return }
            striking.withLock { $0 = Task { await hand.deal(blow, to: identity, lines: lines) } }
        } output: { _, piece in
            let count = seen.withLock { state in
                state.text += String(decoding: piece, as: UTF8.self)
                state.lines += piece.count { $0 == UInt8(ascii: "\n") }
                return state.lines
            }
            printed.yield(count)
        }
        printed.finish()
        let task = striking.withLock { $0 }
        task?.cancel()
        let deed = await task?.value
        try await registry.rise()
        let end = outcome.termination
        let text = seen.withLock { $0.text }
        var line = "shipit \(arguments.joined(separator: " "))"
        if let blow, let deed {
            line += ": \(blow.sort.words) \(blow.moment)"
            if deed.isMet { tally.blows[blow.sort, default: 0] += 1 }
            if blow.sort == .killChildren, deed.isMet { shipments[place].mayHaveSwitchedBack = true }
        }
        switch end {
        case .signaled(SIGKILL):
            tally.kills += 1
            quota.use()
        case .exited(let code): tally.ends[code, default: 0] += 1
        default: tally.findings.insert(.lost("shipit \(arguments.joined(separator: " ")) \(end): \(text.suffix(2000))"))
        }
        shipments[place].diary.append("\(line); \(end)")
        shipments[place].diary += text.split(separator: "\n").suffix(12).map { "    \($0)" }
        return end
    }

    /// Looks into the ledger: what was there before is there still, and where the run has come to.
    private mutating func look() async throws {
        let reading = try await ledger.read()
        for (entry, hash) in known where reading.hashes[entry] != hash {
            tally.findings.insert(.lost("the entry \(entry) of the ledger, which was there before a kill"))
        }
        known = reading.hashes
        let place = shipments.count - 1
        guard let run = reading.run, !shipments.dropLast().contains(where: { $0.run == run.id }) else { return }
        if let before = shipments[place].run, before != run.id {
            tally.findings.insert(.doubled("commit \(place + 1) has a second run, \(run.id) beside \(before)"))
        }
        shipments[place].run = run.id
        shipments[place].hasFailed = !run.failed.isEmpty
        shipments[place].diary.append("    the journal has \(run.length) entries, the newest is \(run.event)")
        tally.places[run.event, default: 0] += 1
    }

    /// Asks every witness; the commit has arrived.
    private mutating func judge() async throws {
        let shipment = shipments[shipments.count - 1]
        guard let run = shipment.run else {
            tally.findings.insert(.lost("the run of commit \(shipment.number)"))
            return
        }
        var found = try await database.findings(after: shipment.number)
        found += await images()
        found += try await starts(waitingFor: run)
        found += try await traces(of: run)
        found += try await records()
        tally.findings.formUnion(found)
    }

    /// Each image is pushed once: one manifest was ever put under its SHA tag, and `latest` was moved to it once.
    private func images() async -> [Finding] {
        var found: [Finding] = []
        let puts = await registry.puts()
        for service in Self.services {
            let repository = "\(shop.name)/\(service)"
            for shipment in shipments {
                let image = "\(repository):\(shipment.commit)"
                let digests = registry.storage.digests(of: repository, shipment.commit)
                if digests.isEmpty { found.append(.lost("the image \(image)")) }
                if digests.count > 1 { found.append(.doubled("\(image) has pointed to \(digests.count) digests")) }
                if let times = puts[image], times > 1 { found.append(.doubled("the manifest of \(image), put \(times) times")) }
            }
            let latest = "\(repository):latest"
            let newest = registry.storage.digests(of: repository, shipments[shipments.count - 1].commit)
            let pointed = registry.storage.digest(of: repository, "latest")
            if newest.first != pointed { found.append(.lost("\(latest) was not moved to commit \(shipments.count)")) }
            if let times = puts[latest], times > shipments.count {
                found.append(.doubled("\(latest) was moved \(times) times for \(shipments.count) commits"))
            }
        }
        return found
    }

    /// Each release starts each of its services once, in the order of the releases.
    ///
    /// A release that had been switched back to is started again, and so is then the one that was switched back from. Where the
    /// switch was ended between the end of the old container and the start of the new one, the old release is started again right after
    /// itself. Where nothing was switched back, or the container still ran, that is once too often.
    private func starts(waitingFor run: String) async throws -> [Finding] {
        var found: [Finding] = []
        // The engine's word takes a moment to arrive here.
        for _ in 0..<3000 where Set(containers.starts.filter { $0.release == run }.map(\.service)).count < Self.services.count {
            try await Task.sleep(for: .milliseconds(100))
        }
        let runs = shipments.compactMap(\.run)
        let all = containers.changes
        for service in Self.services {
            let changes = all.filter { $0.service == service }
            let order = changes.filter(\.isStart).map(\.release)
            for (index, release) in runs.enumerated() where !order.contains(release) {
                found.append(.lost("the start of \(service) of commit \(index + 1), run \(release)"))
            }
            if order.last != run { found.append(.lost("\(service) of run \(run) is not what was started last")) }
            var before: (release: String, hasEnded: Bool)?
            for change in changes {
                guard change.isStart else {
                    if before?.release == change.release { before?.hasEnded = true }
                    continue
                }
                defer { before = (change.release, false) }
                guard let before, let to = runs.firstIndex(of: change.release) else { continue }
                if before.release == change.release {
                    let isPutBack = before.hasEnded && shipments[(to + 1)...].contains(where: \.mayHaveSwitchedBack)
                    guard !isPutBack else { continue }
                    found.append(.doubled("\(service) of run \(change.release) was started again after itself"))
                } else if let from = runs.firstIndex(of: before.release), to < from, !shipments[from].mayHaveSwitchedBack {
                    found.append(.doubled("\(service) of run \(change.release) was started again after run \(before.release)"))
                }
            }
        }
        return found
    }

    /// What is on the way is gone: candidates, and programs that name the shop.
    private func traces(of run: String) async throws -> [Finding] {
        var found = try await containers.candidates().map {
            Finding(sort: .leftBehind, text: "the candidate \($0) of run \(run)")
        }
        for line in try await World.run("ps", ["-e", "--no-headers", "--format", "stat=,args="]).split(separator: "\n")
        where !line.hasPrefix("Z") && line.contains("docker") && line.contains(shop.name) && !line.contains("docker events") {
            found.append(Finding(sort: .leftBehind, text: "after run \(run): \(line.prefix(160))"))
        }
        return found
    }

    /// The ledger proves itself and knows each commit's run and release once; the page shows the commit.
    private func records() async throws -> [Finding] {
        var found: [Finding] = []
        let proof = try await shop.shipit("audit", "verify", adding: ledger.variables)
        if proof.code != 0 { found.append(.lost("the ledger does not verify: \(proof.all)")) }
        struct Release: Decodable {
            var commit: String
            var verdict: String
        }
        let history = try await shop.shipit("history", "staging", "--limit", "1000", "--json", adding: ledger.variables)
        let releases = (try? JSONDecoder().decode([Release].self, from: Data(history.text.utf8))) ?? []
        for shipment in shipments {
            switch releases.count(where: { $0.commit == shipment.commit && $0.verdict == "good" }) {
            case 0: found.append(.lost("commit \(shipment.number) is not in the history as a good release"))
            case 1: break
            default: found.append(.doubled("commit \(shipment.number) is in the history more than once"))
            }
        }
        if releases.count != shipments.count {
            found.append(.doubled("the history has \(releases.count) releases of \(shipments.count) commits"))
        }
        let page = await shop.page(shop.stagingPort) ?? ""
        if !page.contains("\"web \(shipments.count)\"") {
            found.append(.lost("the page does not show commit \(shipments.count): \(page)"))
        }
        return found
    }

    /// What the witnesses saw, for the tally.
    private func sights() async throws -> [String: Int] {
        let puts = await registry.puts()
        return [
            "images pushed": puts.filter { !$0.key.hasSuffix(":latest") }.values.reduce(0, +),
            "moves of latest": puts.filter { $0.key.hasSuffix(":latest") }.values.reduce(0, +),
            "containers started": containers.starts.count,
            "migrations applied": try await database.count(),
            "files that the registry's kills had torn": await registry.torn,
        ]
    }
}
