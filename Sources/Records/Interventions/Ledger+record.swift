public import Pipeline

extension Ledger {
    /// Records an event that a person brings about, on the newest state of the run.
    ///
    /// It is recorded only: whoever drives the run goes on from there.
    ///
    /// - Parameters:
    ///   - writer: the run as the caller knows it; afterwards as it is in the ledger.
    ///   - scribe: who records it.
    ///   - decide: looks at the run first, again each time that somebody else was faster; nil for nothing to record.
    /// - Returns: what was recorded; nil for nothing.
    @discardableResult
    public func record<Refusal: Refusing>(
        on writer: inout RunWriter, by scribe: Scribe, _ decide: (RunRecord) throws(Refusal) -> RunEvent?
    ) async throws(Refusal) -> Stamped<RunEvent>? {
        var rivals = Rivals(in: scribe)
        while true {
            guard let event = try decide(writer.record) else { return nil }
            let stamped = scribe.stamp(event)
            do throws(RunError) { try writer.add(stamped) } catch {
                throw Refusal(
                    Objection(.unfit, "That cannot be done to run \(writer.record.run.id) now: \(error.reason)."))
            }
            do throws(LedgerError) {
                try await writer.save()
                return stamped
            } catch {
                guard error.isConflict, await rivals.letPass() else { throw Refusal(error) }
            }
            do throws(LedgerError) { try await writer.reload() } catch { throw Refusal(error) }
        }
    }

    /// Records an event that a person brings about, on the newest state of the environment.
    ///
    /// - Parameters:
    ///   - environment: the environment.
    ///   - scribe: who records it.
    ///   - decide: looks at the environment first, again each time that somebody else was faster.
    public func record<Refusal: Refusing>(
        on environment: EnvironmentName, by scribe: Scribe,
        _ decide: (EnvironmentRecord) throws(Refusal) -> EnvironmentEvent
    ) async throws(Refusal) {
        var rivals = Rivals(in: scribe)
        while true {
            let record: EnvironmentRecord
            do throws(LedgerError) { record = try await self.environment(environment) } catch { throw Refusal(error) }
            let event = scribe.stamp(try decide(record))
            do throws(LedgerError) {
                try await append(EnvironmentAppend(record, [event]))
                return
            } catch {
                guard error.isConflict, await rivals.letPass() else { throw Refusal(error) }
            }
        }
    }
}
