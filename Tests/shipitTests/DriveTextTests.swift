import Conductor
import Pipeline
import Testing

@testable import shipit

/// The last lines that a person reads.
@Suite struct DriveTextTests {
    private func text(_ story: Story, _ end: DriveEnd, said: [String] = []) -> String {
        DriveText(Session.Driven(record: story.record, end: end), said: { _ in said }, hasColour: false).text
    }

    @Test func `a failure says what happened, to what, why, in its own words, and what to type next`() throws {
        var story = try Story(
            """
            one: {run: [make]}
            two: {run: [make], needs: [one]}
            three: {run: [make]}
            """)
        try story.start("one", at: 0)
        try story.start("three", at: 0)
        try story.fail("one", "'make' ended with exit code 2.", remedy: "See 'shipit logs 1ryh578ztb one'.", at: 2000)
        try story.fail("three", "It is broken:\nby a bug", remedy: "Mend it.", at: 3000)
        #expect(
            text(story, .rested(.failed), said: ["cc x.c", "x.c:3: \u{1B}[2Jerror"]) == """
                run 1ryh578ztb failed at one, three after 3.0 s.
                  one: 'make' ended with exit code 2.
                    │ cc x.c
                    │ x.c:3: error
                  three: It is broken:
                    by a bug
                    → Mend it.
                  left out because of that: two
                  → all that it printed: shipit logs 1ryh578ztb one
                  → when the reason is gone: shipit retry 1ryh578ztb
                """)
    }

    @Test func `words that the message holds already are not said twice`() throws {
        var story = try Story("one: {run: [make]}")
        try story.start("one", at: 0)
        try story.fail("one", "It failed:\nerror: no space", at: 1000)
        #expect(!text(story, .rested(.failed), said: ["error: no space"]).contains("│"))
    }

    @Test func `an interruption says what is left and how to go on`() throws {
        var story = try Story((1...7).map { "s\($0): {run: [make]}" }.joined(separator: "\n"))
        try story.happen(.interrupted(driver: "d", signal: "SIGINT"), at: 1000)
        #expect(
            text(story, .interrupted) == """
                run 1ryh578ztb was interrupted after 1.0 s.
                  left to do: s1, s2, s3, s4, s5 and 2 more
                  → go on with: shipit resume 1ryh578ztb
                """)
    }

    @Test func `every way that a drive ends and is not done names a command to type`() throws {
        let story = try Story("one: {run: [make]}")
        let ends: [DriveEnd] = [
            .voided(["x"]), .leaseLost(resource: "environment/x"), .interrupted, .rested(.running), .rested(.interrupted),
            .rested(.cancelled),
        ]
        for end in ends {
            #expect(text(story, end).split(separator: "\n").last?.contains("shipit ") == true, "\(end.word): \(text(story, end))")
        }
    }
}
