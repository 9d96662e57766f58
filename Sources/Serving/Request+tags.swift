public import Hummingbird

extension Request {
    /// Whether the caller has what `tag` stands for, an entity tag with its quotes (RFC 9110, section 13.1.2).
    public func holds(_ tag: String) -> Bool {
        headers[values: .ifNoneMatch].contains { field in
            field.split(separator: ",").contains { part in
                let kept = part.trimmingSpaces
                return kept == "*" || (kept.hasPrefix("W/") ? kept.dropFirst(2) : kept) == tag
            }
        }
    }
}
