import Foundation
import Journal
import RemoteStores
import Services
import Stores
import Testing

/// What a ledger behind an API makes of what it is answered.
@Suite struct RemoteAnswerTests {
    /// Opens the ledger at a peer that gives these answers, one to each connection.
    private func open(answered answers: String...) async throws -> any Store {
        let peer = try QuietPeer()
        let location = try StateLocation(parsing: "http://127.0.0.1:\(peer.port)")
        // Nobody waits for it: who gives up asks less often than there are answers.
        Task {
            for answer in answers {
                let wire = await peer.accept()
                #expect(await wire.receive(until: "\r\n\r\n").contains("Authorization: Bearer hidden-token"))
                wire.send(answer)
            }
        }
        return try await Stores.open(location, variables: ["SHIPIT_TOKEN": "hidden-token"])
    }

    private func answer(_ status: String, _ headers: String..., body: String = "") -> String {
        (["HTTP/1.1 \(status)"] + headers + ["Content-Length: \(body.utf8.count)", "Connection: close", "", body])
            .joined(separator: "\r\n")
    }

    @Test(arguments: ["429 Too Many Requests", "503 Service Unavailable", "502 Bad Gateway"])
    func `asks again when it is told to wait`(status: String) async throws {
        let store = try await open(
            answered: answer(status, "Retry-After: 0"), answer(status, "Retry-After: 1"),
            answer("200 OK", body: #"{"name": "dora", "project": "shop", "may": []}"#))
        #expect(store.actor == "dora")
        await store.close()
        let code = await failure { _ = try await store.now() }
        #expect(code == .failed, "what is closed is used no more")
    }

    @Test func `waits as long as it is told to, be it more often than it asks otherwise`() async throws {
        let busy = answer("429 Too Many Requests", "Retry-After: 1", body: #"{"detail": "wait a second."}"#)
        let begun = ContinuousClock.now
        let store = try await open(
            answered: busy, busy, busy, busy, busy, busy, busy, answer("200 OK", body: #"{"name": "dora", "may": []}"#))
        #expect(store.actor == "dora" && ContinuousClock.now - begun >= .seconds(7))
        await store.close()
    }

    @Test func `gives up at once when it is told to wait for longer than it has`() async throws {
        let begun = ContinuousClock.now
        let error = await #expect(throws: StoreError.self) {
            try await open(answered: answer("429 Too Many Requests", "Retry-After: 60", body: #"{"detail": "wait a minute."}"#))
        }
        #expect(error?.message.contains("wait a minute.") == true && ContinuousClock.now - begun < .seconds(10))
    }

    @Test func `is known by the same id in all tries of a question, and by another in the next`() async throws {
        let peer = try QuietPeer()
        let location = try StateLocation(parsing: "http://127.0.0.1:\(peer.port)")
        let (busy, good) = (
            answer("503 Service Unavailable", "Retry-After: 0"), answer("200 OK", body: #"{"name": "dora", "may": [], "now": 1}"#)
        )
        let ids = Task {
            var ids: [Substring?] = []
            for answer in [busy, good, good] {
                let wire = await peer.accept()
                ids.append(await wire.receive(until: "\r\n\r\n").firstMatch(of: /X-Request-ID: ([0-9a-f]+)/)?.1)
                wire.send(answer)
            }
            return ids
        }
        let store = try await Stores.open(location, variables: ["SHIPIT_TOKEN": "hidden-token"])
        _ = try await store.now()
        await store.close()
        let sent = await ids.value
        #expect(sent[0] != nil && sent[0] == sent[1] && sent[2] != nil && sent[2] != sent[0])
    }

    @Test(arguments: [
        ("200 OK", "<html>", "names something else", StoreError.Code.failed),
        ("404 Not Found", "", "has no ledger to offer", .failed),
        ("401 Unauthorized", #"{"detail": "This token has expired."}"#, "This token has expired.", .refused),
        ("302 Found", "", "HTTP 302", .failed),
        ("200 OK", #"{"project": "shop", "may": []}"#, "does not say whose token this is", .refused),
    ])
    func `says what is at the other end when it is no ledger`(
        status: String, body: String, words: String, code: StoreError.Code
    ) async throws {
        let error = await #expect(throws: StoreError.self) { _ = try await open(answered: answer(status, body: body)) }
        #expect(error?.code == code && error?.message.contains(words) == true, "\(String(describing: error))")
        #expect(error?.message.contains("hidden") == false)
    }

    @Test(
        arguments: [
            .conflict(JournalName(.run, "r"), expected: 1, actual: 2), .leaseLost(resource: "x", heldBy: nil),
            .leaseLost(
                resource: "x",
                heldBy: Lease(resource: "x", token: 7, holder: .named("h"), acquired: 1, expires: 2)),
            .full, .unreachable, .refused, .newerSchema(found: 9, known: 3), .corrupt, .readOnly, .busy, .failed,
        ] as [StoreError.Code])
    func `a store's failure comes through as it was`(code: StoreError.Code) throws {
        let sent = try JSONEncoder().encode(RemoteFault(code))
        #expect(try JSONDecoder().decode(RemoteFault.self, from: sent).restored == code)
    }
}
