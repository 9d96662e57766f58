import HTTPTypes
import Serving

/// Places of which there are only so many, since each is held for long, and of which one caller has only a share.
struct Seats: Sendable {
    /// What is done in one, after "as many" and before "here".
    private let deed: String
    private let count: Int
    private let share: Int
    private let retryAfter: Int
    private var owners: [String: Int] = [:]

    /// How many are taken.
    private(set) var taken = 0

    /// So many, and so many of them for one caller.
    init(_ count: Int, share: Int, to deed: String, retryAfter: Int) {
        self.count = count
        self.share = share
        self.deed = deed
        self.retryAfter = retryAfter
    }

    /// What one caller may have of so many: a tenth, or all where nothing is bounded.
    static func share(of count: Int, _ access: AccessSettings) -> Int { access.rate == 0 ? count : max(1, count / 10) }

    /// Takes one for a caller, who is to give it back under the same name.
    mutating func take(for owner: String) throws(Problem) {
        guard taken < count else {
            throw Problem(.serviceUnavailable, "As many \(deed) here as can: try again.", retryAfter: retryAfter)
        }
        guard owners[owner, default: 0] < share else {
            throw Problem(
                .tooManyRequests, "You \(deed) here \(share) times already, and one caller may no more: end one of them first.",
                retryAfter: retryAfter)
        }
        taken += 1
        owners[owner, default: 0] += 1
    }

    /// Gives one back.
    mutating func give(of owner: String) {
        taken -= 1
        let left = owners[owner, default: 0] - 1
        owners[owner] = left > 0 ? left : nil
    }
}
