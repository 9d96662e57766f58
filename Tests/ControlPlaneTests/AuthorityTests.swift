import CanonicalJSON
import Foundation
import HTTP
import Hashing
import Journal
import Pipeline
import Postgres
import PostgresServer
import Records
import RemoteStores
import Services
import Testing

@testable import ControlPlane

/// What may be written through the ledger's API, by whom: the table of docs/api.md, cell by cell.
struct `A ledger over the API` {
    /// What is appended: `D`eveloper, `C`i, `R`elease-manager, `O`n-call and `A`dmin are those who may.
    private enum Deed: String, CaseIterable {
        case created, resumed, cancelled, skipped, approved, rejected, approvedBySucceeding, held, unheld
        case released, releasedUnapproved, releasedAsApproved, restored, verified
        case pruned, foreign, foreignHold, rubbish, newer, misplaced, removal

        var who: String {
            switch self {
            case .created, .resumed, .cancelled, .skipped, .released, .releasedAsApproved, .verified: "DCROA"
            case .releasedUnapproved, .restored: "ROA"
            case .approved, .rejected: "RA"
            case .held, .unheld: "ROA"
            case .pruned, .foreign, .foreignHold: "A"
            case .approvedBySucceeding, .rubbish, .newer, .misplaced, .removal: ""
            }
        }
    }

