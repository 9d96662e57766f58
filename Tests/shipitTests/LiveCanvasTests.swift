import Testing

@testable import shipit

/// How what is drawn is drawn anew.
@Suite struct LiveCanvasTests {
    private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

    @Test func `nothing is written while nothing is different`() {
        var canvas = LiveCanvas()
        #expect(!canvas.bytes(printing: [], drawing: ["one"], on: (80, 24)).isEmpty)
        #expect(canvas.bytes(printing: [], drawing: ["one"], on: (80, 24)).isEmpty)
        #expect(!canvas.bytes(printing: [], drawing: ["one"], on: (79, 24)).isEmpty)
    }

    @Test func `a frame goes up as many rows as were drawn, in one piece that is shown at once`() {
        var canvas = LiveCanvas()
        _ = canvas.bytes(printing: [], drawing: ["one", "two"], on: (80, 24))
        let frame = text(canvas.bytes(printing: [], drawing: ["three"], on: (80, 24)))
        #expect(frame == "\u{1B}[?2026h\u{1B}[2A\r\u{1B}[?7lthree\u{1B}[K\n\u{1B}[?7h\u{1B}[J\u{1B}[?2026l")
    }

    @Test func `what stays is printed above, on rows that were erased, and may wrap`() {
        var canvas = LiveCanvas()
        _ = canvas.bytes(printing: [], drawing: ["one"], on: (80, 24))
        let frame = text(canvas.bytes(printing: ["done"], drawing: ["two"], on: (80, 24)))
        #expect(
            frame
                == "\u{1B}[?2026h\u{1B}[1A\r\u{1B}[2K\u{1B}[B\u{1B}[2K\u{1B}[1Adone\n\u{1B}[?7ltwo\u{1B}[K\n\u{1B}[?7h\u{1B}[J\u{1B}[?2026l"
        )
    }

    @Test func `a terminal that became narrower has wrapped what was drawn`() {
        var canvas = LiveCanvas()
        _ = canvas.bytes(printing: [], drawing: [String(repeating: "x", count: 70), "", "y"], on: (80, 24))
        #expect(text(canvas.bytes(printing: [], drawing: ["z"], on: (30, 24))).contains("\u{1B}[5A"))
        #expect(text(canvas.bytes(printing: [], drawing: ["z"], on: (120, 24))).contains("\u{1B}[1A"))
    }

    @Test func `a terminal that became lower is not left at its top`() {
        var canvas = LiveCanvas()
        _ = canvas.bytes(printing: [], drawing: Array(repeating: "x", count: 20), on: (80, 24))
        #expect(text(canvas.bytes(printing: [], drawing: ["z"], on: (80, 10))).contains("\u{1B}[9A"))
    }

    @Test func `after somebody else has written, drawing begins below`() {
        var canvas = LiveCanvas()
        _ = canvas.bytes(printing: [], drawing: ["one"], on: (80, 24))
        canvas.forget()
        #expect(!text(canvas.bytes(printing: [], drawing: ["one"], on: (80, 24))).contains("A\r"))
    }
}
