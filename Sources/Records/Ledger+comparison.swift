import Journal
public import Pipeline

extension Ledger {
    /// How many releases between two are looked at.
    private static let comparedReleases = 100

    /// Compares two releases of an environment, whichever of them is the earlier.
    ///
    /// - Returns: nil when one of them is not a release of it.
    public func comparison(
        of one: ReleaseID, and other: ReleaseID, in record: EnvironmentRecord
    ) async throws(LedgerError) -> ReleaseComparison? {
        var later: EnvironmentState.Entry?
        var earlier: EnvironmentState.Entry?
        var between: [EnvironmentState.Entry] = []
        var isCut = false
        _ = try await release(of: record) { entry in
            if later == nil {
                guard entry.release.id == one || entry.release.id == other else { return false }
                later = entry
                if one == other { earlier = entry }
            } else if entry.release.id == one || entry.release.id == other {
                earlier = entry
            }
            if earlier == nil {
                if between.count < Self.comparedReleases { between.append(entry) } else { isCut = true }
            }
            return earlier != nil
        }
        guard let later, let earlier else { return nil }
        return ReleaseComparison(
            from: earlier, to: later, between: between, isCut: isCut,
            migrations: try await migrations(of: between.map(\.release), in: record.name))
    }

    /// Compares what an environment runs with the Change to it that waits for a person in a run.
    ///
    /// - Returns: nil when nothing waits there for this environment.
    public func comparison(
        withWaitingIn id: RunID, in environment: EnvironmentRecord
    ) async throws(LedgerError) -> ReleaseComparison? {
        let record = try await run(id)
        guard let change = record.run.waitingApprovals.map(\.change).last(where: { $0.environment == environment.name }) else {
            return nil
        }
        let release = Release(
            id: id, change: change, source: record.run.plan.source, by: record.by, at: record.updated, manifest: "")
        return ReleaseComparison(
            from: environment.state.current, to: EnvironmentState.Entry(release: release), between: [], isCut: false,
            migrations: (change.schema?.pending ?? []).map {
                .init(version: $0.version, file: $0.file, isCompatible: $0.isCompatible)
            })
    }

    /// Where a rollback would lead by the ledger alone.
    ///
    /// - Parameters:
    ///   - record: the environment.
    ///   - wanted: a release id, or the beginning of a commit; nil for the newest good release that differs.
    public func rollbackView(of record: EnvironmentRecord, to wanted: String?) async throws(LedgerError) -> RollbackView {
        let current = record.state.current
        let target = try await rollbackTarget(of: record, leaving: current?.release, to: wanted)
        var comparison: ReleaseComparison?
        if let target, let current { comparison = try await self.comparison(of: target.id, and: current.release.id, in: record) }
        return RollbackView(
            of: record.name, current: current.map(EnvironmentView.ReleaseView.init),
            target: target.map { EnvironmentView.ReleaseView(EnvironmentState.Entry(release: $0, isGood: true)) },
            comparison: comparison)
    }

    /// What the runs of these releases, newest first, applied to the database, oldest first.
    ///
    /// What a run applied is in its journal; whether that is compatible, only where it was part of an approved Change.
    private func migrations(
        of releases: [Release], in environment: EnvironmentName
    ) async throws(LedgerError) -> [ReleaseComparison.Step] {
        var steps: [ReleaseComparison.Step] = []
        for release in releases.reversed() where release.restores == nil {
            guard try await head(JournalName(.run, release.id)) != nil else { continue }
            var marks = release.change.schema?.pending ?? []
            var applied: [String] = []
            for artifact in try await run(release.id).run.artifacts.values {
                switch artifact {
                case .approval(let approval) where approval.environment == environment:
                    marks += approval.change.schema?.pending ?? []
                case .schema(let schema) where schema.environment == environment: applied += schema.applied
                default: break
                }
            }
            for version in applied where !steps.contains(where: { $0.version == version }) {
                let mark = marks.first { $0.version == version }
                steps.append(.init(version: version, file: mark?.file, isCompatible: mark?.isCompatible))
            }
        }
        return steps
    }
}
