import Testing

@testable import Pipeline

struct `The four figures` {
    private static let day: Int64 = 86_400_000
    private static let hour: Int64 = 3_600_000
    private static let now = 100 * day

    /// What happens to production, by the hour of the last ten days.
    private enum Step {
        case released(String, Int64, restores: String? = nil)
        case verified(String, Int64)
        case refuted(String, Int64)
    }

    private static func figures(_ steps: [Step], days: Int = 10, starts: [RunID: Int64] = [:]) -> Figures {
        var history = DeliveryHistory()
        for step in steps {
            let (event, hours): (EnvironmentEvent, Int64) =
                switch step {
                case .released(let id, let hours, let restores): (.released(release(id, hours, restores)), hours)
                case .verified(let id, let hours): (.verified(id, run: id), hours)
                case .refuted(let id, let hours): (.refuted(id, run: id), hours)
                }
            history.apply(Stamped(event, at: at(hours), by: "ada"))
        }
        return Figures(of: Samples.production, history, days: days, until: now, starts: starts)
    }

    private static func at(_ hours: Int64) -> Int64 { now - 10 * day + hours * hour }

    private static func release(_ id: String, _ hours: Int64, _ restores: String?) -> Release {
        var release = Samples.release(id, restores: restores)
        release.at = at(hours)
        return release
    }

    @Test func `are nothing where nothing was deployed`() {
        let figures = Self.figures([])
        #expect(figures.deployments == 0 && figures.perDay == 0 && figures.failureRate == nil)
        #expect(figures.lead.median == nil && figures.restore.median == nil && figures.open == 0)
        #expect(figures.spans.count == 10)
    }

    @Test func `count deployments of the days asked for, and no rollback`() {
        let steps: [Step] = [
            .released("a", -5), .verified("a", -4), .released("b", 10), .verified("b", 11), .released("c", 60),
            .released("r", 70, restores: "b"), .verified("r", 71), .released("d", 200),
        ]
        let figures = Self.figures(steps)
        #expect(figures.deployments == 3 && figures.perDay == 0.3)
        #expect(figures.spans.map(\.deployments) == [1, 0, 1, 0, 0, 0, 0, 0, 1, 0])
        #expect(Self.figures(steps, days: 11).deployments == 4)
    }

    @Test func `take the lead time from the beginning of the run, as far as it is known`() {
        let figures = Self.figures(
            [.released("a", 10), .released("b", 20), .released("c", 30), .released("d", 40)],
            starts: ["a": Self.at(9), "b": Self.at(18), "c": Self.at(25)])
        #expect(figures.lead == Figures.Durations([1, 2, 5].map { $0 * Self.hour }))
        #expect(figures.lead.count == 3 && figures.lead.median == 2 * Self.hour && figures.lead.ninth == 5 * Self.hour)
    }

    @Test func `take for failed what was refuted and what a rollback left behind`() {
        let figures = Self.figures([
            .released("a", 10), .verified("a", 11), .released("b", 20), .refuted("b", 21), .released("c", 30), .verified("c", 31),
            .released("r", 50, restores: "a"), .verified("r", 52),
        ])
        #expect(figures.failed == 2 && figures.deployments == 3 && figures.failureRate == 2.0 / 3)
        #expect(figures.spans.map(\.failed).reduce(0, +) == 2)
    }

    @Test func `measure to the next verification that passed, and name what is still open`() {
        let figures = Self.figures([
            .released("a", 10), .refuted("a", 11), .released("b", 20), .refuted("b", 21), .released("c", 30), .verified("c", 31),
            .released("d", 40), .refuted("d", 41),
        ])
        #expect(figures.restore == Figures.Durations([21 * Self.hour, 11 * Self.hour]))
        #expect(figures.failed == 3 && figures.open == 1)
    }

    @Test func `count a release that failed and then passed as failed and put right`() {
        let figures = Self.figures([.released("a", 10), .refuted("a", 11), .verified("a", 13)])
        #expect(figures.failed == 1 && figures.open == 0 && figures.restore.median == 3 * Self.hour)
    }

    @Test func `say since when releases are known where the journal was not read from its beginning`() {
        var history = DeliveryHistory(after: 7)
        history.apply(Stamped(.released(Self.release("a", 30, nil)), at: Self.at(30), by: "ada"))
        #expect(history.position == 8)
        #expect(Figures(of: Samples.production, history, days: 10, until: Self.now, starts: [:]).knownSince == Self.at(30))
        #expect(Figures(of: Samples.production, history, days: 3, until: Self.now, starts: [:]).knownSince == nil)
    }

    @Test func `keep no more of a long history than they need`() {
        var history = DeliveryHistory()
        for number in 0..<12_000 {
            history.apply(Stamped(.released(Self.release("r\(number)", 0, nil)), at: Int64(number), by: "ada"))
        }
        #expect(history.deliveries.count <= 10_000 && history.deliveries.last?.id == "r11999")
        #expect(history.begins != nil && history.position == 12_000)
    }
}
