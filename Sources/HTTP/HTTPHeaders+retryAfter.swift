import CivilTime

extension HTTPHeaders {
    /// How long an answer asks its client to wait (RFC 9110, section 10.2.3); nil where it does not.
    ///
    /// `Retry-After: 120`, or a date, which is taken relative to the answer's own `Date`: the two clocks need not agree.
    public var retryAfter: Duration? {
        guard let text = first("Retry-After") else { return nil }
        if let seconds = Int64(text), seconds >= 0 { return .seconds(min(seconds, 86_400 * 365)) }
        guard let until = UTCTime.seconds(httpDate: text), let now = first("Date").flatMap({ UTCTime.seconds(httpDate: $0) })
        else {
            return nil
        }
        return .seconds(max(0, until - now))
    }
}
