import FoundationEssentials
import HTTPTypes
import Hummingbird
import Journal
import Pipeline
import Records
import Serving

/// What stages printed: which logs there are, parts of one, and how one grows while its stage is under way.
///
/// A log grows as uploads do in draft-ietf-httpbis-resumable-upload: by what comes with `Upload-Offset`, refused unless that is its end.
struct LogRoutes: Sendable {
    /// How much is read of a log at once, in bytes.
    private static let page = 1 << 20
    /// How long after its end a run's logs may grow, in milliseconds: whoever drove it may still be sending.
    private static let grace: Int64 = 3_600_000

    let views: LedgerRoutes

    func add(to routes: Routes) {
        routes.on(.logs) { call in
            let id = try call.context.runID()
            return try await views.answer(call) { try await list(of: id, in: $0) }
        }
        routes.on(.log) { call in
            let (id, stage, attempt) = (try call.context.runID(), try call.context.stageName(), try call.request.attempt())
            return try await views.respond(call) { ledger in
                try await answer(call.request, id, stage, attempt: attempt, in: ledger)
            }
        }
        routes.on(.growLog) { call in
            let (id, stage) = (try call.context.runID(), try call.context.stageName())
            guard let attempt = try call.request.attempt() else { throw Problem(.badRequest, "Say which 'attempt' printed it.") }
            let offset = try call.request.uploadOffset()
            guard !call.body.isEmpty else { throw Problem(.badRequest, "There is nothing to add: send at least one byte.") }
            return try await views.respond(call) { ledger in
                try await grow(id, stage, attempt, by: call, at: offset, in: ledger)
            }
        }
    }

    private func list(of id: RunID, in ledger: Ledger) async throws -> Lists.Logs {
        let run = try await views.run(id, in: ledger)
        let sizes = try await ledger.store.logs?.sizes(ofRun: id, stage: nil) ?? [:]
        let logs = run.stages.flatMap { stage in
            (0..<stage.attempts).compactMap { number in
                let name = LogName(run: id, stage: stage.name.text, attempt: number + 1)
                return sizes[name].map { Lists.Logs.Log(stage: stage.name, attempt: number + 1, size: $0) }
            }
        }
        return Lists.Logs(logs: logs)
    }

    private func answer(
        _ request: Request, _ id: RunID, _ stage: StageName, attempt: Int?, in ledger: Ledger
    ) async throws -> Response {
        let known = try Self.find(stage, in: try await views.run(id, in: ledger))
        let name = LogName(run: id, stage: stage.text, attempt: attempt ?? max(1, known.attempts))
        guard name.attempt <= max(1, known.attempts) else { throw Self.noSuchAttempt(name) }
        let logs = try Self.logs(of: ledger)
        let size = try await logs.sizes(ofRun: id, stage: stage.text)[name] ?? 0
        // A log only grows: where it ends tells all of it.
        let tag = "\"\(name.attempt)-\(size)\""
        var headers: HTTPFields = [.cacheControl: "private, no-cache", .eTag: tag, .acceptRanges: "bytes"]
        if request.holds(tag) == true { return Response(status: .notModified, headers: headers) }
        headers[.contentType] = "text/plain; charset=utf-8"
        switch ByteRange(request, of: size, tagged: tag) {
        case .nothing:
            throw Problem(
                .rangeNotSatisfiable, "The log has \(size) bytes by now, and none there.",
                headers: [.contentRange: "bytes */\(size)", .cacheControl: "no-cache"])
        case .part(let part):
            headers[.contentRange] = "bytes \(part.lowerBound)-\(part.upperBound - 1)/\(size)"
            return Response(status: .partialContent, headers: headers, body: Self.body(of: name, part, in: logs))
        case .whole: return Response(status: .ok, headers: headers, body: Self.body(of: name, 0..<size, in: logs))
        }
    }

    /// Reads page by page as the caller takes it.
    private static func body(of name: LogName, _ part: Range<Int64>, in logs: any LogStore) -> ResponseBody {
        ResponseBody(contentLength: part.count) { writer in
            var place = part.lowerBound
            while place < part.upperBound {
                let bytes = try await logs.read(name, from: place, limit: min(page, Int(part.upperBound - place)))
                // Pruned meanwhile: the connection ends before the length that was told, which tells it.
                guard !bytes.isEmpty else { return }
                try await writer.write(ByteBuffer(bytes: bytes))
                place += Int64(bytes.count)
            }
            try await writer.finish(nil)
        }
    }

    private func grow(
        _ id: RunID, _ stage: StageName, _ attempt: Int, by call: Call, at offset: Int64, in ledger: Ledger
    ) async throws -> Response {
        let (name, bytes) = (LogName(run: id, stage: stage.text, attempt: attempt), call.body)
        let (run, drivers) = try await views.driven(id, in: ledger)
        guard drivers.contains(call.actor) || call.caller.token?.role == .admin else {
            throw Problem(.forbidden, "Only who drives the run '\(id)' adds to its logs, and your token is for \(call.actor).")
        }
        guard attempt <= (try Self.find(stage, in: run)).attempts else { throw Self.noSuchAttempt(name) }
        guard run.status.isOpen || run.updated + Self.grace > Int64(Date.now.timeIntervalSince1970 * 1000) else {
            throw Problem(.unprocessableContent, "The run '\(id)' ended more than an hour ago: its logs stay as they are.")
        }
        guard offset + Int64(bytes.count) <= LogLimits.log else {
            throw Problem(.unprocessableContent, "A log has at most \(LogLimits.log >> 20) MiB.")
        }
        switch try await Self.logs(of: ledger).append(bytes, to: name, at: offset) {
        case .added:
            let end = offset + Int64(bytes.count)
            return Response(status: .noContent, headers: [.uploadOffset: "\(end)", .cacheControl: "no-store"])
        case .ends(let end):
            throw Problem(
                .conflict, "The log ends at \(end) and not at \(offset): nothing was added.",
                headers: [.uploadOffset: "\(end)"])
        }
    }

    private static func find(_ stage: StageName, in run: RunView) throws(Problem) -> RunView.StageView {
        guard let found = run.stages.first(where: { $0.name == stage }) else {
            throw Problem(.notFound, "The run '\(run.id)' has no stage '\(stage)'.")
        }
        return found
    }

    private static func logs(of ledger: Ledger) throws(Problem) -> any LogStore {
        guard let logs = ledger.store.logs else {
            throw Problem(
                .notFound,
                "This ledger keeps no logs: they are where its runs were driven. Look there with shipit logs RUN STAGE.")
        }
        return logs
    }

    private static func noSuchAttempt(_ name: LogName) -> Problem {
        Problem(.notFound, "The stage '\(name.stage)' of the run '\(name.run)' has not begun attempt \(name.attempt).")
    }
}

extension HTTPField.Name {
    /// Of draft-ietf-httpbis-resumable-upload: where what is sent begins, and where what is there ends.
    static let uploadOffset = Self(known: "Upload-Offset")
}

extension Request {
    /// `Upload-Offset`: where what is sent begins.
    func uploadOffset() throws(Problem) -> Int64 {
        guard let offset = headers[.uploadOffset].flatMap({ Int64($0) }), (0...LogLimits.log).contains(offset) else {
            throw Problem(.badRequest, "'Upload-Offset' must be where the log ends: a number of bytes from 0.")
        }
        return offset
    }
}
