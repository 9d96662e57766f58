import HTTP
import Testing

/// Moments and waits, as servers write them.
@Suite struct TimeTests {
    @Test(arguments: [
        ("0", nil, Duration.seconds(0)), ("120", nil, .seconds(120)), ("-1", nil, nil), ("soon", nil, nil), ("", nil, nil),
        ("Sun, 06 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:07 GMT", .seconds(30)),
        ("Sun, 06 Nov 1994 08:49:37 GMT", "Mon, 07 Nov 1994 08:49:37 GMT", .zero),
        ("Fri, 01 Mar 2024 00:00:00 GMT", "Wed, 28 Feb 2024 23:59:59 GMT", .seconds(86_401)),
        ("Sun, 06 Nov 1994 08:49:37 GMT", nil, nil), ("Sun, 06 Nov 1994 08:49:37 CET", "Sun, 06 Nov 1994 08:49:37 GMT", nil),
    ])
    func `reads Retry-After`(text: String, date: String?, expected: Duration?) {
        let fields = [("Retry-After", text)] + (date.map { [("Date", $0)] } ?? [])
        #expect(HTTPHeaders(fields.map { HTTPHeaders.Field($0.0, $0.1) }).retryAfter == expected)
    }

    @Test(
        arguments: [
            ("1970-01-01T00:00:00Z", 0), ("2026-03-04T05:06:07.123456789Z", 1_772_600_767),
            ("2000-02-29T23:59:59+01:00", 951_865_199),
            ("2026-03-04", nil), ("2026-13-04T00:00:00Z", nil), ("2026-03-04T00:00:00", nil), ("", nil),
        ] as [(String, Int64?)])
    func `reads moments`(text: String, expected: Int64?) {
        #expect(CalendarTime.rfc3339(text) == expected)
    }
}
