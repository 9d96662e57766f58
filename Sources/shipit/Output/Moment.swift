import Glibc

/// Times and durations as people read them.
enum Moment {
    /// `2026-11-22 14:03:07` in local time.
    static func text(_ milliseconds: Int64) -> String {
        var seconds = time_t(milliseconds / 1000)
        var parts = unsafe tm()
        _ = unsafe localtime_r(&seconds, &parts)
        func two(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let date = unsafe "\(parts.tm_year + 1900)-\(two(parts.tm_mon + 1))-\(two(parts.tm_mday))"
        return unsafe date + " \(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec))"
    }

    /// A span without what nobody can promise: `4 s`, `50 s`, `3 min`, `2 h 10 min`.
    static func rough(_ milliseconds: Int64) -> String {
        let seconds = max(1, (milliseconds + 500) / 1000)
        if seconds < 20 { return "\(seconds) s" }
        if seconds < 55 { return "\((seconds + 2) / 5 * 5) s" }
        if seconds < 3570 { return "\((seconds + 30) / 60) min" }
        return span((milliseconds + 30_000) / 60_000 * 60_000)
    }

    /// `0.4 s`, `12 s`, `3 min 05 s`, `2 h 10 min`.
    static func span(_ milliseconds: Int64) -> String {
        let seconds = milliseconds / 1000
        if seconds < 10 { return "\(seconds).\(milliseconds % 1000 / 100) s" }
        if seconds < 60 { return "\(seconds) s" }
        if seconds < 3600 { return "\(seconds / 60) min \(seconds % 60 < 10 ? "0" : "")\(seconds % 60) s" }
        return "\(seconds / 3600) h \(seconds % 3600 / 60) min"
    }
}
