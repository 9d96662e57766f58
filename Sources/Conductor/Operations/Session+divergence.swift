import Git
public import Pipeline

extension Session {
    /// Compares what two environments run, by the ledger's word.
    ///
    /// Changes nothing, and asks no target.
    /// - Parameters:
    ///   - first: what is compared.
    ///   - second: what it is compared with.
    ///   - project: the project that declares both.
    public func compare(
        _ first: EnvironmentName, with second: EnvironmentName, in project: Project
    ) async throws(Refusal) -> Divergence {
        guard first != second else {
            throw Refusal(
                .badInput, "\(first) cannot be compared with itself.",
                remedy: "What it would get: shipit diff \(first)")
        }
        let (one, other) = (try await state(of: first).current, try await state(of: second).current)
        var found = Divergence(side(first, one, in: project), side(second, other, in: project))
        let (before, after) = (one?.release, other?.release)
        found.images = (before?.change.images ?? [:]).differing(from: after?.change.images ?? [:])
            .map { Divergence.Pair(name: $0.key.text, first: $0.here, second: $0.there) }
        found.values = (before?.change.values ?? [:]).mapValues(\.description)
            .differing(from: (after?.change.values ?? [:]).mapValues(\.description))
            .map { Divergence.Pair(name: $0.key, first: $0.here, second: $0.there) }
        guard let before, let after else { return found }
        await addCommits(before, after, to: &found)
        do throws(StageFailure) {
            found.migrations = try await migrations(before, after, in: project)
        } catch {
            found.migrationsUnknown = error.failure.message
        }
        do {
            found.files = try await files(before, after)
        } catch {
            found.filesUnknown = "\(error)"
        }
        return found
    }

    private func side(_ name: EnvironmentName, _ entry: EnvironmentState.Entry?, in project: Project) -> Divergence.Side {
        let target = entry?.release.change.target ?? project.environments[name]?.target
        return Divergence.Side(
            environment: name, target: target?.summary ?? "", release: entry.map(EnvironmentView.ReleaseView.init))
    }

    private func addCommits(_ first: Release, _ second: Release, to found: inout Divergence) async {
        do throws(GitError) {
            let (one, other) = (first.source.commit, second.source.commit)
            found.onlyFirst = try await workspace.commits(after: other, upTo: one, limit: Divergence.mostCommits)
            found.onlySecond = try await workspace.commits(after: one, upTo: other, limit: Divergence.mostCommits)
        } catch {
            found.commitsUnknown = error.description
        }
    }

    /// The migrations that one release has and the other has not, or has in another form.
    private func migrations(
        _ first: Release, _ second: Release, in project: Project
    ) async throws(StageFailure) -> [Divergence.MigrationLine] {
        let (one, other) = (try await migrations(of: first, in: project), try await migrations(of: second, in: project))
        return one.differing(from: other).compactMap { file, mine, theirs in
            guard let migration = mine ?? theirs else { return nil }
            return Divergence.MigrationLine(
                file: file, isInFirst: mine != nil, isInSecond: theirs != nil, isCompatible: migration.isCompatible)
        }
    }

    /// The migrations that the commit of a release has, up to the version that the release needs, by file.
    private func migrations(of release: Release, in project: Project) async throws(StageFailure) -> [String: MigrationMark] {
        guard let schema = release.change.schema, let newest = schema.to,
            let database = project.environments[release.change.environment]?.database
        else { return [:] }
        let commit = Source(commit: release.source.commit)
        let all = try await workspace.migrations(in: database.migrations, at: commit)
        let marks = all.filter { !Migration.precedes(newest, $0.version) }.map(\.mark)
        // Those of uncommitted changes are known by the Change alone.
        return Dictionary((marks + schema.pending).map { ($0.file, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// The files that describe the releases to their targets, as far as they differ.
    private func files(_ first: Release, _ second: Release) async throws -> [TargetDifference.Object] {
        switch (first.change.target, second.change.target) {
        case (.compose(let one), .compose(let other)):
            let name = one.file == other.file ? one.file : "\(one.file) and \(other.file)"
            return difference(name, first.manifest, second.manifest).map { [$0] } ?? []
        case (.helm(let one), .helm(let other)):
            let (charts, others) = (try await chart(one, of: first), try await chart(other, of: second))
            var found = charts.differing(from: others).compactMap { difference("\(other.chart)/\($0.key)", $0.here, $0.there) }
            // They are read one after the other, so that those in the same place are each other's.
            for place in 0..<max(one.valueFiles.count, other.valueFiles.count) {
                let (mine, theirs) = (one.valueFiles.dropFirst(place).first, other.valueFiles.dropFirst(place).first)
                let name = mine == theirs ? mine : [mine, theirs].compactMap { $0 }.joined(separator: " and ")
                if let name, let object = difference(name, try await text(mine, of: first), try await text(theirs, of: second)) {
                    found.append(object)
                }
            }
            return found
        case (.compose, .helm), (.helm, .compose):
            // Nothing of the one can be laid beside the other; the sides say what they are.
            return []
        }
    }

    private func difference(_ name: String, _ first: String?, _ second: String?) -> TargetDifference.Object? {
        switch (first, second) {
        case (let first?, let second?):
            let lines = LineDifference.lines(from: first, to: second)
            return lines.isEmpty ? nil : .init(name: name, fate: .changed, lines: lines)
        case (nil, _?): return .init(name: name, fate: .added, lines: [])
        case (_?, nil): return .init(name: name, fate: .removed, lines: [])
        case (nil, nil): return nil
        }
    }

    /// The files of a chart, by their path in it.
    private func chart(_ target: HelmTarget, of release: Release) async throws -> [String: String] {
        let id = try CommitID(release.source.commit)
        var files: [String: String] = [:]
        for file in try await workspace.repository.tree(at: id, path: target.chart) where file.size < 1 << 20 {
            files[String(file.path.dropFirst(target.chart.count + 1))] = try await text(file.path, of: release)
        }
        return files
    }

    private func text(_ path: String?, of release: Release) async throws -> String? {
        guard let path else { return nil }
        let content = try await workspace.content(path, at: Source(commit: release.source.commit))
        return content.map { String(decoding: $0, as: UTF8.self) }
    }
}
