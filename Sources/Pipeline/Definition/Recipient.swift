/// Who is told what happens in runs, and how: an entry of `notifications`.
///
/// No part of what a run does, and so of no hash: see ``Plan/sum``.
public struct Recipient: Hashable, Sendable, Codable {
    /// How they are told.
    public var channel: Channel
    /// What they are told of, without doubles.
    public var occasions: [Occasion]
    /// The environments that they are told of; nil for all, and for what concerns none.
    public var environments: [EnvironmentName]?

    /// A way to reach people or programs; addresses and keys by reference.
    public enum Channel: Hashable, Sendable, Codable {
        /// JSON over HTTP, signed with `key` as Standard Webhooks has it.
        case webhook(url: ConfigValue, key: ConfigValue)
        /// An incoming webhook of Slack, whose address is a secret.
        case slack(url: ConfigValue)
        /// A workflow of Teams that a webhook starts, whose address is a secret.
        case teams(url: ConfigValue)
        /// A mail, which a program takes from its standard input.
        case mail(command: [String], from: String, to: [String])

        /// Its key in the file.
        public var word: String {
            switch self {
            case .webhook: "webhook"
            case .slack: "slack"
            case .teams: "teams"
            case .mail: "command"
            }
        }

        /// What of it may hold references.
        public var values: [ConfigValue] {
            switch self {
            case .webhook(let url, let key): [url, key]
            case .slack(let url), .teams(let url): [url]
            case .mail: []
            }
        }
    }

    /// What people may be told of.
    public enum Occasion: String, Hashable, Sendable, Codable, CaseIterable {
        /// A Change waits for approval.
        case waiting
        /// A stage failed for good, or nobody knows what became of it.
        case failed
        /// An environment was taken back to an earlier release, which works.
        case rolledBack = "rolled-back"
        /// An environment runs a new release, which works.
        case deployed
    }
}
