public import Hummingbird

extension Request {
    /// Whether the caller has what `tag` stands for, an entity tag with its quotes; nil when they sent no tags (RFC 9110, section 13.1.2).
    public func holds(_ tag: String) -> Bool? {
        let tags = headers[values: .ifNoneMatch].flatMap { $0.split(separator: ",") }.map(\.trimmingSpaces)
        if tags.isEmpty { return nil }
        return tags.contains { $0 == "*" || ($0.hasPrefix("W/") ? $0.dropFirst(2) : $0) == tag }
    }
}
