import HTTPTypes
import Synchronization

/// What a service counts of itself, in the text format of Prometheus 0.0.4.
///
/// A few kinds of numbers, counted in one place: a library for it would bring more code than this is.
public final class Metrics: Sendable {
    private struct Key: Hashable {
        let route: String
        let method: String
    }

    private struct Series {
        var statuses: [Int: Int] = [:]
        /// How many took at most as long as each bound, and more than the one before.
        var buckets = Array(repeating: 0, count: Metrics.bounds.count + 1)
        var seconds = 0.0

        mutating func count(_ status: Int, _ bucket: Int, _ seconds: Double) {
            statuses[status, default: 0] += 1
            buckets[bucket] += 1
            self.seconds += seconds
        }
    }

    /// A number that is read when somebody asks.
    public struct Number: Sendable {
        /// Whether it goes up and down, or only ever up.
        public enum Kind: String, Sendable {
            case gauge, counter
        }

        let kind: Kind
        let name: String
        let help: String
        let label: String?
        let read: @Sendable () async -> [(label: String, value: Int)]

        /// A number of this name, or several that `label` tells apart.
        ///
        /// - Parameters:
        ///   - name: what it is called.
        ///   - help: what it says.
        ///   - label: what tells several numbers apart; nil for one.
        ///   - kind: whether it can go down.
        ///   - read: the numbers as they are now.
        public init(
            _ name: String, _ help: String, by label: String? = nil, _ kind: Kind = .gauge,
            _ read: @escaping @Sendable () async -> [(label: String, value: Int)]
        ) {
            self.kind = kind
            self.name = name
            self.help = help
            self.label = label
            self.read = read
        }
    }

    /// The bounds of the histogram, in seconds.
    private static let bounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
    /// A method is a caller's own word: only these are told apart.
    private static let methods: Set<String> = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]

    /// Under a lock and in no actor: every request counts itself, and none should wait for its turn to run for that.
    private let series = Mutex<[Key: Series]>([:])
    private let numbers: [Number]

    /// Counts requests, and tells these numbers beside them.
    public init(_ numbers: [Number] = []) {
        self.numbers = numbers
    }

    /// Counts an answered request.
    ///
    /// - Parameters:
    ///   - route: the pattern that it met, and never the path; nil when there was none.
    ///   - method: its method.
    ///   - status: what it was answered.
    ///   - elapsed: how long that took.
    func count(_ route: String?, _ method: HTTPRequest.Method, status: Int, elapsed: Duration) {
        let key = Key(
            route: route ?? "none", method: Self.methods.contains(method.rawValue) ? method.rawValue : "other")
        let seconds = Double(elapsed.components.seconds) + Double(elapsed.components.attoseconds) / 1e18
        let bucket = Self.bounds.firstIndex { seconds <= $0 } ?? Self.bounds.count
        series.withLock { series in
            series[key, default: Series()].count(status, bucket, seconds)
        }
    }

    /// All numbers as they are now.
    public func text() async -> String {
        var lines: [String] = []
        func begin(_ name: String, _ type: String, _ help: String) {
            lines += ["# HELP \(name) \(help)", "# TYPE \(name) \(type)"]
        }
        let sorted = series.withLock { $0 }.sorted { ($0.key.route, $0.key.method) < ($1.key.route, $1.key.method) }
        begin("shipit_http_requests_total", "counter", "Requests answered.")
        for (key, value) in sorted {
            for (status, count) in value.statuses.sorted(by: { $0.key < $1.key }) {
                lines.append("shipit_http_requests_total{\(Self.labels(key)),status=\"\(status)\"} \(count)")
            }
        }
        let name = "shipit_http_request_duration_seconds"
        begin(name, "histogram", "Time until the answer's head was there.")
        for (key, value) in sorted {
            var sum = 0
            for (bound, count) in zip(Self.bounds.map { "\($0)" } + ["+Inf"], value.buckets) {
                sum += count
                lines.append("\(name)_bucket{\(Self.labels(key)),le=\"\(bound)\"} \(sum)")
            }
            lines += ["\(name)_sum{\(Self.labels(key))} \(value.seconds)", "\(name)_count{\(Self.labels(key))} \(sum)"]
        }
        for number in numbers {
            begin(number.name, number.kind.rawValue, number.help)
            for (label, value) in await number.read() {
                lines.append("\(number.name)\(number.label.map { "{\($0)=\"\(label)\"}" } ?? "") \(value)")
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// Routes are patterns of our own source: nothing in them needs an escape.
    private static func labels(_ key: Key) -> String { "route=\"\(key.route)\",method=\"\(key.method)\"" }
}
