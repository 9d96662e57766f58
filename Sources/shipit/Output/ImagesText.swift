import Conductor
import Pipeline

/// The images of services, for people.
struct ImagesText {
    let text: String

    init(_ services: [ServiceImages], hasColour: Bool) {
        let paint = Paint(isOn: hasColour)
        text =
            services.isEmpty
            ? "The project has no service." : services.map { Self.service($0, paint) }.joined(separator: "\n\n")
    }

    private static func service(_ service: ServiceImages, _ paint: Paint) -> String {
        var lines = [paint(service.service.text, .bold) + paint(" · \(service.name)", .dim)]
        if service.images.isEmpty { lines.append("  nothing was pushed yet") }
        var table = Table(["  COMMIT", "DIGEST", "COMMITTED", "SUBJECT", ""])
        for image in service.images {
            table.add(
                "  " + (image.tag.prefix(12) + (image.tag.contains("-dirty-") ? "+" : "")), String(image.digest.prefix(19)),
                image.committed.map { Moment.text($0) } ?? "", shortened(image.subject) ?? paint("not in this clone", .dim),
                marks(of: image, paint))
        }
        if !service.images.isEmpty { lines.append(table.text) }
        let rest = service.commits - service.images.count
        if rest > 0 { lines.append(paint("  and \(rest) more: see --limit", .dim)) }
        for stray in service.strays {
            let what = "\(stray.environment) \(stray.isRunning ? "runs" : "would go back to") \(stray.digest.prefix(19))"
            lines.append(
                stray.isThere
                    ? "  " + paint("\(what), which has no commit's tag: a clean-up may remove it", .yellow)
                    : "  " + paint("\(what), which the registry has no more", .red))
        }
        return lines.joined(separator: "\n")
    }

    private static func shortened(_ subject: String?) -> String? {
        subject.map { $0.count > 50 ? $0.prefix(49) + "…" : $0 }
    }

    private static func marks(of image: ServiceImages.Entry, _ paint: Paint) -> String {
        let running = image.running.map { paint("runs on \($0)", .green) }
        let good = image.lastGood.filter { !image.running.contains($0) }.map { "last good of \($0)" }
        return ((image.isLatest ? [paint("latest", .blue)] : []) + running + good).joined(separator: ", ")
    }
}
