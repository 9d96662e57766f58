import CivilTime
import Testing

/// Moments, as others write and read them.
@Suite struct UTCTimeTests {
    @Test(arguments: [
        (0, "1970-01-01T00:00:00.000Z", "Thu, 1 Jan 1970 00:00:00 +0000"),
        (-1, "1969-12-31T23:59:59.999Z", "Wed, 31 Dec 1969 23:59:59 +0000"),
        (951_782_400_000, "2000-02-29T00:00:00.000Z", "Tue, 29 Feb 2000 00:00:00 +0000"),
        (951_868_799_999, "2000-02-29T23:59:59.999Z", "Tue, 29 Feb 2000 23:59:59 +0000"),
        (1_772_600_767_123, "2026-03-04T05:06:07.123Z", "Wed, 4 Mar 2026 05:06:07 +0000"),
        (4_107_542_400_000, "2100-03-01T00:00:00.000Z", "Mon, 1 Mar 2100 00:00:00 +0000"),
    ])
    func `a moment is written as RFC 3339 and RFC 5322 have it`(moment: Int64, rfc3339: String, mail: String) {
        #expect(UTCTime(moment).rfc3339 == rfc3339 && UTCTime(moment).mail == mail)
        #expect(UTCTime.seconds(rfc3339: rfc3339) == (moment < 0 ? nil : moment / 1000), "and read again, since 1970")
    }

    @Test(
        arguments: [
            ("1970-01-01T00:00:00Z", 0), ("2026-03-04T05:06:07.123456789Z", 1_772_600_767),
            ("2000-02-29T23:59:59+01:00", 951_865_199),
            ("2026-03-04", nil), ("2026-13-04T00:00:00Z", nil), ("2026-03-04T00:00:00", nil), ("", nil),
        ] as [(String, Int64?)])
    func `reads moments`(text: String, expected: Int64?) {
        #expect(UTCTime.seconds(rfc3339: text) == expected)
    }
}
