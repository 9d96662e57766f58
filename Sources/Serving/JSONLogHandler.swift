import CanonicalJSON
import FoundationEssentials
public import Logging

/// Writes each log message as one line of JSON to the standard output, where containers are expected to leave it.
///
/// Keys are `at`, `level`, `service`, `message` and those of the metadata; all values are text.
public struct JSONLogHandler: LogHandler {
    /// The lowest level that is written.
    public var logLevel: Logger.Level
    /// What goes with every message.
    public var metadata: Logger.Metadata = [:]
    private let service: String

    /// Logs what `service` says.
    public init(service: String, level: Logger.Level) {
        self.service = service
        logLevel = level
    }

    /// One value of the metadata.
    public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    /// Writes the line.
    public func log(event: LogEvent) {
        StandardStream.output.write(Self.line(for: event, service: service, metadata: metadata, at: .now))
    }

    static func line(for event: LogEvent, service: String, metadata: Logger.Metadata, at date: Date) -> [UInt8] {
        var fields = metadata.merging(event.metadata ?? [:]) { $1 }.mapValues(\.description)
        if let error = event.error { fields["error"] = "\(error)" }
        fields["at"] = date.formatted(.iso8601.year().month().day().time(includingFractionalSeconds: true)) + "Z"
        fields["level"] = event.level.rawValue
        fields["service"] = service
        fields["message"] = event.message.description
        return Canonical.bytes(of: fields) + [UInt8(ascii: "\n")]
    }
}
