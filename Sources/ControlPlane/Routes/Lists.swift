import CanonicalJSON
import Pipeline

/// The shapes of lists in answers.
///
/// Each is an object, so that a field can be added later; `next` is what to ask with for more, and is missing at the end.
enum Lists {
    struct Environments: Encodable {
        let environments: [EnvironmentView]
    }

    /// An API serves one.
    struct Projects: Encodable {
        struct Project: Encodable {
            let name: String
            let environments: [EnvironmentName]
            let newestRun: RunID?
        }

        let projects: [Project]
    }

    /// Newest first.
    struct Releases: Encodable {
        let releases: [EnvironmentView.ReleaseView]
        /// The `before` of the next page.
        let next: ReleaseID?
    }

    /// Newest first.
    struct Runs: Encodable {
        let runs: [Rendered<RunSummary>]
        /// The `before` of the next page.
        let next: RunID?
    }

    /// Oldest first.
    struct Events: Encodable {
        struct Event: Encodable {
            let position: Int64
            /// When, in milliseconds since 1970.
            let at: Int64
            let by: String
            let event: RunEvent
        }

        let events: [Event]
        /// The `after` of the next page, and of a later question for what is new; the caller's own when there is nothing.
        let next: Int64
    }

    /// In the order of the run's plan, and of attempts.
    struct Logs: Encodable {
        struct Log: Encodable {
            let stage: StageName
            let attempt: Int
            /// How many bytes there are by now.
            let size: Int64
        }

        let logs: [Log]
    }

    /// Newest run first.
    struct Approvals: Encodable {
        let approvals: [ApprovalView]
    }

    /// Newest first.
    struct Announcements: Encodable {
        let announcements: [Announcement]
    }

    /// Newest first.
    struct Tokens: Encodable {
        let tokens: [Token]
        /// The `before` of the next page.
        let next: TokenPlace?
    }

    /// Newest first.
    struct Accesses: Encodable {
        let accesses: [Access]
        /// The `before` of the next page.
        let next: Int64?
    }
}

extension Array {
    /// The first `limit` elements, and whether there are more.
    func page(_ limit: Int) -> (page: ArraySlice<Element>, hasMore: Bool) {
        (prefix(limit), count > limit)
    }
}
