extension Route {
    /// A route as the API's description tells it.
    struct Text: Sendable, Hashable {
        /// What may be asked with.
        enum Query: String, Sendable, Hashable {
            case limit, before, after, reason, status, from, to, run, environment, days, waiting, timeout, resource, attempt, all
        }

        /// What programs call it.
        let name: String
        let summary: String
        /// The schema of what is answered.
        let answer: String
        /// The status when it was done.
        let success: Int
        /// Statuses beside those that its access, its parameters and its body bring about.
        let statuses: [Int]
        let query: [Query]
        /// The schema of its body.
        let form: String?
        /// The media type of its body.
        let takes: String
        /// Whether the answer has a tag, by which it need not be sent again.
        let isTagged: Bool
        /// The media type of the answer.
        let type: String

        init(
            _ name: String, _ summary: String, _ answer: String, _ statuses: [Int] = [], success: Int = 200, query: [Query] = [],
            form: String? = nil, takes: String = "application/json", isTagged: Bool = false, type: String = "application/json"
        ) {
            self.name = name
            self.summary = summary
            self.answer = answer
            self.success = success
            self.statuses = statuses
            self.query = query
            self.form = form
            self.takes = takes
            self.isTagged = isTagged
            self.type = type
        }
    }
}
