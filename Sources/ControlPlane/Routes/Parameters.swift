import HTTPTypes
import Hummingbird
import Journal
import Pipeline
import Serving

/// What callers may write into paths and queries; anything else is a problem that names it.
extension Request {
    /// `limit`: 1 to 200.
    func limit(default standard: Int) throws(Problem) -> Int {
        guard let text = uri.queryParameters["limit"] else { return standard }
        guard let limit = Int(text), (1...200).contains(limit) else {
            throw Problem(.badRequest, "'limit' must be a number from 1 to 200.")
        }
        return limit
    }

    /// `before`: the id of a run or release, as an earlier answer gave it in `next`.
    func before() throws(Problem) -> RunID? {
        guard let text = uri.queryParameters["before"] else { return nil }
        guard JournalName.isValid(text) else {
            throw Problem(.badRequest, "'before' must be an id: 1 to 64 of a-z, 0-9, '.', '_' and '-'.")
        }
        return String(text)
    }

    /// `before`: the number of an access, as an earlier answer gave it in `next`.
    func beforeNumber() throws(Problem) -> Int64? {
        guard let text = uri.queryParameters["before"] else { return nil }
        guard let number = Int64(text), number > 0 else {
            throw Problem(.badRequest, "'before' must be the number of an access: a number from 1.")
        }
        return number
    }

    /// `after`: the position of an event, as an earlier answer gave it in `next`.
    func after() throws(Problem) -> Int64 {
        guard let text = uri.queryParameters["after"] else { return 0 }
        guard let position = Int64(text), position >= 0 else {
            throw Problem(.badRequest, "'after' must be the position of an event: a number from 0.")
        }
        return position
    }
}

extension ServiceContext {
    /// The run that the path names.
    func runID() throws(Problem) -> RunID {
        guard let text = parameters.get("id"), JournalName.isValid(text) else {
            throw Problem(.badRequest, "The id of a run is 1 to 64 of a-z, 0-9, '.', '_' and '-'.")
        }
        return text
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
