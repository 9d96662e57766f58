import CanonicalJSON
import FoundationEssentials
import HTTP
import Hashing
import Pipeline

/// An announcement as JSON for programs, signed.
///
/// The form of <https://www.standardwebhooks.com>: `type`, `timestamp`, `data`, and a signature over id, time of sending and body.
struct WebhookMessage {
    private struct Body: Encodable {
        var type: String
        var timestamp: String
        var data: Content
    }

    private struct Content: Encodable {
        var project: Name<Project>
        var pipeline: PipelineName
        var run: RunID
        var reason: String
        var commit: String
        var stage: StageName
        var attempt: Int
        var environment: EnvironmentName?
        var by: String
        var change: SHA256Sum?
        var failure: Failure?
        var from: String?
        var hold: Hold?
        var link: String?
        var next: [String]
    }

    /// What is sent.
    let body: [UInt8]
    private let id: String

    init(_ announcement: Announcement) {
        var content = Content(
            project: announcement.project, pipeline: announcement.pipeline, run: announcement.run, reason: announcement.reason,
            commit: announcement.commit, stage: announcement.stage, attempt: announcement.attempt,
            environment: announcement.environment, by: announcement.by, failure: announcement.failure, link: announcement.link,
            next: announcement.next)
        switch announcement.news {
        case .waiting(let change): content.change = change
        case .rolledBack(let from, let hold): (content.from, content.hold) = (from, hold)
        case .failed, .undecided, .deployed: break
        }
        id = announcement.id
        body = Canonical.bytes(of: Body(type: announcement.type, timestamp: announcement.timestamp, data: content))
    }

    /// The headers that prove who sent it, and that it is no old one.
    ///
    /// - Parameters:
    ///   - key: what both sides know; see ``isKey(_:)``.
    ///   - seconds: when it is sent, since 1970.
    func headers(under key: String, at seconds: Int64) -> [HTTPHeaders.Field] {
        let code = SHA256Sum(of: Array("\(id).\(seconds).".utf8) + body, under: Self.bytes(of: key) ?? [])
        return [
            HTTPHeaders.Field("webhook-id", id), HTTPHeaders.Field("webhook-timestamp", "\(seconds)"),
            HTTPHeaders.Field("webhook-signature", "v1,\(Data(code.bytes).base64EncodedString())"),
        ]
    }

    /// Whether messages can be signed with it: base64 behind `whsec_`, or any other text as it is.
    static func isKey(_ key: String) -> Bool { bytes(of: key) != nil }

    private static func bytes(of key: String) -> [UInt8]? {
        let prefix = "whsec_"
        guard key.hasPrefix(prefix) else { return Array(key.utf8) }
        return Data(base64Encoded: String(key.dropFirst(prefix.count))).map { Array($0) }
    }
}
