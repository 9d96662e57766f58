/// A moment in the Gregorian calendar and in UTC, as others write and read it.
package struct UTCTime {
    static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    /// How many days lie between 1 March of the year 0 and 1 January 1970.
    ///
    /// Years begin in March here, so that a leap day is the last of its year.
    static let daysBefore1970: Int64 = 719_468

    private let day: Int64
    private let milliseconds: Int64
    private let date: (year: Int64, month: Int64, day: Int64)

    /// - Parameter moment: milliseconds since 1970.
    package init(_ moment: Int64) {
        day = moment >= 0 ? moment / 86_400_000 : (moment + 1) / 86_400_000 - 1
        milliseconds = moment - day * 86_400_000
        let shifted = day + Self.daysBefore1970
        let era = shifted >= 0 ? shifted / 146_097 : (shifted + 1) / 146_097 - 1
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let month = (5 * dayOfYear + 2) / 153
        date = (
            era * 400 + yearOfEra + (month >= 10 ? 1 : 0), month >= 10 ? month - 9 : month + 3,
            dayOfYear - (153 * month + 2) / 5 + 1
        )
    }

    /// `2026-11-27T12:33:04.123Z` (RFC 3339).
    package var rfc3339: String { "\(days)T\(clock).\(Self.digits(milliseconds % 1000, 3))Z" }

    /// `2026-11-27 12:33:04 UTC`.
    package var plain: String { "\(days) \(clock) UTC" }

    /// `Fri, 27 Nov 2026 12:33:04 +0000` (RFC 5322, section 3.3).
    package var mail: String {
        let weekdays = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
        let weekday = weekdays[Int((day % 7 + 7) % 7)]
        return "\(weekday), \(date.day) \(Self.months[Int(date.month) - 1]) \(Self.digits(date.year, 4)) \(clock) +0000"
    }

    private var days: String { "\(Self.digits(date.year, 4))-\(Self.digits(date.month, 2))-\(Self.digits(date.day, 2))" }

    private var clock: String {
        let seconds = milliseconds / 1000
        return [seconds / 3600, seconds / 60 % 60, seconds % 60].map { Self.digits($0, 2) }.joined(separator: ":")
    }

    private static func digits(_ number: Int64, _ width: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, width - text.utf8.count)) + text
    }
}
