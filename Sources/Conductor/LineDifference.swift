/// The lines of a unified diff of two texts, with a little of what is around each difference.
enum LineDifference {
    /// How many equal lines stand around a difference.
    private static let context = 2

    /// What differs: `-` for lines of `old` alone, `+` for lines of `new` alone, a space for both, and `…` for lines left out.
    static func lines(from old: String, to new: String) -> [String] {
        let (before, after) = (split(old), split(new))
        let difference = after.difference(from: before)
        guard !difference.isEmpty else { return [] }
        var removed: Set<Int> = []
        var inserted: Set<Int> = []
        for change in difference {
            switch change {
            case .remove(let offset, _, _): removed.insert(offset)
            case .insert(let offset, _, _): inserted.insert(offset)
            }
        }
        var all: [String] = []
        var (left, right) = (0, 0)
        while left < before.count || right < after.count {
            if removed.contains(left) {
                all.append("-\(before[left])")
                left += 1
            } else if inserted.contains(right) {
                all.append("+\(after[right])")
                right += 1
            } else {
                all.append(" \(before[left])")
                left += 1
                right += 1
            }
        }
        return shortened(all)
    }

    private static func shortened(_ lines: [String]) -> [String] {
        let different = lines.indices.filter { !lines[$0].hasPrefix(" ") }
        let near = Set(different.flatMap { $0 - context...$0 + context })
        var kept: [String] = []
        for (index, line) in lines.enumerated() {
            if near.contains(index) { kept.append(line) } else if kept.last != "…" { kept.append("…") }
        }
        return kept
    }

    private static func split(_ text: String) -> [Substring] {
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        if lines.last?.isEmpty == true { lines.removeLast() }
        return lines
    }
}
