import Conductor

/// What happens during local work, for people: each line with the service it is about.
struct DevelopmentText {
    private let paint: Paint
    /// The room for a service's name: names are not known before their services speak.
    private static let width = 12

    init(hasColour: Bool) {
        paint = Paint(isOn: hasColour)
    }

    func text(for event: DevelopmentEvent) -> String {
        switch event {
        case .building(let service): line(service, "▶", .blue, "building")
        case .built(let service, let took): line(service, "✓", .green, "built in \(Moment.span(took))")
        case .notBuilt(let service, let isRunning):
            line(
                service, "✗", .red,
                "could not be built: \(isRunning ? "what ran before goes on" : "nothing is started") until a change mends it")
        case .output(let service, let line):
            "\(prefix(service)) \(paint("│", .dim)) \(TerminalText.safe(line, hasColour: paint.isOn))"
        case .changed(let services, let files):
            paint("changed: \(files.joined(separator: ", "))", .bold)
                + (services.isEmpty ? "" : " → \(services.joined(separator: ", "))")
        case .standing(let standings): table(standings)
        case .notice(let text): paint(text, .yellow)
        }
    }

    private func line(_ service: String, _ mark: String, _ colour: Paint.Colour, _ text: String) -> String {
        "\(prefix(service)) \(paint(mark, colour)) \(text)"
    }

    private func prefix(_ service: String) -> String {
        service + String(repeating: " ", count: max(0, Self.width - service.utf8.count))
    }

    private func table(_ standings: [LocalStanding]) -> String {
        var table = Table()
        for standing in standings {
            let (mark, colour): (String, Paint.Colour) =
                standing.condition.isGood ? ("●", .green) : standing.condition == .starting ? ("○", .yellow) : ("✗", .red)
            table.add(
                prefix(standing.service) + " " + paint(mark, colour) + " " + standing.condition.rawValue,
                standing.addresses.joined(separator: "  "))
        }
        return table.text
    }
}

/// One JSON line of local work.
struct DevelopmentPayload: Encodable {
    var type: String
    var service: String?
    var line: String?
    var took: Int64?
    var isRunning: Bool?
    var services: [String]?
    var files: [String]?
    var standing: [LocalStanding]?

    init(_ event: DevelopmentEvent) {
        switch event {
        case .building(let service): (type, self.service) = ("building", service)
        case .built(let service, let took): (type, self.service, self.took) = ("built", service, took)
        case .notBuilt(let service, let isRunning):
            (type, self.service, self.isRunning) = ("not-built", service, isRunning)
        case .output(let service, let line): (type, self.service, self.line) = ("output", service, line)
        case .changed(let services, let files): (type, self.services, self.files) = ("changed", services, files)
        case .standing(let standings): (type, standing) = ("standing", standings)
        case .notice(let text): (type, line) = ("notice", text)
        }
    }
}
