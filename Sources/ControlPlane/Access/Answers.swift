import HTTPTypes
import Hashing
import Hummingbird
import Logging
import Postgres
import Serving

/// What requests with an `Idempotency-Key` were answered, so that one that is sent again is answered and not done again.
///
/// As in draft-ietf-httpapi-idempotency-key-header-07. Answers are kept for a day, those of failures of ours not at all.
struct Answers: Sendable {
    /// An answer as it was given.
    private struct Stored {
        let status: Int
        let type: String
        let body: [UInt8]
    }

    private enum Claim {
        case mine(attempt: Int64)
        case answered(Stored)
        case underWay
        case other
    }

    let database: Database

    /// Does `work`, or answers as it was answered when it was done.
    func once(_ call: Call, _ work: @concurrent (Call) async throws -> Response) async throws -> Response {
        guard let header = call.request.headers[.idempotencyKey], let token = call.caller.token else {
            return try await work(call)
        }
        let key = try Self.key(header)
        let target = call.request.uri.path + (call.request.uri.query.map { "?" + $0 } ?? "")
        let request = SHA256Sum(of: Array("\(call.request.method.rawValue) \(target)\n".utf8) + call.body)
        let claim: Claim
        do throws(PostgresError) { claim = try await self.claim(token.id, key, request) } catch {
            throw call.context.unavailable(error)
        }
        switch claim {
        case .answered(let stored): return Self.response(stored)
        case .underWay: throw Problem(.conflict, "The first request with this Idempotency-Key is still under way.", retryAfter: 2)
        case .other:
            throw Problem(.unprocessableContent, "This Idempotency-Key was sent before with another request: make a new one.")
        case .mine(let attempt):
            let response: Response
            do { response = try await work(call) } catch let problem as Problem { response = problem.response } catch {
                await keep(nil, token.id, key, attempt, call.context)
                throw error
            }
            let body = try await response.body.collected()
            let stored = Stored(
                status: response.status.code, type: response.headers[.contentType] ?? "application/json", body: body)
            await keep(response.status.code < 500 ? stored : nil, token.id, key, attempt, call.context)
            return Response(
                status: response.status, headers: response.headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: body)))
        }
    }

    /// The key itself: a string of RFC 8941, or the same without its quotes.
    private static func key(_ header: String) throws(Problem) -> String {
        var text = Substring(header)
        if text.count >= 2, text.first == "\"", text.last == "\"" { text = text.dropFirst().dropLast() }
        guard (1...128).contains(text.utf8.count), text.utf8.allSatisfy({ (0x21..<0x7F).contains($0) && $0 != 0x22 }) else {
            throw Problem(.badRequest, "An Idempotency-Key is 1 to 128 printable ASCII characters, without spaces and quotes.")
        }
        return String(text)
    }

    /// Takes the key for this request, unless it is taken.
    ///
    /// One that was taken a minute ago and never answered was left behind by a service that ended: what it did is told by the ledger.
    private func claim(_ token: String, _ key: String, _ request: SHA256Sum) async throws(PostgresError) -> Claim {
        let attempt = Int64.random(in: .min ... .max)
        let mine = try await database.rows(
            """
            INSERT INTO api_answers AS a (token, key, request, attempt) VALUES ($1, $2, $3, $4)
            ON CONFLICT (token, key) DO UPDATE
            SET request = excluded.request, attempt = excluded.attempt, status = NULL, type = NULL, body = NULL, created_at = now()
            WHERE a.attempt = excluded.attempt OR a.created_at < now() - interval '1 day'
                OR (a.status IS NULL AND a.request = excluded.request AND a.created_at < now() - interval '1 minute')
            RETURNING 1
            """, [.text(token), .text(key), .bytes(request.bytes), .integer(attempt)])
        if !mine.isEmpty { return .mine(attempt: attempt) }
        let rows = try await database.rows(
            "SELECT request, status, type, body FROM api_answers WHERE token = $1 AND key = $2", [.text(token), .text(key)])
        guard let row = rows.first, row.bytes(0) == request.bytes else { return rows.isEmpty ? .underWay : .other }
        guard let status = row.integer(1), let type = row.text(2), let body = row.bytes(3) else { return .underWay }
        return .answered(Stored(status: Int(status), type: type, body: body))
    }

    /// Keeps an answer, or gives the key up; lets go of answers that are a day old.
    ///
    /// In a task of its own, and without a word to the caller: what was done is done.
    private func keep(_ answer: Stored?, _ token: String, _ key: String, _ attempt: Int64, _ context: ServiceContext) async {
        await Task {
            let name: [Value] = [.text(token), .text(key), .integer(attempt)]
            do throws(PostgresError) {
                if let answer {
                    _ = try await database.rows(
                        """
                        UPDATE api_answers SET status = $4, type = $5, body = $6
                        WHERE token = $1 AND key = $2 AND attempt = $3
                        """, name + [.integer(Int64(answer.status)), .text(answer.type), .bytes(answer.body)])
                } else {
                    _ = try await database.rows(
                        "DELETE FROM api_answers WHERE token = $1 AND key = $2 AND attempt = $3", name)
                }
                _ = try await database.rows("DELETE FROM api_answers WHERE created_at < now() - interval '1 day'")
            } catch {
                context.logger.error("an answer could not be kept", error: error)
            }
        }.value
    }

    private static func response(_ stored: Stored) -> Response {
        var headers: HTTPFields = [.contentType: stored.type, .cacheControl: "no-store"]
        headers[.idempotencyReplayed] = "true"
        return Response(
            status: .init(code: stored.status), headers: headers,
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: stored.body)))
    }
}

extension HTTPField.Name {
    fileprivate static let idempotencyKey = Self(known: "Idempotency-Key")
    fileprivate static let idempotencyReplayed = Self(known: "Idempotency-Replayed")
}
