/// What happens during local work.
public enum DevelopmentEvent: Sendable {
    /// A service's image is being built.
    case building(service: String)
    /// It was built; in milliseconds.
    case built(service: String, took: Int64)
    /// It could not be built; whether what ran before still does.
    case notBuilt(service: String, isRunning: Bool)
    /// A line that a build or a container of a service printed.
    case output(service: String, line: String)
    /// Files that services are built from have changed: the first few, relative to the root.
    case changed(services: [String], files: [String])
    /// How the services stand after something was done about them.
    case standing([LocalStanding])
    /// Something by the way.
    case notice(String)
}
