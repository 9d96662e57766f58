import Testing

@testable import Registry

@Suite struct HeaderTests {
    @Test(arguments: [
        (
            #"Bearer realm="https://ghcr.io/token",service="ghcr.io",scope="repository:o/r:pull""#,
            [
                AuthChallenge(
                    scheme: "bearer",
                    parameters: ["realm": "https://ghcr.io/token", "service": "ghcr.io", "scope": "repository:o/r:pull"])
            ]
        ),
        (
            #"Bearer scope="repository:a:pull,push",realm=x"#,
            [AuthChallenge(scheme: "bearer", parameters: ["scope": "repository:a:pull,push", "realm": "x"])]
        ),
        (
            "  bearer   REALM = x ,  Service =\ty  ",
            [AuthChallenge(scheme: "bearer", parameters: ["realm": "x", "service": "y"])]
        ),
        (#"Basic realm="a \"quoted\" b""#, [AuthChallenge(scheme: "basic", parameters: ["realm": #"a "quoted" b"#])]),
        (
            #"Basic realm="a", Bearer realm="b=c&d""#,
            [
                AuthChallenge(scheme: "basic", parameters: ["realm": "a"]),
                AuthChallenge(scheme: "bearer", parameters: ["realm": "b=c&d"]),
            ]
        ),
        (
            "Negotiate, Basic",
            [AuthChallenge(scheme: "negotiate", parameters: [:]), AuthChallenge(scheme: "basic", parameters: [:])]
        ),
        (#"Bearer realm="open"#, [AuthChallenge(scheme: "bearer", parameters: ["realm": "open"])]),
        (
            #"Bearer realm="", ,,"" x"#,
            [AuthChallenge(scheme: "bearer", parameters: ["realm": ""]), AuthChallenge(scheme: "x", parameters: [:])]
        ),
        ("", []), (" ,=\"", []),
    ])
    func `reads challenges`(header: String, expected: [AuthChallenge]) {
        #expect(AuthChallenge.parse(header) == expected)
    }

    @Test(arguments: [
        ([#"</v2/r/tags/list?last=b&n=2>; rel="next""#], "/v2/r/tags/list?last=b&n=2"),
        (["<u>;rel=next"], "u"), (["<u> ; title=\"a, b; rel=x\" ; REL = \"prev NEXT\""], "u"),
        (["<a>; rel=\"prev\", <b>; rel=\"next\""], "b"), (["<a>; rel=prev", "<b>; rel=next"], "b"),
        (["<a,b>; rel=next"], "a,b"), (["<a>; rel=nextish"], nil), (["<a>"], nil), (["a; rel=next"], nil), ([""], nil), ([], nil),
    ])
    func `finds the next page`(headers: [String], expected: String?) {
        #expect(LinkHeader.next(in: headers) == expected)
    }

    @Test(arguments: [
        ("toomanyrequests: retry-after: 880.092µs, allowed: 44000/minute", 0.000880092),
        ("TOOMANYREQUESTS: Retry-After: 10.305464ms, allowed: 2000/minute", 0.010305464),
        (#"{"errors":[{"message":"retry-after: 1m2.5s"}]}"#, 62.5), ("retry-after: 3μs,", 0.000003),
        ("retry-after: 4us", 0.000004),
        ("retry-after: 1h0m1s", 3601), ("retry-after: 7ns", 7e-9), ("retry-after: 5", nil), ("retry-after: x", nil),
        ("retry-after:", nil), ("retry after 5s", nil), ("retry-after: 1.2.3s", nil),
    ])
    func `reads GHCR's wait inside the message`(text: String, seconds: Double?) {
        let wait = RetryAfter.message(text)
        #expect((wait == nil) == (seconds == nil))
        if let wait, let seconds { #expect(abs(wait / .seconds(1) - seconds) < 1e-9) }
    }
}
