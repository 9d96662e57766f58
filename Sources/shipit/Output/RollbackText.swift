import Conductor
import Pipeline

/// A rollback for programs.
struct RollbackPayload: Encodable {
    struct Step: Encodable {
        var version: String
        var file: String?
        var isCompatible: Bool?
    }

    var environment: EnvironmentName
    var current: String?
    var target: EnvironmentView.ReleaseView
    var migrations: [Step]
    var obstacles: [String]

    init(_ rollback: RollbackPlan) {
        environment = rollback.environment
        current = rollback.current?.id
        target = EnvironmentView.ReleaseView(.init(release: rollback.target, isGood: true))
        migrations = rollback.migrations.map { Step(version: $0.version, file: $0.file, isCompatible: $0.isCompatible) }
        obstacles = rollback.obstacles
    }
}

/// A rollback for people: from, to, what lies between, what stands in the way.
struct RollbackText {
    let text: String

    init(_ rollback: RollbackPlan, hasColour: Bool) {
        let paint = Paint(isOn: hasColour)
        let from = rollback.current.map { "\($0.source.commit.prefix(12)) (release \($0.id))" } ?? "nothing"
        var lines = [
            paint("rollback of \(rollback.environment)", .bold), "  from       \(from)",
            "  to         \(rollback.target.source.commit.prefix(12)) (release \(rollback.target.id), deployed \(Moment.text(rollback.target.at)) by \(rollback.target.by))",
        ]
        for (service, reference) in rollback.target.change.images.sorted(by: { $0.key < $1.key }) {
            let isSame = rollback.current?.change.images[service] == reference
            lines.append("  image      \(service)  \(reference)" + (isSame ? paint("  unchanged", .dim) : ""))
        }
        for migration in rollback.migrations {
            let words =
                migration.isCompatible.map { $0 ? paint("compatible: it stays", .green) : paint("not marked compatible", .red) }
                ?? paint("unknown", .red)
            lines.append("  migration  \(migration.file ?? migration.version)  \(words)")
        }
        for obstacle in rollback.obstacles { lines.append(paint("  blocked    \(obstacle)", .red)) }
        text = lines.joined(separator: "\n")
    }
}
