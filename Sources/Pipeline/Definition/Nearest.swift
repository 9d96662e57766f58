/// The candidate that `word` most likely meant, for "did you mean": nil when none is near.
///
/// Near is an edit distance (insert, delete, replace, swap neighbours: Damerau–Levenshtein, restricted) of at most a third of the
/// longer word, and at most 3.
package func nearest(to word: String, among candidates: some Sequence<String>) -> String? {
    var best: (word: String, distance: Int)?
    for candidate in candidates {
        let limit = min(3, max(1, max(word.utf8.count, candidate.utf8.count) / 3))
        let distance = editDistance(Array(word.utf8), Array(candidate.utf8))
        guard distance <= limit else { continue }
        if let known = best, (known.distance, known.word) <= (distance, candidate) { continue }
        best = (candidate, distance)
    }
    return best?.word
}

/// "did you mean 'x'?" when a candidate is near, else the candidates themselves.
func suggestion(for word: String, among candidates: some Collection<String>, none: String) -> String {
    if let near = nearest(to: word, among: candidates) { return "did you mean '\(near)'?" }
    return candidates.isEmpty ? none : "one of: \(candidates.sorted().named(atMost: 12))"
}

private func editDistance(_ left: [UInt8], _ right: [UInt8]) -> Int {
    if abs(left.count - right.count) > 3 { return .max }
    var previous: [Int] = []
    var current = Array(0...right.count)
    for (row, leftByte) in left.enumerated() {
        var next = [row + 1]
        next.reserveCapacity(right.count + 1)
        for (column, rightByte) in right.enumerated() {
            var cost = min(next[column] + 1, current[column + 1] + 1, current[column] + (leftByte == rightByte ? 0 : 1))
            if row > 0, column > 0, leftByte == right[column - 1], left[row - 1] == rightByte {
                cost = min(cost, previous[column - 1] + 1)
            }
            next.append(cost)
        }
        previous = current
        current = next
    }
    return current[right.count]
}
