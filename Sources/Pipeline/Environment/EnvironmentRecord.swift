/// An environment as its journal tells it up to some event.
public struct EnvironmentRecord: Hashable, Sendable {
    /// The environment.
    public let name: EnvironmentName
    /// Its state.
    public private(set) var state: EnvironmentState
    /// The position of the last event folded; 0 when it has no journal yet.
    public private(set) var position: Int64

    /// An environment at an event; without one, nothing was ever recorded about it.
    public init(_ name: EnvironmentName, _ state: EnvironmentState = EnvironmentState(), at position: Int64 = 0) {
        self.name = name
        self.state = state
        self.position = position
    }

    /// Takes the next event.
    public mutating func apply(_ event: EnvironmentEvent) {
        state.apply(event)
        position += 1
    }
}
