import CanonicalJSON
import HTTPTypes
import Hummingbird
import Journal
import Logging
import Records
import RemoteStores
import ServiceLifecycle
import Serving

/// The ledger as a store, for who has a token and reaches no database: `SHIPIT_STATE=https://HOST`.
struct StoreRoutes: Sendable {
    /// How many questions may wait at a time for journals to grow.
    private static let seats = 1000

    let views: LedgerRoutes
    private let judge: Judge?
    private let waits: Waits

    /// The ledger that `views` reads; `judges` says whether what is written is judged.
    init(views: LedgerRoutes, access: AccessSettings, judges: Bool) {
        self.views = views
        waits = Waits(
            Seats(Self.seats, share: Seats.share(of: Self.seats, access), to: "wait for journals", retryAfter: 2))
        judge = judges ? Judge() : nil
    }

    func add(to routes: Routes) {
        routes.on(.append) { call in
            let form = try call.form(RemoteForm.Batch.self)
            guard let token = call.caller.token, form.leases.allSatisfy(\.isPlain) else { throw Self.malformed }
            return try await answer(call) { ledger in
                let batch = form.batch.map(\.append)
                guard let judge else { return RemoteForm.Ends(try await ledger.store.append(batch, under: form.leases)) }
                let ruling = try await judge.rule(on: batch, of: token, in: ledger)
                let heads = try await ledger.store.append(ruling.batch, under: form.leases)
                await judge.keep(ruling)
                return RemoteForm.Ends(heads)
            }
        }
        routes.on(.journals) { call in
            let (kind, limit) = (try call.context.journalKind(), try call.request.limit(default: 100, upTo: RemoteForm.page))
            let (before, isWaiting) = (try call.request.before(), try call.request.truth("waiting"))
            return try await answer(call) { ledger in
                let (heads, isCut) = try await Self.pages(limit) { (last: Head?, count) in
                    let before = last.map(\.journal.name) ?? before
                    return isWaiting
                        ? try await ledger.store.waiting(of: kind, before: before, limit: count)
                        : try await ledger.store.heads(of: kind, before: before, limit: count)
                } size: {
                    $0.summary?.count ?? 0
                }
                return RemoteForm.Ends(heads, isCut: isCut)
            }
        }
        routes.on(.journal) { call in
            let journal = try call.context.journal()
            return try await answer(call) { RemoteForm.MaybeEnd(try await $0.store.head(of: journal)) }
        }
        routes.on(.entries) { call in
            let (journal, after) = (try call.context.journal(), try call.request.after())
            let limit = try call.request.limit(default: 100, upTo: RemoteForm.page)
            return try await answer(call) { ledger in
                let (entries, isCut) = try await Self.pages(limit) { (last: Entry?, count) in
                    try await ledger.store.read(journal, after: last?.position ?? after, limit: count)
                } size: {
                    $0.body.count
                }
                return RemoteForm.Lines(entries, isCut: isCut)
            }
        }
        routes.on(.growth) { call in
            let (journal, after) = (try call.context.journal(), try call.request.after())
            return try await wait(for: journal, after: after, timeout: try call.request.timeout(), call)
        }
        addLeases(to: routes)
        routes.on(.clock) { call in try await answer(call) { RemoteForm.Clock(try await $0.store.now()) } }
    }

    private func addLeases(to routes: Routes) {
        routes.on(.lease) { call in
            let resource = try call.request.resource()
            return try await answer(call) { RemoteForm.MaybeHeld(try await $0.store.lease(on: resource)) }
        }
        routes.on(.acquireLease) { call in
            let wish = try call.form(RemoteForm.Wish.self)
            guard let token = call.caller.token, Lease.isResource(wish.resource), wish.holder.isPlain,
                (1...RemoteForm.lease).contains(wish.ttl)
            else { throw Self.malformed }
            if judge != nil { try Authority(token).check(wish.holder) }
            return try await answer(call) { ledger in
                RemoteForm.Grant(
                    try await ledger.store.acquire(wish.resource, for: wish.holder, ttl: .milliseconds(wish.ttl)))
            }
        }
        routes.on(.renewLease) { call in
            let renewal = try call.form(RemoteForm.Renewal.self)
            guard let token = call.caller.token, renewal.lease.isPlain, (1...RemoteForm.renewal).contains(renewal.ttl)
            else { throw Self.malformed }
            // The name is the holder's own word, and the store holds it against the lease.
            if judge != nil { try Authority(token).check(renewal.lease.holder) }
            return try await answer(call) { ledger in
                RemoteForm.Held(try await ledger.store.renew(renewal.lease, ttl: .milliseconds(renewal.ttl)))
            }
        }
        routes.on(.releaseLease) { call in
            let lease = try call.form(RemoteForm.Held.self).lease
            guard let token = call.caller.token, lease.isPlain else { throw Self.malformed }
            if judge != nil { try Authority(token).checkFreeing(lease.holder) }
            return try await answer(call) { ledger in
                try await ledger.store.release(lease)
                return RemoteForm.MaybeHeld(nil)
            }
        }
    }

    fileprivate static let malformed = Problem(.badRequest, "The body has not the form that /api/openapi.json tells of.")

