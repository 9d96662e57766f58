extension Dictionary where Key: Comparable, Value: Equatable {
    /// The keys that do not stand for the same in both, in their order, with what they stand for; nil where one of both has none.
    package func differing(from other: Self) -> [(key: Key, here: Value?, there: Value?)] {
        Set(keys).union(other.keys).sorted().map { ($0, self[$0], other[$0]) }.filter { $0.1 != $0.2 }
    }
}
