import CanonicalJSON
import Dispatch
import FoundationEssentials
import HTTPTypes
import Hashing
import Hummingbird
import Journal
import Pipeline
import Records
import Serving

/// What people decide through the API.
///
/// It is recorded as the command line records it, and whoever drives a run goes on from there.
struct InterventionRoutes: Sendable {
    private struct Decision: Decodable {
        enum Verdict: String, Decodable {
            case approve, reject
        }

        let decision: Verdict
        /// The hash of the Change that the caller has seen, whole.
        let change: String
        let reason: String?

        private enum CodingKeys: CodingKey {
            case decision, change, reason
        }

        init(from decoder: any Decoder) throws {
            let fields = try decoder.container(keyedBy: CodingKeys.self)
            decision = try fields.decode(Verdict.self, forKey: .decision)
            change = try fields.decode(String.self, forKey: .change)
            reason = try fields.decodeUnlessMissing(String.self, forKey: .reason)
        }
    }

    private struct Reason: Decodable {
        let reason: String
    }

    /// Why nothing was recorded.
    private enum Refusal: Refusing {
        case ledger(LedgerError)
        case objection(Objection)

        init(_ error: LedgerError) { self = .ledger(error) }
        init(_ objection: Objection) { self = .objection(objection) }

        static func unless<Decision>(_ decide: () throws(Objection) -> Decision) throws(Refusal) -> Decision {
            do throws(Objection) { return try decide() } catch { throw Refusal(error) }
        }
    }

    let views: LedgerRoutes

    func add(to routes: Routes) {
        routes.on(.decide) { call in
            let (id, wanted) = (try call.context.runID(), try Self.decision(call.body))
            return try await onRun(id, call) { (record) throws(Refusal) in
                try Refusal.unless { () throws(Objection) in
                    switch wanted.decision {
                    case .approve: try record.approval(of: wanted.change, comment: wanted.reason)
                    case .reject: try record.rejection(of: wanted.change, reason: wanted.reason ?? "")
                    }
                }
            }
        }
        routes.on(.cancel) { call in
            let (id, reason) = (try call.context.runID(), try Self.reason(call.body))
            return try await onRun(id, call) { (record) throws(Refusal) in
                try Refusal.unless { () throws(Objection) in try record.cancellation(reason: reason) }
            }
        }
        routes.on(.hold) { call in
            let reason = try Self.reason(call.body)
            let scribe = Scribe(call.actor)
            return try await onEnvironment(call, scribe) { (_) throws(Refusal) in
                .held(Hold(reason: reason, by: scribe.actor, at: scribe.now()))
            }
        }
        routes.on(.unhold) { call in
            let reason = try Self.checked(call.request.uri.queryParameters["reason"].map(String.init))
            let scribe = Scribe(call.actor)
            return try await onEnvironment(call, scribe) { (record) throws(Refusal) in
                try Refusal.unless { () throws(Objection) in try record.lifting(by: scribe.actor, reason: reason) }
            }
        }
    }

    private func onRun(
        _ id: RunID, _ call: Call, _ decide: @escaping @Sendable (RunRecord) throws(Refusal) -> RunEvent?
    ) async throws -> Response {
        let scribe = Scribe(call.actor)
        return try await views.answer(call) { ledger in
            // First whether there is one, in the words of who reads.
            _ = try await views.run(id, in: ledger)
            var writer = RunWriter(try await ledger.run(id), in: ledger)
            do throws(Refusal) { try await ledger.record(on: &writer, by: scribe, decide) } catch { throw Self.thrown(error) }
            return RunView(writer.record)
        }
    }

    private func onEnvironment(
        _ call: Call, _ scribe: Scribe, _ decide: @escaping @Sendable (EnvironmentRecord) throws(Refusal) -> EnvironmentEvent
    ) async throws -> Response {
        let name = try call.context.environmentName()
        return try await views.answer(call) { ledger in
            _ = try await views.environment(name, in: ledger)
            do throws(Refusal) { try await ledger.record(on: name, by: scribe, decide) } catch { throw Self.thrown(error) }
            return try await views.environment(name, in: ledger).view
        }
    }

    private static func thrown(_ refusal: Refusal) -> any Error {
        switch refusal {
        case .ledger(let error): error
        case .objection(let objection): Problem(.conflict, objection.message)
        }
    }

    private static func decision(_ body: [UInt8]) throws(Problem) -> Decision {
        guard let decision = try? Canonical.decode(Decision.self, from: body), SHA256Sum(hex: decision.change) != nil else {
            throw Problem(
                .badRequest,
                "A decision is {\"decision\": \"approve\" or \"reject\", \"change\": the 64 digits of its hash, \"reason\": …}.")
        }
        if decision.decision == .reject || decision.reason != nil { _ = try checked(decision.reason) }
        return decision
    }

    private static func reason(_ body: [UInt8]) throws(Problem) -> String {
        try checked((try? Canonical.decode(Reason.self, from: body))?.reason)
    }

    /// A reason is read in terminals and pages: it moves no cursor there, and is no novel.
    private static func checked(_ reason: String?) throws(Problem) -> String {
        guard let reason, (1...1000).contains(reason.unicodeScalars.count),
            !reason.unicodeScalars.contains(where: { $0.properties.generalCategory == .control })
        else { throw Problem(.badRequest, "A 'reason' is wanted: 1 to 1000 characters on one line.") }
        return reason
    }
}

extension Scribe {
    /// Records as `actor`, by this machine's clocks.
    init(_ actor: String) {
        self.init(
            actor: actor, now: { Int64(Date.now.timeIntervalSince1970 * 1000) },
            uptime: { Int64(DispatchTime.now().uptimeNanoseconds / 1_000_000) },
            random: { UInt64.random(in: .min ... .max) }, sleep: { try await Task.sleep(for: $0) })
    }
}
