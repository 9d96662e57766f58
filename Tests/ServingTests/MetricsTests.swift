import HTTPTypes
import Testing

@testable import Serving

struct `What a service counts of itself` {
    @Test func `is requests by route, method and status, and how long they took`() async throws {
        let metrics = Metrics([
            Metrics.Number("things", "Things.", by: "state") { [("open", 2), ("busy", 1)] },
            Metrics.Number("others", "Others.") { [("", 7)] },
            Metrics.Number("told_total", "Told.", .counter) { [("", 3)] },
        ])
        metrics.count("/a/:id", .get, status: 200, elapsed: .milliseconds(1))
        metrics.count("/a/:id", .get, status: 404, elapsed: .milliseconds(300))
        metrics.count("/a/:id", .get, status: 200, elapsed: .seconds(60))
        metrics.count(nil, try #require(HTTPRequest.Method("EVIL")), status: 405, elapsed: .zero)
        let lines = await metrics.text().split(separator: "\n").map(String.init)
        for line in [
            "# TYPE shipit_http_requests_total counter",
            #"shipit_http_requests_total{route="/a/:id",method="GET",status="200"} 2"#,
            #"shipit_http_requests_total{route="/a/:id",method="GET",status="404"} 1"#,
            #"shipit_http_requests_total{route="none",method="other",status="405"} 1"#,
            "# TYPE shipit_http_request_duration_seconds histogram",
            #"shipit_http_request_duration_seconds_bucket{route="/a/:id",method="GET",le="0.001"} 1"#,
            #"shipit_http_request_duration_seconds_bucket{route="/a/:id",method="GET",le="0.5"} 2"#,
            #"shipit_http_request_duration_seconds_bucket{route="/a/:id",method="GET",le="10.0"} 2"#,
            #"shipit_http_request_duration_seconds_bucket{route="/a/:id",method="GET",le="+Inf"} 3"#,
            #"shipit_http_request_duration_seconds_count{route="/a/:id",method="GET"} 3"#,
            #"things{state="open"} 2"#, #"things{state="busy"} 1"#, "others 7",
            "# TYPE others gauge", "# TYPE told_total counter", "told_total 3",
        ] {
            #expect(lines.contains(line), "\(line)")
        }
        #expect(lines.allSatisfy { $0.hasPrefix("#") || $0.contains(/^[a-z_]+(\{[^{}]*\})? [0-9.e+-]+$/) })
    }
}
