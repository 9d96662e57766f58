extension Collection where Element: CustomStringConvertible {
    /// The first of many, and how many more there are: `a, b, c and 4 more`.
    ///
    /// - Parameters:
    ///   - most: how many are named.
    ///   - total: how many there are, where these are not all.
    ///   - separator: what stands between two.
    package func named(atMost most: Int, of total: Int? = nil, by separator: String = ", ") -> String {
        let more = (total ?? count) - Swift.min(count, most)
        return prefix(most).map(\.description).joined(separator: separator) + (more > 0 ? " and \(more) more" : "")
    }
}
