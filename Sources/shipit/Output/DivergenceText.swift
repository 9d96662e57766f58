import Conductor
import Pipeline

/// What two environments run otherwise, for people: `-` is the first's, `+` the second's.
struct DivergenceText {
    /// How many commits of each are shown.
    private static let commitsShown = 20

    let text: String

    init(_ found: Divergence, hasColour: Bool) {
        let paint = Paint(isOn: hasColour)
        let (first, second) = (found.first.environment.text, found.second.environment.text)
        let width = max(first.count, second.count)
        var lines = [
            paint("- " + Self.side(found.first, width), .red), paint("+ " + Self.side(found.second, width), .green),
        ]
        var parts = Self.commits("only \(first) has", found.onlyFirst, paint)
        parts += Self.commits("only \(second) has", found.onlySecond, paint)
        if let words = found.commitsUnknown { parts += ["", paint("the commits between are not known: \(words)", .yellow)] }
        parts += Self.migrations(found, paint)
        parts += Self.section("images", found.images.flatMap { Self.pair($0, paint) }, paint)
        parts += Self.section("values", found.values.flatMap { Self.pair($0, paint) }, paint)
        parts += Self.section("files", found.files.flatMap { DiffText.object($0, paint) }, paint)
        if let words = found.filesUnknown { parts += ["", paint("the files are not known: \(words)", .yellow)] }
        if found.first.release == nil || found.second.release == nil {
            lines += parts
        } else {
            lines += parts.isEmpty ? ["", paint("Both run the same.", .green)] : parts
        }
        text = lines.joined(separator: "\n")
    }

    private static func side(_ side: Divergence.Side, _ width: Int) -> String {
        let name = side.environment.text + String(repeating: " ", count: width - side.environment.text.count)
        guard let release = side.release else { return "\(name)  runs nothing (\(side.target))" }
        return
            "\(name)  \(release.commit.prefix(12)) (release \(release.id), \(release.verdict), since \(Moment.text(release.at)); \(side.target))"
    }

    private static func section(_ title: String, _ lines: [String], _ paint: Paint) -> [String] {
        lines.isEmpty ? [] : ["", paint(title, .bold)] + lines
    }

    private static func commits(_ title: String, _ commits: [CommitLine], _ paint: Paint) -> [String] {
        guard !commits.isEmpty else { return [] }
        let count = commits.count < Divergence.mostCommits ? "\(commits.count)" : "\(commits.count) or more"
        let shown = commits.prefix(commitsShown).map {
            "  \($0.commit.prefix(12))  \(paint(Moment.text($0.committed), .dim))  \($0.subject)"
        }
        let rest = commits.count - shown.count
        return section("\(count) commit\(commits.count == 1 ? "" : "s") \(title)", shown, paint)
            + (rest > 0 ? [paint("  and \(rest) more: see --json", .dim)] : [])
    }

    private static func migrations(_ found: Divergence, _ paint: Paint) -> [String] {
        if let words = found.migrationsUnknown { return ["", paint("the migrations are not known: \(words)", .yellow)] }
        let lines = found.migrations.map { migration in
            let mark =
                switch (migration.isInFirst, migration.isInSecond) {
                case (true, false): paint("- \(migration.file)", .red)
                case (false, true): paint("+ \(migration.file)", .green)
                default: paint("~ \(migration.file)  is another", .yellow)
                }
            return "  \(mark)"
                + (migration.isCompatible ? paint("  compatible", .dim) : paint("  a rollback past it is blocked", .yellow))
        }
        return section("migrations", lines, paint)
    }

    private static func pair(_ pair: Divergence.Pair, _ paint: Paint) -> [String] {
        ["  \(pair.name)"] + (pair.first.map { [paint("  - \($0)", .red)] } ?? [])
            + (pair.second.map { [paint("  + \($0)", .green)] } ?? [])
    }
}
