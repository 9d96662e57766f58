import HTTP
import Testing

/// Waits, as servers write them.
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
}
