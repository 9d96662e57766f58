import CanonicalJSON
import HTTPTypes
import Hummingbird
import Pipeline
import Records
import ServiceLifecycle
import Serving

/// A run's events as they happen: `text/event-stream`, as https://html.spec.whatwg.org/multipage/server-sent-events.html has it.
struct StreamRoutes: Sendable {
    private struct End: Encodable {
        let status: RunStatus
    }

    private static let page = 200

    let views: LedgerRoutes
    let followers: Followers

    func add(to routes: Routes) {
        routes.on(.stream) { call in
            let (id, after) = (try call.context.runID(), try call.request.lastEvent())
            return try await views.respond(call) { ledger in
                let seat = try await followers.seat(id, for: call.party, in: ledger)
                do { try await seat.feed.open() } catch LedgerError.noSuchRun {
                    throw Problem(.notFound, "The ledger knows no run '\(id)'.")
                }
                // What a browser needs to hear so as not to come again.
                if let standing = seat.feed.standing, !standing.status.isOpen, after >= standing.position {
                    return Response(status: .noContent, headers: [.cacheControl: "no-store"])
                }
                return Response(
                    status: .ok, headers: Self.headers,
                    body: ResponseBody { writer in
                        try await withGracefulShutdownHandler {
                            // Each event wakes all who follow, and none of them is to change threads for that.
                            try await call.context.onLoop {
                                try await Self.write(id, after: after, from: seat, ledger, to: &writer)
                            }
                        } onGracefulShutdown: {
                            Task { await followers.close() }
                        }
                        try await writer.finish(nil)
                    })
            }
        }
    }

    private static let headers: HTTPFields = {
        var headers: HTTPFields = [.contentType: "text/event-stream", .cacheControl: "no-store"]
        // For nginx, which would otherwise collect before it passes on.
        headers[HTTPField.Name(known: "X-Accel-Buffering")] = "no"
        return headers
    }()

    @concurrent
    private static func write(
        _ id: RunID, after: Int64, from seat: Followers.Seat, _ ledger: Ledger, to writer: inout any ResponseBodyWriter
    ) async throws {
        var position = after
        // Headers are sent with the first bytes, and a browser wants to know that it is connected.
        try await writer.write(ByteBuffer(string: ": following\n\n"))
        while true {
            switch await seat.feed.next(after: position) {
            case .part(.frames(let frames, let end)):
                try await writer.write(frames)
                position = end
            case .part(.behind(let end)):
                let events = try await ledger.events(of: id, after: position, limit: min(page, Int(end - position)))
                guard let last = events.last else { return }
                try await writer.write(RunTail.joined(events.map { RunTail.frame($0.position, $0.event) }))
                position = last.position
            case .beat: try await writer.write(ByteBuffer(string: ": beat\n\n"))
            case .part(.ended(let status)):
                var buffer = ByteBuffer(string: "event: end\ndata: ")
                buffer.writeBytes(Canonical.bytes(of: End(status: status)))
                buffer.writeString("\n\n")
                try await writer.write(buffer)
                return
            case .closed: return
            }
        }
    }
}

extension Request {
    /// The position after which to go on: `Last-Event-ID`, which browsers send when a connection was lost, or `after`.
    fileprivate func lastEvent() throws(Problem) -> Int64 {
        let after = try after()
        guard let text = headers[HTTPField.Name(known: "Last-Event-ID")], !text.isEmpty else { return after }
        guard let position = Int64(text), position >= 0 else {
            throw Problem(.badRequest, "'Last-Event-ID' must be the position of an event: a number from 0.")
        }
        return position
    }
}
