public import Logging
import Synchronization

/// What was logged: the metadata of each line, and its message.
public final class LogLines: Sendable {
    // The handler's method cannot wait, so no actor can keep them.
    private let kept = Mutex<[[String: String]]>([])

    /// Nothing yet.
    public init() {}

    /// The lines until now.
    public var all: [[String: String]] { kept.withLock { $0 } }

    /// A logger whose lines these are.
    public var logger: Logger { Logger(label: "test") { _ in Handler(lines: self) } }

    private struct Handler: LogHandler {
        let lines: LogLines
        var logLevel = Logger.Level.info
        var metadata: Logger.Metadata = [:]

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            var line = metadata.merging(event.metadata ?? [:]) { $1 }.mapValues(\.description)
            line["message"] = event.message.description
            lines.kept.withLock { $0.append(line) }
        }
    }
}
