/// Goes back through the events of an environment and finds its releases, newest first, each with its verdict.
public struct ReleaseSearch: Sendable {
    private var verdicts: [ReleaseID: Bool] = [:]

    /// Begins behind the newest event.
    public init() {}

    /// Takes the event before the last one taken; a release when that is one.
    public mutating func take(_ event: EnvironmentEvent) -> EnvironmentState.Entry? {
        switch event {
        case .released(let release):
            // A verdict is about the newest release of that id before it.
            return EnvironmentState.Entry(release: release, isGood: verdicts.removeValue(forKey: release.id))
        case .verified(let id, _): verdicts[id] = verdicts[id] ?? true
        case .refuted(let id, _): verdicts[id] = verdicts[id] ?? false
        case .held, .unheld, .sighted: break
        }
        return nil
    }
}
