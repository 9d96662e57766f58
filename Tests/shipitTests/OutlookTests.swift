import Testing

@testable import shipit

/// What a stage is doing, and how long the rest takes.
@Suite struct OutlookTests {
    @Test(
        arguments: [
            (["The push refers to repository [r/x]"], nil),
            (["5f70bf18a086: Preparing", "a3ed95caeb02: Preparing"], "pushing: 0 of 2 layers are there"),
            (
                [
                    "5f70bf18a086: Preparing", "a3ed95caeb02: Waiting", "5f70bf18a086: Pushed",
                    "a3ed95caeb02: Layer already exists",
                ],
                "pushing: 2 of 2 layers are there"
            ),
            (["5f70bf18a086: Mounted from shop/api", "5f70bf18a086: Pushed"], "pushing: 1 of 1 layers are there"),
            (["#12 [builder 3/7] RUN make", "#12 0.345 cc -o x"], "[builder 3/7] RUN make"),
            (["#2 [internal] load metadata", "#12 DONE 3.2s", "# [a/b] no step", "sha256:12 Pushed"], nil),
            (["#12 [builder 3/7] RUN make", "5f70bf18a086: Preparing"], "pushing: 0 of 1 layers are there"),
        ] as [([String], String?)])
    func `builds and pushes tell how far they are`(lines: [String], headline: String?) {
        var activity = Activity()
        for line in lines { activity.take(line) }
        #expect(activity.headline == headline)
    }

    @Test func `only the newest lines are kept`() {
        var activity = Activity()
        for number in 0..<100 { activity.take("\(number)") }
        #expect(activity.lines == (80..<100).map(String.init))
    }

    @Test(
        arguments: [
            ([.takes(5), .takes(7), .takes(2)], 4, 9),
            ([.takes(5), .takes(7), .takes(2)], 1, 14),
            ([.over, .takes(7), .takes(2)], 4, 9),
            ([.over, .over, .over], 4, 0),
            ([.takes(5), .unknown, .takes(2)], 4, nil),
            // What comes after a person's word is not counted, known or not.
            ([.takes(5), .open, .unknown], 4, 5),
            ([.takes(5), .open, .takes(100)], 4, 5),
        ] as [([Forecast.Outlook], Int, Int64?)])
    func `the rest is the longest way through it, or the work shared among the jobs`(
        outlooks: [Forecast.Outlook], jobs: Int, rest: Int64?
    ) {
        // The third waits for both others.
        #expect(Forecast(predecessors: [[], [], [0, 1]], jobs: jobs).rest { outlooks[$0] } == rest)
    }
}
