/// What is read of a compose project's container, as `docker inspect` prints it.
struct ComposeContainer: Decodable, Sendable {
    private struct Configuration: Decodable {
        var Image: String
        var Labels: [String: String]?
    }
    private struct Condition: Decodable {
        struct Health: Decodable { var Status: String }
        var Status: String
        var Health: Health?
    }
    private enum CodingKeys: String, CodingKey {
        case configuration = "Config"
        case condition = "State"
    }
    private var configuration: Configuration
    private var condition: Condition

    var labels: [String: String] { configuration.Labels ?? [:] }
    var service: String? { labels["com.docker.compose.service"] }
    var isHealthy: Bool { condition.Status == "running" && (condition.Health?.Status ?? "healthy") == "healthy" }

    /// What two containers of a service can be compared by.
    var lines: [String] {
        Self.lines(image: configuration.Image, sum: labels["com.docker.compose.config-hash"] ?? "none", status: condition.Status)
    }

    /// The same of one that would be.
    /// - Parameter sum: compose's own sum of its configuration.
    static func lines(image: String?, sum: String, status: String) -> [String] {
        ["image: \(image ?? "none")", "configuration: \(sum.prefix(12))", "status: \(status)"]
    }
}
