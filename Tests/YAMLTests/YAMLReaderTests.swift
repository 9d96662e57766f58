import Testing
import YAML

@Suite struct YAMLReaderTests {
    @Test func `gives events in the order of the text`() throws {
        #expect(
            try events("a: [x, 'y']\nb: &n\n  c: ~\nd: *n\n") == [
                .documentStart, .mappingStart(anchor: nil),
                .scalar("a", isPlain: true, anchor: nil), .sequenceStart(anchor: nil), .scalar("x", isPlain: true, anchor: nil),
                .scalar("y", isPlain: false, anchor: nil), .sequenceEnd,
                .scalar("b", isPlain: true, anchor: nil), .mappingStart(anchor: "n"), .scalar("c", isPlain: true, anchor: nil),
                .scalar("~", isPlain: true, anchor: nil), .mappingEnd,
                .scalar("d", isPlain: true, anchor: nil), .alias("n"),
                .mappingEnd, .documentEnd, .streamEnd,
            ])
    }

    @Test(arguments: ["", "# nothing\n", "\n\n"])
    func `an empty text has no document`(text: String) throws {
        #expect(try events(text) == [.streamEnd])
    }

    @Test func `counts lines and columns in characters from one`() throws {
        var reader = try YAMLReader(Array("größe: 1\nä: [ö, x]\n".utf8))
        var marks: [String: YAMLMark] = [:]
        while true {
            let (event, mark) = try reader.next()
            if event == .streamEnd { break }
            if case .scalar(let text, _, _) = event { marks[text] = mark }
        }
        #expect(marks["1"] == YAMLMark(line: 1, column: 8))
        #expect(marks["x"] == YAMLMark(line: 2, column: 8))
    }

    @Test(arguments: [
        ("a: {b: c", YAMLMark(line: 2, column: 1), YAMLMark(line: 1, column: 4)),
        ("a:\n\tb: c\n", YAMLMark(line: 2, column: 1), YAMLMark(line: 2, column: 1)),
        ("a: b\nc: \"ä\u{7}\"\n", YAMLMark(line: 2, column: 6), nil),
    ])
    func `says where a text is not YAML`(text: String, mark: YAMLMark, context: YAMLMark?) {
        let problem = #expect(throws: YAMLProblem.self) { try events(text) }
        #expect(problem?.mark == mark)
        #expect(problem?.contextMark == context)
    }

    private func events(_ text: String) throws -> [YAMLEvent] {
        var reader = try YAMLReader(Array(text.utf8))
        var events: [YAMLEvent] = []
        repeat { events.append(try reader.next().event) } while events.last != .streamEnd
        return events
    }
}
