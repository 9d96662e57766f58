import CanonicalJSON
import HTTP
import Pipeline
import Records

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Asks a release whether it works: `verify` stages.
struct VerifyPerformer: Performer {
    /// The pause between two answers.
    private static let pause = Duration.milliseconds(500)

    func perform(_ stage: Verify, _ inputs: Verify.Inputs, _ work: Work) async throws(StageFailure) -> Performed<Nothing> {
        let environment = try work.environment(stage.target)
        let release = inputs.release.release
        try await requireCurrent(release, in: stage.target, work)
        do throws(StageFailure) {
            for check in environment.checks { try await prove(check, work) }
        } catch {
            try await requireCurrent(release, in: stage.target, work)
            throw StageFailure(error.failure, events: [.refuted(release, run: work.run)])
        }
        try await requireCurrent(release, in: stage.target, work)
        if environment.checks.isEmpty {
            await work.log.say("\(stage.target) has no checks: healthy containers are all that is known")
        }
        return .done(
            Nothing(), note: "\(environment.checks.count) checks passed", events: [.verified(release, run: work.run)])
    }

    /// Asking again costs nothing and tells more than any record.
    func observe(_ stage: Verify, _ inputs: Verify.Inputs, _ work: Work) async throws(StageFailure) -> Observation<Nothing> {
        .notDone("verification is repeated")
    }

    /// What answers is what runs now: it says nothing of a release that something else was deployed over, or that was rolled back from.
    private func requireCurrent(_ release: ReleaseID, in name: EnvironmentName, _ work: Work) async throws(StageFailure) {
        let current = try await work.ledger { (ledger) async throws(LedgerError) in
            try await ledger.environment(name).state.current?.release.id
        }
        guard current == release else {
            throw StageFailure(
                "overtaken", "\(name) no longer runs release \(release): it runs \(current ?? "none").",
                remedy:
                    "Deploy the commit again with a new run: shipit deploy \(name) --commit \(work.plan.source.commit.prefix(12))"
            )
        }
    }

    /// Waits for `successes` good answers in a row; the stage's own deadline ends it.
    private func prove(_ check: HTTPCheck, _ work: Work) async throws(StageFailure) {
        var headers = HTTPHeaders()
        for (name, value) in check.headers.sorted(by: { $0.key < $1.key }) {
            headers.append(name, try await work.tools.vault.resolve(value, for: "header \(name) of \(check.url)"))
        }
        let request = HTTPRequest(url: check.url, headers: headers, deadline: check.within.duration, responseLimit: 1 << 20)
        let clock = ContinuousClock()
        // Three quarters of the stage's time: what is left tells the failure in our own words instead of "timed out".
        let end = clock.now + work.deadline.duration * 3 / 4
        var good = 0
        var last = "it was never asked"
        while good < check.successes {
            if Task.isCancelled { throw StageFailure("cancelled", "Verification was ended.") }
            if let complaint = await ask(request, check, work) {
                if complaint != last { await work.log.say("\(check.url): \(complaint)") }
                last = complaint
                good = 0
            } else {
                good += 1
                if good == check.successes { break }
            }
            guard clock.now < end else {
                throw StageFailure(
                    "verification-failed", "\(check.url) did not answer as wanted \(check.successes) times in a row: \(last).",
                    remedy: "See the service's own log; 'shipit rollback' takes the environment back to its last good release.")
            }
            try? await Task.sleep(for: Self.pause)
        }
        await work.log.say("\(check.url): good" + (check.successes > 1 ? ", \(check.successes) times in a row" : ""))
    }

    /// Nil for a good answer, else what is wrong with it.
    private func ask(_ request: HTTPRequest, _ check: HTTPCheck, _ work: Work) async -> String? {
        let response: HTTPResponse
        do throws(HTTPError) {
            response = try await work.tools.http.send(request)
        } catch {
            return error.description
        }
        guard response.status == check.status else { return "status \(response.status), wanted \(check.status)" }
        guard response.elapsed <= check.within.duration else {
            return "it took \(response.elapsed), wanted at most \(check.within)"
        }
        if let text = check.contains, !String(decoding: response.body, as: UTF8.self).contains(text) {
            return "the body does not contain '\(text)'"
        }
        guard !check.json.isEmpty else { return nil }
        guard let document = try? JSONDecoder().decode(JSONValue.self, from: Data(response.body)) else {
            return "the body is not JSON"
        }
        for (path, wanted) in check.json.sorted(by: { $0.key < $1.key }) {
            let found = document.value(at: path)
            if found?.scalar != wanted { return "JSON \(path) is \(found?.scalar ?? "missing"), wanted \(wanted)" }
        }
        return nil
    }
}
