extension UTCTime {
    /// `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110, section 5.6.7), in seconds since 1970.
    ///
    /// Its two obsolete forms are not sent by any server known.
    package static func seconds(httpDate text: String) -> Int64? {
        let words = text.split(separator: " ")
        guard words.count == 6, words[5] == "GMT", let day = Int64(words[1]), let month = months.firstIndex(of: String(words[2])),
            let year = Int64(words[3]), let seconds = secondsOfDay(words[4])
        else { return nil }
        return moment(year, Int64(month + 1), day).map { $0 + seconds }
    }

    /// `2024-05-06T07:08:09.123456789Z` or with an offset (RFC 3339), in seconds since 1970, fractions dropped.
    package static func seconds(rfc3339 text: String) -> Int64? {
        let halves = text.split(maxSplits: 1) { $0 == "T" || $0 == "t" || $0 == " " }
        guard halves.count == 2 else { return nil }
        let date = halves[0].split(separator: "-").map { Int64($0) }
        guard date.count == 3, let year = date[0], let month = date[1], let day = date[2] else { return nil }
        let clock = halves[1].prefix(8)
        let zone = halves[1].dropFirst(8).drop { $0 == "." || $0.isNumber }
        guard let seconds = secondsOfDay(clock), let offset = offset(zone) else { return nil }
        return moment(year, month, day).map { $0 + seconds - offset }
    }

    private static func secondsOfDay(_ text: Substring) -> Int64? {
        let parts = text.split(separator: ":").map { Int64($0) }
        guard parts.count == 3, let hour = parts[0], let minute = parts[1], let second = parts[2], (0...23).contains(hour),
            (0...59).contains(minute), (0...60).contains(second)
        else { return nil }
        return hour * 3600 + minute * 60 + second
    }

    private static func offset(_ zone: Substring) -> Int64? {
        if zone == "Z" || zone == "z" { return 0 }
        guard let sign = zone.first, sign == "+" || sign == "-", let seconds = secondsOfDay(zone.dropFirst() + ":00") else {
            return nil
        }
        return sign == "-" ? -seconds : seconds
    }

    /// Midnight of a day: years of 365 days, and a day for each leap year before March.
    private static func moment(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64? {
        guard (1970...9999).contains(year), (1...12).contains(month), (1...31).contains(day) else { return nil }
        let shifted = month <= 2 ? year - 1 : year
        let monthFromMarch = (month + 9) % 12
        let dayOfYear = (153 * monthFromMarch + 2) / 5 + day - 1
        return (shifted * 365 + shifted / 4 - shifted / 100 + shifted / 400 + dayOfYear - daysBefore1970) * 86_400
    }
}