    private static let roles: [(Character, Role)] = [
        ("D", .developer), ("C", .ci), ("R", .releaseManager), ("O", .onCall), ("A", .admin),
    ]
    private static let production = JournalName(.environment, "production")
    private static var staging: EnvironmentName { get throws { try #require(EnvironmentName("staging")) } }

    private func append(_ deed: Deed, to id: RunID, by name: String, in ledger: Ledger) async throws -> Append {
        let run = try await ledger.run(id)
        let journal = JournalName(.run, id)
        let waiting = try #require(run.run.waitingApprovals.first)
        let environment = try await ledger.environment(try #require(EnvironmentName("production")))
        func onRun(_ event: RunEvent, by person: String? = nil) -> Append {
            Append(journal, expected: run.position, bodies: [Stamped(event, at: 1, by: person ?? name).bytes])
        }
        func onEnvironment(_ event: EnvironmentEvent) -> Append {
            Append(Self.production, expected: environment.position, bodies: [Stamped(event, at: 1, by: name).bytes])
        }
        switch deed {
        case .created:
            let other = "n" + id
            let event = RunEvent.created(id: other, plan: run.run.plan, goal: run.run.goal, reason: "x")
            return Append(JournalName(.run, other), expected: 0, bodies: [Stamped(event, at: 1, by: name).bytes])
        case .resumed: return onRun(.resumed(Driver(id: "d", host: "h", pid: 1, started: "1")))
        case .cancelled: return onRun(.cancelRequested(reason: "x"))
        case .skipped: return onRun(.skipped(stage: try #require(StageName("deploy-production")), reason: "x"))
        case .approved: return onRun(.approved(stage: waiting.stage, change: waiting.change.sum, comment: nil))
        case .rejected: return onRun(.rejected(stage: waiting.stage, reason: "x"))
        case .approvedBySucceeding:
            let approval = Approval(environment: waiting.change.environment, change: waiting.change)
            return onRun(
                .succeeded(stage: waiting.stage, attempt: 1, artifact: .approval(approval), how: .performed, note: nil))
        case .held: return onEnvironment(.held(Hold(reason: "x", by: name, at: 1)))
        case .unheld: return onEnvironment(.unheld(by: name, reason: "x"))
        case .foreignHold: return onEnvironment(.held(Hold(reason: "x", by: "somebody", at: 1)))
        case .released:
            // Of an environment that needs no approval.
            let staging = try await ledger.environment(try Self.staging)
            let release = try #require(staging.state.current?.release)
            return Append(
                JournalName(.environment, "staging"), expected: staging.position,
                bodies: [Stamped(EnvironmentEvent.released(release), at: 1, by: name).bytes])
        case .releasedUnapproved, .releasedAsApproved, .restored:
            // The run 1a was approved, and nobody has said so of what waits.
            var release = try #require(environment.state.current?.release)
            if deed == .releasedUnapproved {
                release.id = id
                release.change.policy = .none
            }
            if deed == .restored {
                // Nobody holds the environment, so that nobody has begun a rollback.
                release.restores = release.id
                release.id = id
            }
            return onEnvironment(.released(release))
        case .verified: return onEnvironment(.verified("1a", run: id))
        case .pruned:
            let position = try await ledger.store.head(of: .pruned)?.position ?? 0
            let gone = Removal(journal, end: try #require(try await ledger.store.head(of: journal)).mark)
            let event = Stamped(LedgerEvent.pruned([gone]), at: 1, by: name)
            return Append(.pruned, expected: position, bodies: [event.bytes], removing: [gone])
        case .foreign: return onRun(.cancelRequested(reason: "x"), by: "somebody")
        case .rubbish: return Append(journal, expected: run.position, bodies: [[0, 255]])
        case .newer:
            let text = String(decoding: Stamped(RunEvent.cancelRequested(reason: "x"), at: 1, by: name).bytes, as: UTF8.self)
            return Append(journal, expected: run.position, bodies: [Array(text.replacing(#""v":1"#, with: #""v":2"#).utf8)])
        case .misplaced: return onRun(.timedOut(stage: waiting.stage, attempt: 7))
        case .removal:
            let gone = Removal(
                JournalName(.run, "1a"), end: try #require(try await ledger.store.head(of: .init(.run, "1a"))).mark)
            let event = Stamped(RunEvent.cancelRequested(reason: "x"), at: 1, by: name)
            return Append(journal, expected: run.position, bodies: [event.bytes], removing: [gone])
        }
    }

    @Test(arguments: Self.roles.map(\.0))
    func `takes what a role may write, and nothing else`(letter: Character) async throws {
        let role = try #require(Self.roles.first { $0.0 == letter }).1
        try await withFullAPI { sample in
            try await sample.record("1a", commit: "one", at: 1_000_000, .succeeded)
        } _: { api in
            let sample = try SampleLedger(api.ledger)
            let store = try await api.store(try await api.token(role, name: "me"))
            for (number, deed) in Deed.allCases.enumerated() {
                let id = "2\(number)"
                try await sample.record(id, commit: id, at: 2_000_000, .waiting)
                let append = try await append(deed, to: id, by: "me", in: api.ledger)
                let before = try await api.ledger.store.head(of: append.journal)
                var refusal: StoreError?
                do throws(StoreError) { _ = try await store.append([append], under: []) } catch { refusal = error }
                let after = try await api.ledger.store.head(of: append.journal)
                if deed.who.contains(letter) {
                    #expect(refusal == nil, "\(deed.rawValue) by \(role): \(String(describing: refusal))")
                    #expect(after?.position == (before?.position ?? 0) + 1)
                } else {
                    let isUnfit = [.rubbish, .newer, .misplaced, .removal].contains(deed)
                    #expect(refusal?.code == (isUnfit ? .failed : .refused), "\(deed.rawValue) by \(role)")
                    #expect(after == before, "\(deed.rawValue) by \(role)")
                }
            }
            await store.close()
        }
    }

    @Test func `makes projections itself, so that a wrong one lifts no hold and hides no run that waits`() async throws {
        try await withFullAPI { sample in
            try await sample.record("1a", commit: "one", at: 1_000_000, .waiting)
            try await sample.hold(try Self.staging, reason: "a freeze", at: 2_000_000)
        } _: { api in
            let store = try await api.store(try await api.token(.developer, name: "dora"))
            let environment = try await api.ledger.environment(try Self.staging)
            let released = try #require(environment.state.current?.release)
            // As it was before the hold, said to be as it is after the append.
            var forged = try EnvironmentRecord(Self.staging, EnvironmentState(), at: environment.position)
            forged.apply(.released(released))
            let summary = EnvironmentAppend(forged, []).append.summary
            let verdict = Stamped(EnvironmentEvent.verified(released.id, run: "1a"), at: 3, by: "dora")
            _ = try await store.append(
                [
                    Append(
                        JournalName(.environment, "staging"), expected: environment.position, bodies: [verdict.bytes],
                        summary: summary)
                ], under: [])
            #expect(try await api.ledger.environment(try Self.staging).state.hold?.reason == "a freeze")

            let run = try await api.ledger.run("1a")
            let resumed = Stamped(RunEvent.resumed(Driver(id: "d", host: "h", pid: 1, started: "1")), at: 3, by: "dora")
            _ = try await store.append(
                [
                    Append(
                        JournalName(.run, "1a"), expected: run.position, bodies: [resumed.bytes], summary: [1], isWaiting: false)
                ], under: [])
            #expect(try await api.ledger.waitingRuns(limit: 10).map(\.id) == ["1a"])
            await store.close()
        }
    }

    @Test func `lets everybody go on with a rollback that somebody began, to what was good and nothing else`() async throws {
        try await withFullAPI { sample in
            try await sample.record("1a", commit: "one", at: 1_000_000, .succeeded)
            try await sample.record("2a", commit: "two", at: 2_000_000, .succeeded)
            try await sample.hold(try #require(EnvironmentName("production")), reason: "a rollback", at: 3_000_000)
        } _: { api in
            let store = try await api.store(try await api.token(.ci, name: "robot"))
            let production = try await api.ledger.environment(try #require(EnvironmentName("production")))
            var release = try #require(try await api.ledger.release(of: production) { $0.release.id == "1a" }).release
            release.id = "3a"
            func append(_ release: Release) async -> StoreError.Code? {
                await Self.code { () async throws(StoreError) in
                    let bytes = Stamped(EnvironmentEvent.released(release), at: 4, by: "robot").bytes
                    _ = try await store.append(
                        [Append(Self.production, expected: production.position, bodies: [bytes])], under: [])
                }
            }
            #expect(await append(release) == .refused, "it does not say what it restores")
            release.restores = "none"
            #expect(await append(release) == .refused, "there is no such release")
            release.restores = "1a"
            var forged = release
            forged.change.images = forged.change.images.mapValues { _ in "evil@sha256:\(String(repeating: "0", count: 64))" }
            #expect(await append(forged) == .refused, "it does not restore it")
            #expect(await append(release) == nil)
            await store.close()
        }
    }

    @Test func `carries a whole run of somebody who may drive it`() async throws {
        try await withFullAPI { api in
            let store = try await api.store(try await api.token(.releaseManager, name: "rita"))
            #expect(store.actor == "rita")
            try await SampleLedger(Ledger(store), by: "rita").record("1a", commit: "one", at: 1_000_000, .succeeded)
            #expect(try await api.ledger.run("1a").run.status == .succeeded)
            let report = try await api.ledger.audit()
            #expect(report.faults.isEmpty)
            #expect(try await api.ledger.runs(limit: 1) == (try await Ledger(store).runs(limit: 1)))
            await store.close()
        }
    }

    @Test func `is in the record of accesses: appends, leases taken and given up, refusals, and no renewals`() async throws {
        try await withFullAPI { sample in
            try await sample.record("1a", commit: "one", at: 1_000_000, .waiting)
        } _: { api in
            let store = try await api.store(try await api.token(.ci, name: "robot"))
            func holder(_ user: String) -> LeaseHolder {
                LeaseHolder(id: "h", host: "h", user: user, process: nil, purpose: "h")
            }
            let foreign = await Self.code { () async throws(StoreError) in
                _ = try await store.acquire("environment/x", for: holder("anna"), ttl: .seconds(9))
            }
            #expect(foreign == .refused)
            guard case .granted(let lease, _) = try await store.acquire("environment/x", for: holder("robot"), ttl: .seconds(9))
            else { throw CocoaError(.coderInvalidValue) }
            let renewed = try await store.renew(lease, ttl: .seconds(9))
            let resumed = try await append(.resumed, to: "1a", by: "robot", in: api.ledger)
            _ = try await store.append([resumed], under: [renewed])
            let approved = try await append(.approved, to: "1a", by: "robot", in: api.ledger)
            let refused = await Self.code { () async throws(StoreError) in
                _ = try await store.append([approved], under: [renewed])
            }
            #expect(refused == .refused)
            try await store.release(renewed)
            _ = try await store.lease(on: "environment/x")
            let found = try await api.send("GET", "/api/accesses", token: try await api.token(.admin)).object["accesses"]
            let lines = found?.items.reversed().map { "\($0["status"] ?? .null) \($0["path"]?.text ?? "")" }
            #expect(
                lines == [
                    "number(403) /api/ledger/leases/acquire environment/x",
                    "number(200) /api/ledger/leases/acquire environment/x",
                    "number(200) /api/ledger/append run/1a", "number(403) /api/ledger/append run/1a",
                    "number(200) /api/ledger/leases/release environment/x",
                ])
            #expect(found?.items.allSatisfy { $0["name"]?.text == "robot" } == true)
            await store.close()
        }
    }

    @Test func `lets a lease be kept and given up under the name it was taken by, and be freed by who stands by for all`()
        async throws
    {
        try await withFullAPI { api in
            func store(_ role: Role, _ name: String) async throws -> RemoteStore {
                try await api.store(try await api.token(role, name: name))
            }
            // The second is a newer token of the same workflow.
            let (first, second) = (try await store(.ci, "robot"), try await store(.ci, "robot"))
            let (other, oscar) = (try await store(.releaseManager, "rita"), try await store(.onCall, "oscar"))
            let root = try await store(.admin, "root")
            func holder(_ user: String) -> LeaseHolder {
                LeaseHolder(id: "h", host: "h", user: user, process: nil, purpose: "h")
            }
            func taken() async throws -> Lease {
                guard
                    case .granted(let lease, _) = try await first.acquire("environment/x", for: holder("robot"), ttl: .seconds(9))
                else { throw CocoaError(.coderInvalidValue) }
                return lease
            }
            let lease = try await second.renew(try await taken(), ttl: .seconds(3600))
            func posed(_ user: String) -> Lease {
                Lease(
                    resource: lease.resource, token: lease.token, holder: holder(user), acquired: lease.acquired,
                    expires: lease.expires)
            }
            for (store, user) in [(other, "robot"), (other, "rita"), (oscar, "oscar")] {
                let code = await Self.code { () async throws(StoreError) in
                    _ = try await store.renew(posed(user), ttl: .seconds(9))
                }
                #expect(code == (user == "robot" ? .refused : .leaseLost(resource: lease.resource, heldBy: lease)))
            }
            #expect(await Self.code { () async throws(StoreError) in try await other.release(lease) } == .refused)
            try await other.release(posed("rita"))
            #expect(try await other.lease(on: lease.resource) == lease)
            try await second.release(lease)
            #expect(try await other.lease(on: lease.resource) == nil)
            for store in [oscar, root] {
                try await store.release(try await taken())
                #expect(try await other.lease(on: lease.resource) == nil)
            }
            let long = await Self.code { () async throws(StoreError) in
                _ = try await first.acquire("environment/x", for: holder("robot"), ttl: .seconds(301))
            }
            let kept = try await taken()
            let longer = await Self.code { () async throws(StoreError) in
                _ = try await first.renew(kept, ttl: .seconds(7 * 86_400 + 1))
            }
            #expect(long == .failed && longer == .failed)
            for store in [first, second, other, oscar, root] { await store.close() }
        }
    }

    private static func code(_ body: () async throws(StoreError) -> Void) async -> StoreError.Code? {
        do throws(StoreError) {
            try await body()
            return nil
        } catch { return error.code }
    }

    @Test func `refuses a token that is not good, and does not repeat it`() async throws {
        try await withFullAPI { api in
            for bad in [TokenText.random().text, try await api.token(.developer, project: "other")] {
                let error = await #expect(throws: StoreError.self) { _ = try await api.store(bad) }
                #expect(error?.code == .refused && error?.message.contains(bad) == false)
            }
        }
    }

    @Test func `lets many wait and answers others meanwhile; who waits is answered when it stops`() async throws {
        try await withFullAPI { api in
            let token = try await api.token(.developer)
            try await withThrowingTaskGroup(of: HTTPResponse.self) { group in
                for _ in 0..<60 {
                    group.addTask { try await api.send("GET", "/api/ledger/journals/run/none/wait?timeout=20000", token: token) }
                }
                // More than there are sessions with the ledger.
                for _ in 0..<20 {
                    #expect(try await api.send("GET", "/api/ledger/clock", token: token).status == 200)
                }
                let sessions = try await PostgresServer.run(
                    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'shipit'",
                    in: api.database)
                #expect((sessions.rows.first?.integer(0) ?? 99) < 40)
                let begun = ContinuousClock.now
                await api.service.stop()
                for try await answer in group {
                    #expect(answer.status == 200 && answer.object["isThere"] == .boolean(false))
                }
                #expect(ContinuousClock.now - begun < .seconds(15))
            }
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `lets one caller take a tenth of the places to wait in`() async throws {
        // As many requests as it takes.
        try await withFullAPI(access: AccessSettings(rate: 100_000)) { api in
            let (busy, calm) = (try await api.token(.developer, name: "busy"), try await api.token(.developer, name: "calm"))
            func wait(_ token: String, _ timeout: Int) async throws -> HTTPResponse {
                try await api.send("GET", "/api/ledger/journals/run/none/wait?timeout=\(timeout)", token: token)
            }
            try await withThrowingTaskGroup(of: HTTPResponse.self) { group in
                for _ in 0..<100 {
                    group.addTask {
                        // Whoever asks below whether all are there takes a place for a moment, too.
                        var answer = try await wait(busy, 20_000)
                        while answer.status == 429 { answer = try await wait(busy, 20_000) }
                        return answer
                    }
                }
                // Until all of them are there.
                var refused = try await wait(busy, 0)
                while refused.status == 200 { refused = try await wait(busy, 0) }
                #expect(refused.status == 429 && refused.headers.first("Retry-After") == "2")
                #expect(try await wait(calm, 0).status == 200)
                await api.service.stop()
                for try await answer in group { #expect(answer.status == 200) }
            }
        }
    }

    @Test func `tells the longest append that it takes`() async throws {
        try await withFullAPI { api in
            let store = try await api.store(try await api.token(.admin))
            let append = Append(JournalName(.run, "big"), expected: 0, bodies: [Array(repeating: 7, count: 8 << 20)])
            let error = await #expect(throws: StoreError.self) { _ = try await store.append([append], under: []) }
            #expect(error?.code == .failed && error?.message.contains("at most 8388608 bytes") == true)
            await store.close()
        }
    }
}
