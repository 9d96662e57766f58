/// The four DORA figures of one environment over some days; `docs/web.md` defines each.
///
/// Field names are part of the interface. Times are milliseconds since 1970, durations milliseconds.
public struct Figures: Hashable, Sendable, Codable {
    /// How long something took, over all that is known.
    public struct Durations: Hashable, Sendable, Codable {
        /// How many are known.
        public var count: Int
        /// Half of them took no longer.
        public var median: Int64?
        /// Nine of ten took no longer.
        public var ninth: Int64?

        init(_ durations: [Int64]) {
            let sorted = durations.sorted()
            count = sorted.count
            median = sorted.isEmpty ? nil : sorted[(sorted.count - 1) / 2]
            ninth = sorted.isEmpty ? nil : sorted[(sorted.count * 9 - 1) / 10]
        }
    }

    /// A part of the time, for a chart.
    public struct Span: Hashable, Sendable, Codable {
        /// When it begins.
        public var from: Int64
        /// Deployments in it.
        public var deployments: Int
        /// How many of them failed.
        public var failed: Int
    }

    /// The environment.
    public var environment: EnvironmentName
    /// Over how many days.
    public var days: Int
    /// The end of these days.
    public var until: Int64
    /// Releases that began to run; rollbacks are none of them.
    public var deployments: Int
    /// Deployments a day.
    public var perDay: Double
    /// From the commit to the release; from the beginning of the run where the commit's time is not known or later than that.
    public var lead: Durations
    /// Deployments that failed their verification or were left behind by a rollback.
    public var failed: Int
    /// Their part of all deployments; nil where there is none.
    public var failureRate: Double?
    /// From the beginning of a failed release to the next verification that passed.
    public var restore: Durations
    /// Failed deployments that nothing has put right yet.
    public var open: Int
    /// The days in equal parts, oldest first.
    public var spans: [Span]
    /// Since when releases are known, where that is later than the days begin.
    public var knownSince: Int64?

    private static let day: Int64 = 86_400_000
    /// Into how many parts the days are cut at most.
    private static let spans = 30

    /// The releases of `history` that these figures are about.
    public static func deployments(in history: DeliveryHistory, days: Int, until: Int64) -> [DeliveryHistory.Delivery] {
        let start = until - Int64(days) * day
        return history.deliveries.filter { !$0.isRollback && $0.at > start && $0.at <= until }
    }

    /// Computes the figures.
    ///
    /// - Parameters:
    ///   - environment: whose they are.
    ///   - history: what its journal tells.
    ///   - days: how many days, from 1.
    ///   - until: the end of these days.
    ///   - starts: when the run of each deployment was created, as far as that is known.
    public init(
        of environment: EnvironmentName, _ history: DeliveryHistory, days: Int, until: Int64, starts: [RunID: Int64]
    ) {
        let start = until - Int64(days) * Self.day
        let wanted = Self.deployments(in: history, days: days, until: until)
        let failures = wanted.filter(\.hasFailed)
        self.environment = environment
        self.days = days
        self.until = until
        deployments = wanted.count
        perDay = Double(wanted.count) / Double(days)
        lead = Durations(
            wanted.compactMap { delivery in
                [delivery.committed, starts[delivery.id]].compactMap { $0 }.min().map { max(0, delivery.at - $0) }
            })
        failed = failures.count
        failureRate = wanted.isEmpty ? nil : Double(failures.count) / Double(wanted.count)
        restore = Durations(failures.compactMap { failure in failure.restored.map { max(0, $0 - failure.at) } })
        open = failures.count { $0.restored == nil }
        knownSince = history.begins.flatMap { $0 > start ? $0 : nil }

        let count = min(days, Self.spans)
        let length = (Int64(days) * Self.day) / Int64(count)
        var spans = (0..<count).map { Span(from: start + Int64($0) * length, deployments: 0, failed: 0) }
        for delivery in wanted {
            let index = min(count - 1, Int((delivery.at - start - 1) / length))
            spans[index].deployments += 1
            if delivery.hasFailed { spans[index].failed += 1 }
        }
        self.spans = spans
    }
}
