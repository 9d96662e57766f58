import Foundation
import Journal
import Peers
import Pipeline
import Synchronization
import Testing

@testable import Conductor

/// The way of announcements to receivers that behave well and badly; real HTTP, real programs, and no pause is waited for.
@Suite struct DeliveryTests {
    /// A machine with a receiver and a folder, on which pauses are counted and not waited for.
    private final class Scene: Sendable {
        let peer: WebhookPeer
        let folder: String
        let pauses = Mutex<[Duration]>([])

        init() throws {
            peer = try WebhookPeer()
            folder = NSTemporaryDirectory() + "shipit-delivery-\(UInt64.random(in: .min ... .max))"
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        }

        deinit { try? FileManager.default.removeItem(atPath: folder) }

        /// What tells those whom a plan's project names.
        ///
        /// - Parameters:
        ///   - plan: what is driven.
        ///   - sleep: how pauses are waited for, and the end of the drive; nil for no pause, and for an end that waits for all.
        func courier(for plan: Plan, _ sleep: (@Sendable (Duration) async throws -> Void)? = nil) throws -> Courier {
            var world = World.real()
            let address = peer.address
            world.variables["KEY"] = WebhookPeer.key
            world.variables["SECRET"] = "hunter2-hunter2"
            world.variables["BAD_KEY"] = "whsec_*********"
            for sort in ["good", "flaky", "busy", "refuse", "elsewhere", "hang"] {
                world.variables[sort.uppercased()] = "\(address)/\(sort)/services/T0/B0/hunter2-\(sort)"
            }
            world.variables["PLAIN"] = "http://slack.example.org/services/T0"
            world.variables["NOBODY"] = "http://127.0.0.1:1/services/T0/B0/hunter2-nobody"
            let note: @Sendable (Duration) async throws -> Void = { [self] span in
                pauses.withLock { $0.append(span) }
                // The end of the drive does not come before the deliveries.
                if span == .seconds(8) { try await Task.sleep(for: .seconds(3600)) }
            }
            world.sleep = sleep ?? note
            let workspace = try Workspace(around: URL(fileURLWithPath: #filePath).deletingLastPathComponent().path)
            let session = Session(
                workspace: workspace, store: ClosedStore(), world: world, vault: Vault(for: workspace, in: world),
                isLedgerShared: false)
            // As a drive does.
            session.vault.learn(from: plan.project)
            // What a receiver is slow with is not posted twice here.
            return Courier(tools: session.tools, timeout: .minutes(10))
        }

        /// Tells of a failure, and answers what is said in the end.
        func tell(_ notifications: String) async throws -> String? {
            let plan = try Told.plan(notifications)
            let courier = try courier(for: plan)
            let (event, record) = try Told.failed(plan)
            courier.take(.event(event, record))
            return await courier.finish()
        }
    }

    @Test func `a webhook is posted once, signed`() async throws {
        let scene = try Scene()
        let missed = try await scene.tell("  - {webhook: \"\(scene.peer.address)/good\", key: \"${env:KEY}\"}")
        #expect(missed == nil)
        let posts = try scene.peer.received()
        #expect(posts.map(\.path) == ["/good"] && posts.allSatisfy(\.isSigned))
        #expect(posts.first?.headers["webhook-id"] == "1ryh578ztb/build-api/1/stage.failed")
        #expect(posts.first?.headers["content-type"] == "application/json")
    }

    @Test func `what may pass is tried again, with the same id, until it is there`() async throws {
        let scene = try Scene()
        let missed = try await scene.tell(
            "  - {webhook: \"${env:FLAKY}\", key: \"${env:KEY}\"}\n  - {slack: \"${env:BUSY}\"}")
        #expect(missed == nil)
        let posts = try scene.peer.received()
        let flaky = posts.filter { $0.path.hasPrefix("/flaky/") }
        #expect(flaky.count == 3 && flaky.allSatisfy(\.isSigned) && Set(flaky.map { $0.headers["webhook-id"] }).count == 1)
        #expect(posts.count { $0.path.hasPrefix("/busy/") } == 2)
        #expect(scene.pauses.withLock { $0 }.contains(.seconds(7)), "as long as it asked for")
    }

    @Test(arguments: [
        ("slack: \"${env:REFUSE}\"", "notification 1 (slack), that build-api failed: build-failed: HTTP 400: invalid", 1),
        ("teams: \"${env:ELSEWHERE}\"", "HTTP 302, which leads elsewhere and is not followed", 1),
        ("slack: \"${env:NOBODY}\"", "nothing accepts connections there, after 6 attempts", 0),
        ("slack: \"${env:PLAIN}\"", "is a secret, and does not begin with https", 0),
        ("teams: \"${env:NOT_SET}\"", "wants the variable NOT_SET, which is not set", 0),
        ("{webhook: \"${env:GOOD}\", key: \"${env:BAD_KEY}\"}", "what follows is not base64", 0),
        ("{command: [no-such-program], from: \"a@b.c\", to: [\"d@e.f\"]}", "Cannot run no-such-program", 0),
        (
            "{command: [sh, -c, \"echo no relay >&2; exit 69\"], from: \"a@b.c\", to: [\"d@e.f\"]}",
            "sh ended with exit code 69: no relay", 0
        ),
        ("{command: [sh, -c, \"exit 75\"], from: \"a@b.c\", to: [\"d@e.f\"]}", "sh ended with exit code 75, after 6 attempts", 0),
    ])
    func `what cannot be delivered is said in one line without a secret`(entry: String, why: String, posts: Int) async throws {
        let scene = try Scene()
        let missed = try #require(try await scene.tell("  - \(entry)"))
        #expect(missed.contains(why) && !missed.contains("\n") && !missed.contains("hunter2"), "\(missed)")
        #expect(try scene.peer.received().count == posts)
    }

    @Test func `a receiver that never answers is given up when the drive must end, and the others are not`() async throws {
        let scene = try Scene()
        let ending = Mutex<CheckedContinuation<Void, Never>?>(nil)
        let plan = try Told.plan("  - {slack: \"${env:HANG}\"}\n  - {slack: \"${env:GOOD}\"}")
        let courier = try scene.courier(for: plan) { span in
            guard span == .seconds(8) else { throw CancellationError() }
            await withCheckedContinuation { continuation in ending.withLock { $0 = continuation } }
        }
        let (event, record) = try Told.failed(plan)
        courier.take(.event(event, record))
        async let missed = courier.finish()
        // The hanging one has the request, and the other its answer.
        while try scene.peer.received().count < 2 { await Task.yield() }
        while ending.withLock({ $0 }) == nil { await Task.yield() }
        ending.withLock { $0 }?.resume()
        let line = try #require(await missed)
        #expect(line.contains("notification 1 (slack)") && !line.contains("notification 2"), "\(line)")
    }

    @Test func `whoever wants the end is not kept`() async throws {
        let scene = try Scene()
        let plan = try Told.plan("  - {slack: \"${env:HANG}\"}")
        let courier = try scene.courier(for: plan)
        let (event, record) = try Told.failed(plan)
        courier.take(.event(event, record))
        courier.hurry()
        let line = try #require(await courier.finish())
        #expect(line.contains("notification 1 (slack)"), "\(line)")
    }

    @Test func `of many failures of a run each recipient is told the first`() async throws {
        let scene = try Scene()
        let plan = try Told.plan("  - {slack: \"${env:GOOD}\"}\n  - {teams: \"${env:GOOD}\"}")
        let courier = try scene.courier(for: plan)
        let (event, record) = try Told.failed(plan)
        for _ in 0..<3 { courier.take(.event(event, record)) }
        #expect(await courier.finish() == nil)
        #expect(try scene.peer.received().count == 2)
    }

    @Test func `a mail goes to the program's standard input, and secrets to nobody`() async throws {
        let scene = try Scene()
        let plan = try Told.plan(
            "  - {command: [sh, -c, \"cat > \(scene.folder)/mail; env > \(scene.folder)/env\"], from: \"a@b.c\", to: [\"d@e.f\"]}\n"
                + "  - {slack: \"${env:SECRET}\"}\n  - {slack: \"${env:GOOD}\"}")
        let courier = try scene.courier(for: plan)
        let failure = Failure(code: "command-failed", message: "It printed hunter2-hunter2 and Ship.")
        let (event, record) = try Told.failed(plan, failure)
        courier.take(.event(event, record))
        let missed = try #require(await courier.finish())
        #expect(missed.contains("The address of notification 2 (slack) is no HTTP address"), "\(missed)")
        let mail = try String(contentsOfFile: "\(scene.folder)/mail", encoding: .utf8)
        #expect(mail.hasPrefix("From: a@b.c\nTo: d@e.f\nSubject: [shop] build-api failed: command-failed\n"), "\(mail)")
        let posted = try #require(try scene.peer.received().first).body
        #expect(posted.contains("It printed") && !posted.contains("hunter2-hunter2"), "\(posted)")
        #expect(try !String(contentsOfFile: "\(scene.folder)/env", encoding: .utf8).contains("SECRET="))
    }
}
