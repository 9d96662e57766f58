import Pipeline

/// How long a run still takes, from how long its stages usually do.
struct Forecast {
    /// Whom each stage waits for, by number; a stage stands after all of them.
    let predecessors: [[Int]]
    /// How many stages may be under way at once.
    let jobs: Int

    /// What is known of one stage.
    enum Outlook {
        /// It is done, or never will be.
        case over
        /// It takes that long from now on, in milliseconds, once it can begin.
        case takes(Int64)
        /// A person decides how long: nothing after it is counted.
        case open
        /// Nobody knows.
        case unknown
    }

    /// The milliseconds until nothing is left to do without a person; nil when a stage on the way is unknown.
    ///
    /// The longest way through what is left, or the work of all of it shared among ``jobs``, whichever is longer.
    func rest(_ outlook: (Int) -> Outlook) -> Int64? {
        var ends = [Int64?](repeating: 0, count: predecessors.count)
        var longest: Int64 = 0
        var work: Int64 = 0
        for number in predecessors.indices {
            var start: Int64? = 0
            for before in predecessors[number] {
                guard let begun = start, let end = ends[before] else { start = nil; break }
                start = max(begun, end)
            }
            switch outlook(number) {
            case .over: ends[number] = 0
            case .open: ends[number] = nil
            case .unknown:
                guard start == nil else { return nil }
                ends[number] = nil
            case .takes(let span):
                ends[number] = start.map { $0 + span }
                guard let end = ends[number] else { continue }
                longest = max(longest, end)
                work += span
            }
        }
        return max(longest, work / Int64(max(1, jobs)))
    }
}
