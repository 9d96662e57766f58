import Pipeline
import Records

/// The deliveries of each environment, each event of a journal read once; what the figures are made of.
actor Deliveries {
    /// As many beginnings of runs as are remembered; beyond that all are asked for again.
    private static let keptStarts = 20_000
    /// How many deployments' lead times are looked up for one answer: those of the newest.
    private static let figuredStarts = 2_000

    private var histories: [EnvironmentName: DeliveryHistory] = [:]
    private var starts: [RunID: Int64] = [:]

    /// The figures of an environment over the last `days`.
    func figures(of name: EnvironmentName, days: Int, until: Int64, in ledger: Ledger) async throws(LedgerError) -> Figures {
        let history = try await ledger.follow(histories[name], of: name)
        // Somebody else may have followed it further meanwhile.
        if history.position >= histories[name]?.position ?? 0 { histories[name] = history }
        if starts.count > Self.keptStarts { starts = [:] }
        for delivery in Figures.deployments(in: history, days: days, until: until).suffix(Self.figuredStarts)
        where starts[delivery.id] == nil {
            if let summary = try await ledger.summary(of: delivery.id) { starts[delivery.id] = summary.created }
        }
        return Figures(of: name, history, days: days, until: until, starts: starts)
    }
}
