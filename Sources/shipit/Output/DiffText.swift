import Conductor
import Hashing
import Pipeline

/// A comparison for programs.
struct DiffPayload: Encodable {
    struct Running: Encodable {
        var release: String
        var commit: String
        var change: Change
    }
    struct Live: Encodable {
        var drift: [TargetDifference]
        var change: [TargetDifference]?
    }

    var environment: EnvironmentName
    var commit: String
    var running: Running?
    var wanted: Change
    var unbuilt: [ServiceName]
    var schemaUnknown: String?
    var live: Live?

    init(_ comparison: Comparison) {
        environment = comparison.environment
        commit = comparison.source.commit
        running = comparison.running.map { Running(release: $0.id, commit: $0.source.commit, change: $0.change) }
        wanted = comparison.wanted
        unbuilt = comparison.unbuilt
        schemaUnknown = comparison.schemaUnknown
        live = comparison.live.map { Live(drift: $0.drift, change: $0.change) }
    }
}

/// A comparison for people: what runs, what would run, and with the target asked, what was changed by hand.
struct DiffText {
    let text: String

    init(_ comparison: Comparison, hasColour: Bool) {
        let paint = Paint(isOn: hasColour)
        let (running, wanted) = (comparison.running, comparison.wanted)
        var lines = [
            paint("\(comparison.environment)", .bold) + paint(" · \(wanted.target.summary)", .dim),
            "  runs       " + (running.map { "\($0.source.commit.prefix(12)) (release \($0.id))" } ?? "nothing"),
            "  would get  \(comparison.source.commit.prefix(12))"
                + (comparison.source.dirty == nil ? "" : " with uncommitted changes"),
            "",
        ]
        let parts = Self.parts(comparison, paint)
        lines += parts.isEmpty ? [paint("  images, values, \(wanted.target.fileWord) and schema are the same", .dim)] : parts
        if let live = comparison.live {
            lines += Self.section("changed by hand", live.drift, paint)
            if let change = live.change {
                lines += Self.section("to change", change, paint)
                if !comparison.unbuilt.isEmpty {
                    lines += ["", paint("This is with the images that run where others are not built yet.", .dim)]
                }
            } else {
                lines += ["", paint("What a deploy would change there is known once every image is built.", .dim)]
            }
        }
        text = lines.joined(separator: "\n")
    }

    private static func parts(_ comparison: Comparison, _ paint: Paint) -> [String] {
        let (now, wanted) = (comparison.running?.change, comparison.wanted)
        var lines: [String] = []
        for service in Set(wanted.images.keys).union((now?.images ?? [:]).keys).union(comparison.unbuilt).sorted() {
            if comparison.unbuilt.contains(service) {
                lines.append("  image      \(service)  " + paint("not built yet", .yellow))
            } else {
                lines += pair("image      \(service)", now?.images[service], wanted.images[service], paint)
            }
        }
        for (name, now, wanted) in (now?.values ?? [:]).differing(from: wanted.values) {
            lines += pair("value      \(name)", now?.description, wanted?.description, paint)
        }
        lines += pair(wanted.target.fileWord, now?.manifest.hex, wanted.manifest.hex, paint)
        if let now, now.target != wanted.target {
            lines += pair("target", now.target.summary, wanted.target.summary, paint)
        }
        for migration in wanted.schema?.pending ?? [] {
            lines.append(
                "  migration  \(migration.file)  "
                    + (migration.isCompatible
                        ? paint("compatible with the release before", .dim)
                        : paint("a rollback past it will be blocked", .yellow)))
        }
        if let words = comparison.schemaUnknown { lines.append("  migration  " + paint("not known: \(words)", .yellow)) }
        return lines
    }

    private static func pair(_ what: String, _ now: String?, _ then: String?, _ paint: Paint) -> [String] {
        guard now != then else { return [] }
        return ["  \(what)"] + (now.map { [paint("  - \($0)", .red)] } ?? []) + (then.map { [paint("  + \($0)", .green)] } ?? [])
    }

    private static func section(_ title: String, _ found: [TargetDifference], _ paint: Paint) -> [String] {
        found.flatMap { difference -> [String] in
            let head = ["", paint(title, .bold) + " on \(difference.place)"]
            if let refusal = difference.refusal { return head + [paint("  it would not take it: \(refusal)", .red)] }
            guard !difference.objects.isEmpty else { return ["", paint("nothing \(title) on \(difference.place)", .dim)] }
            return head + difference.objects.flatMap { Self.object($0, paint) }
        }
    }

    /// An object with its lines.
    static func object(_ object: TargetDifference.Object, _ paint: Paint) -> [String] {
        switch object.fate {
        case .added: [paint("  + \(object.name)", .green)]
        case .removed: [paint("  - \(object.name)", .red)]
        case .changed:
            ["  ~ \(object.name)"]
                + object.lines.map { line in
                    switch line.first {
                    case "+": paint("    \(line)", .green)
                    case "-": paint("    \(line)", .red)
                    default: paint("    \(line)", .dim)
                    }
                }
        }
    }
}
