import Hummingbird
import Logging
import Services
import Testing

@testable import Serving

struct `A trace` {
    private static let trace = "0af7651916cd43dd8448eb211c80319c"
    private static let good = "00-\(trace)-b7ad6b7169203331-01"

    @Test(arguments: [good, "01-\(trace)-b7ad6b7169203331-01-more", "cc-\(trace)-b7ad6b7169203331-01"])
    func `goes on with the caller's`(header: String) {
        let context = TraceContext(accepting: header)
        #expect(context.trace == Self.trace && context.span != "b7ad6b7169203331")
        #expect(context.header == "00-\(Self.trace)-\(context.span)-01")
    }

    @Test(arguments: [
        nil, "", "00", "00-\(trace)-b7ad6b7169203331", "00-\(trace)-b7ad6b7169203331-01-more", "ff-\(trace)-b7ad6b7169203331-01",
        "00-\(trace.uppercased())-b7ad6b7169203331-01", "00-00000000000000000000000000000000-b7ad6b7169203331-01",
        "00-\(trace)-0000000000000000-01", "00-\(trace)x-b7ad6b7169203331-01", " \(good)", "00-\(trace)-b7ad6b716920333é-01",
    ])
    func `begins where the caller's cannot be read`(header: String?) {
        let context = TraceContext(accepting: header)
        #expect(context.trace != Self.trace)
        // What is made is well formed.
        #expect(TraceContext(accepting: context.header).trace == context.trace)
    }

    @Test func `has with it what came with it, where that is well formed and no longer than all must take`() {
        func state(_ fields: [String], of header: String? = Self.good) -> String? {
            TraceContext(accepting: header, state: fields).state
        }
        #expect(state(["rojo=00f067aa0ba902b7", "congo=t61rcWkgMzE"]) == "rojo=00f067aa0ba902b7,congo=t61rcWkgMzE")
        #expect(state([String(repeating: "a", count: 512)]) != nil)
        #expect(state([]) == nil && state([""]) == nil && state([String(repeating: "a", count: 513)]) == nil)
        #expect(state(["a=\u{7}"]) == nil && state(["a=é"]) == nil)
        // It belongs to a trace, and not to one that begins here.
        #expect(state(["a=b"], of: nil) == nil && state(["a=b"], of: "00") == nil)
    }

    @Test func `is in every line that a request writes`() async throws {
        let lines = LogLines()
        try await RunningService.with { onListening in
            let router = makeRouter(contentPolicy: "default-src 'none'")
            router.get("/x") { _, context in
                context.logger.warning("within")
                return JSON.response(["trace": context.trace.header])
            }
            return makeServer(
                router, settings: ServerSettings(host: "127.0.0.1", port: 0), logger: lines.logger, onListening: onListening)
        } _: { service in
            let answer = try await Wire.exchange(service.port, "GET /x HTTP/1.1", "traceparent: \(Self.good)")
            #expect(answer.contains(Self.trace))
        }
        let written = lines.all.filter { ["answered", "within"].contains($0["message"]) }
        #expect(written.count == 2 && written.allSatisfy { $0["trace"] == Self.trace && $0["span"]?.count == 16 })
    }
}