    /// Answers whether a journal has grown, once it has or the time is over; also when the service is stopping.
    ///
    /// Whoever waits holds no session with the database: one of them hears for all.
    private func wait(for journal: JournalName, after: Int64, timeout: Duration, _ call: Call) async throws -> Response {
        try await waits.begin(call.party)
        let outcome: Result<Bool, any Error>
        do {
            let store = try await views.source.ledger().store
            outcome = .success(
                try await cancelWhenGracefulShutdown { try await store.wait(for: journal, after: after, timeout: timeout) })
        } catch { outcome = .failure(error) }
        await waits.end(call.party)
        switch outcome {
        case .success(let isThere): return JSON.response(RemoteForm.Growth(isThere: isThere))
        case .failure(let error as StoreError): return call.context.response(to: error)
        case .failure(let error): throw error
        }
    }

    /// Reads until there are `limit` elements or an answer is full.
    ///
    /// - Parameters:
    ///   - limit: how many at most.
    ///   - read: gives at most so many of those behind one, or of the first.
    ///   - size: the bytes of one.
    private static func pages<Element>(
        _ limit: Int, _ read: (Element?, Int) async throws -> [Element], size: (Element) -> Int
    ) async throws -> (elements: [Element], isCut: Bool) {
        var (found, total): ([Element], Int) = ([], 0)
        while found.count < limit {
            let wanted = min(limit - found.count, 100)
            let page = try await read(found.last, wanted)
            for element in page {
                guard total < RemoteForm.answerSize else { return (found, true) }
                found.append(element)
                total += size(element)
            }
            if page.count < wanted { break }
        }
        return (found, false)
    }

    /// Answers with what `work` makes of the ledger, in time, or with why the store did not do it.
    private func answer(
        _ call: Call, _ work: @escaping @Sendable (Ledger) async throws -> some Encodable & Sendable
    ) async throws -> Response {
        try await views.respond(call) { ledger in
            do { return JSON.response(try await work(ledger)) } catch let error as StoreError {
                return call.context.response(to: error)
            } catch LedgerError.store(let error) {
                return call.context.response(to: error)
            }
        }
    }
}

/// The seats of those who wait.
private actor Waits {
    private var seats: Seats

    init(_ seats: Seats) { self.seats = seats }

    func begin(_ owner: String) throws(Problem) { try seats.take(for: owner) }

    func end(_ owner: String) { seats.give(of: owner) }
}

extension Call {
    /// What the body holds.
    fileprivate func form<Form: Decodable>(_ type: Form.Type) throws(Problem) -> Form {
        guard let form = try? Canonical.decode(type, from: body) else { throw StoreRoutes.malformed }
        return form
    }
}

extension Route {
    /// The path as the record of accesses has it: with what is written to or leased, which stands in the body.
    func recordedPath(_ call: Call) -> String {
        var names: [String] = []
        switch self {
        case .append: names = (try? call.form(RemoteForm.Batch.self))?.batch.map(\.append.journal.description) ?? []
        case .acquireLease: names = (try? call.form(RemoteForm.Wish.self)).map { [$0.resource] } ?? []
        case .releaseLease: names = (try? call.form(RemoteForm.Held.self)).map { [$0.lease.resource] } ?? []
        default: break
        }
        return ([call.request.uri.path] + names).joined(separator: " ")
    }
}

extension Lease {
    /// Whether this may be what is leased: 1 to 300 printable ASCII characters.
    static func isResource(_ text: String) -> Bool {
        (1...300).contains(text.utf8.count) && text.utf8.allSatisfy { (0x21..<0x7F).contains($0) }
    }

    /// Whether nothing of it harms a database or a terminal.
    fileprivate var isPlain: Bool { Self.isResource(resource) && holder.isPlain }
}

extension LeaseHolder {
    fileprivate var isPlain: Bool {
        [id, host, user, purpose, process ?? ""].allSatisfy { text in
            text.unicodeScalars.count <= 300 && !text.unicodeScalars.contains { $0.properties.generalCategory == .control }
        }
    }
}

extension ServiceContext {
    /// A store's failure as its user's end restores it.
    ///
    /// What a conflict and a lost lease say is about the ledger's own contents; of all else hosts and users may be named, which is
    /// for the log.
    fileprivate func response(to error: StoreError) -> Response {
        struct Body: Encodable {
            var type = "about:blank"
            var title: String
            var status: Int
            var detail: String
            var store: RemoteFault
        }
        let (status, detail): (HTTPResponse.Status, String) =
            switch error.code {
            case .conflict, .leaseLost: (.conflict, error.message)
            case .failed: (.unprocessableContent, error.message)
            default: (.serviceUnavailable, "The service's ledger could not do it; its log says why.")
            }
        if status == .serviceUnavailable { logger.error("the ledger could not do it", error: error) }
        let body = Body(title: status.reasonPhrase, status: status.code, detail: detail, store: RemoteFault(error.code))
        var headers: HTTPFields = [.contentType: "application/problem+json", .cacheControl: "no-store"]
        if error.passing { headers[.retryAfter] = "1" }
        return Response(
            status: status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: Canonical.bytes(of: body))))
    }
}
