import HTTPTypes
import Hummingbird
import Journal
import Pipeline
import RemoteStores
import Serving

/// What callers may write into paths and queries; anything else is a problem that names it.
extension Request {
    /// `limit`: 1 to 200, or to another number.
    func limit(default standard: Int, upTo most: Int = 200) throws(Problem) -> Int {
        guard let text = uri.queryParameters["limit"] else { return standard }
        guard let limit = Int(text), (1...most).contains(limit) else {
            throw Problem(.badRequest, "'limit' must be a number from 1 to \(most).")
        }
        return limit
    }

    /// `before`: the id of a run or release, as an earlier answer gave it in `next`.
    func before() throws(Problem) -> RunID? { try id("before") }

    /// `before`: the number of an access, as an earlier answer gave it in `next`.
    func beforeNumber() throws(Problem) -> Int64? {
        guard let text = uri.queryParameters["before"] else { return nil }
        guard let number = Int64(text), number > 0 else {
            throw Problem(.badRequest, "'before' must be the number of an access: a number from 1.")
        }
        return number
    }

    /// `before`: a place in the list of tokens, as an earlier answer gave it in `next`.
    func beforeToken() throws(Problem) -> TokenPlace? {
        guard let text = uri.queryParameters["before"] else { return nil }
        guard let place = TokenPlace(text) else {
            throw Problem(.badRequest, "'before' must be the 'next' of an earlier answer with tokens.")
        }
        return place
    }

    /// `after`: the position of an event, as an earlier answer gave it in `next`.
    func after() throws(Problem) -> Int64 {
        guard let text = uri.queryParameters["after"] else { return 0 }
        guard let position = Int64(text), position >= 0 else {
            throw Problem(.badRequest, "'after' must be the position of an event: a number from 0.")
        }
        return position
    }

    /// `status`: words for the status of a run, with commas between them; nil for any.
    func statuses() throws(Problem) -> Set<RunStatus>? {
        guard let text = uri.queryParameters["status"] else { return nil }
        let statuses = text.split(separator: ",").compactMap { RunStatus(rawValue: String($0)) }
        guard !statuses.isEmpty, statuses.count == text.split(separator: ",", omittingEmptySubsequences: false).count else {
            let known = RunStatus.allCases.map(\.rawValue).joined(separator: ", ")
            throw Problem(.badRequest, "'status' must be one of \(known), or several with commas between them.")
        }
        return Set(statuses)
    }

    /// The id of a run or release in a parameter; nil where that is not given.
    func id(_ parameter: String) throws(Problem) -> RunID? {
        guard let text = uri.queryParameters[Substring(parameter)] else { return nil }
        guard JournalName.isValid(text) else {
            throw Problem(.badRequest, "'\(parameter)' must be an id: 1 to 64 of a-z, 0-9, '.', '_' and '-'.")
        }
        return String(text)
    }

    /// `environment`: the name of one.
    func environment() throws(Problem) -> EnvironmentName {
        guard let name = uri.queryParameters["environment"].flatMap({ EnvironmentName(String($0)) }) else {
            throw Problem(.badRequest, "'environment' must name one: 1 to 63 of a-z, 0-9, '.', '_' and '-'.")
        }
        return name
    }

    /// Whether a parameter is true; false where it is not given.
    func truth(_ parameter: String) throws(Problem) -> Bool {
        switch uri.queryParameters[Substring(parameter)] {
        case nil, "false": false
        case "true": true
        default: throw Problem(.badRequest, "'\(parameter)' must be true or false.")
        }
    }

    /// `timeout`: milliseconds, none by default.
    func timeout() throws(Problem) -> Duration {
        guard let text = uri.queryParameters["timeout"] else { return .zero }
        guard let span = Int64(text), (0...RemoteForm.wait).contains(span) else {
            throw Problem(.badRequest, "'timeout' must be a number of milliseconds from 0 to \(RemoteForm.wait).")
        }
        return .milliseconds(span)
    }

    /// `resource`: what is leased.
    func resource() throws(Problem) -> String {
        guard let text = uri.queryParameters["resource"].map(String.init), Lease.isResource(text) else {
            throw Problem(.badRequest, "'resource' must name what is leased, as in environment/production.")
        }
        return text
    }

    /// `attempt`: the number of one; nil where it is not given.
    func attempt() throws(Problem) -> Int? {
        guard let text = uri.queryParameters["attempt"] else { return nil }
        guard let attempt = Int(text), (1...1_000_000).contains(attempt) else {
            throw Problem(.badRequest, "'attempt' must be the number of an attempt: a number from 1.")
        }
        return attempt
    }

    /// `days`: 1 to 366, 30 by default.
    func days() throws(Problem) -> Int {
        guard let text = uri.queryParameters["days"] else { return 30 }
        guard let days = Int(text), (1...366).contains(days) else {
            throw Problem(.badRequest, "'days' must be a number from 1 to 366.")
        }
        return days
    }
}

extension ServiceContext {
    /// The kind of journals that the path names.
    func journalKind() throws(Problem) -> JournalName.Kind {
        guard let kind = parameters.get("kind").flatMap(JournalName.Kind.init(rawValue:)) else {
            throw Problem(.badRequest, "Journals are of the kinds run, environment and ledger.")
        }
        return kind
    }

    /// The journal that the path names.
    func journal() throws(Problem) -> JournalName {
        JournalName(try journalKind(), try runID())
    }

    /// The run that the path names.
    func runID() throws(Problem) -> RunID {
        guard let text = parameters.get("id"), JournalName.isValid(text) else {
            throw Problem(.badRequest, "The id of a run is 1 to 64 of a-z, 0-9, '.', '_' and '-'.")
        }
        return text
    }

    /// The stage that the path names.
    func stageName() throws(Problem) -> StageName {
        guard let name = parameters.get("stage").flatMap(StageName.init) else {
            throw Problem(.badRequest, "The name of a stage is 1 to 63 of a-z, 0-9, '.', '_' and '-'.")
        }
        return name
    }

    /// The environment that the path names.
    func environmentName() throws(Problem) -> EnvironmentName {
        guard let name = parameters.get("name").flatMap(EnvironmentName.init) else {
            throw Problem(.badRequest, "The name of an environment is 1 to 63 of a-z, 0-9, '.', '_' and '-'.")
        }
        return name
    }
}

extension KeyedDecodingContainer {
    /// What is there for a key, or nil where the key is missing: null is not the same as nothing.
    func decodeUnlessMissing<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value? {
        contains(key) ? try decode(type, forKey: key) : nil
    }
}
