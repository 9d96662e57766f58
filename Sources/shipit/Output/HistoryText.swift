import Pipeline

/// Lists of runs and releases, for people.
enum HistoryText {
    static func runs(_ runs: [RunSummary], hasColour: Bool) -> String {
        guard !runs.isEmpty else { return "No run yet. Begin with: shipit deploy staging" }
        let paint = Paint(isOn: hasColour)
        var table = Table(["RUN", "PIPELINE", "COMMIT", "STATUS", "DONE", "STARTED", "TOOK", "BY", "WHY"])
        for run in runs {
            table.add(
                run.id, run.pipeline.text, run.commit.prefix(12) + (run.isDirty ? "+" : ""),
                paint.state(run.status.rawValue) + (run.failed.map { " at \($0)" } ?? ""), "\(run.done)/\(run.wanted)",
                Moment.text(run.created),
                Moment.span(run.updated - run.created), run.by, run.reason)
        }
        return table.text
    }

    static func releases(_ releases: [EnvironmentView.ReleaseView], of environment: String, hasColour: Bool) -> String {
        guard !releases.isEmpty else { return "Nothing was ever deployed to \(environment)." }
        let paint = Paint(isOn: hasColour)
        var table = Table(["RELEASE", "COMMIT", "VERDICT", "SCHEMA", "DEPLOYED", "BY", ""])
        for release in releases {
            table.add(
                release.id, String(release.commit.prefix(12)), paint.state(release.verdict), release.schema ?? "",
                Moment.text(release.at), release.by,
                release.restores.map { "rollback to \($0)" } ?? "")
        }
        return table.text
    }
}
