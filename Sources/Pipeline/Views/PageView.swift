/// What the page shows at an address of its own, which it finds in the fragment.
public enum PageView: Sendable {
    /// What it begins with.
    case front
    /// An environment.
    case environment(EnvironmentName)
    /// A run.
    case run(RunID)
    /// What would be approved at a stage of a run.
    case approval(RunID, StageName)

    /// Its address.
    ///
    /// Ids and names hold no character that means something else in an address.
    /// - Parameter page: where the page is, as `page` of the project says it.
    public func address(on page: String) -> String {
        switch self {
        case .front: "\(page)/"
        case .environment(let name): "\(page)/#/environments/\(name)"
        case .run(let id): "\(page)/#/runs/\(id)"
        case .approval(let id, let stage): "\(page)/#/runs/\(id)/approval/\(stage)"
        }
    }
}
