import Conductor
import Pipeline
import Testing

@testable import shipit

/// What the log and the summary of a GitHub Actions job hold.
@Suite struct WorkflowTests {
    @Test func `annotations are escaped as the runner reads them`() {
        let place = SourceLocation(file: "a,b:c%.yml", line: 3, column: 5)
        #expect(
            WorkflowText.error("50% of: a,\r\nb", title: "x: y, z", at: place)
                == "::error file=a%2Cb%3Ac%25.yml,line=3,col=5,title=x%3A y%2C z::50%25 of: a,%0D%0Ab")
        #expect(WorkflowText.error("m", title: "t", at: nil) == "::error title=t::m")
    }

    @Test(arguments: [
        ("::set-output name=x::y", true), ("  ::error::x", true), ("\u{FEFF}x ##[set-env name=A]b", true),
        ("a\r::b", true), ("a :: b", false), ("# [x]", false), ("plain", false),
    ])
    func `text that could be a command is told from text that could not`(line: String, isSuspicious: Bool) {
        #expect(
            WorkflowText.guarded(["before", line], token: "T")
                == (isSuspicious ? ["::stop-commands::T", "before", line, "::T::"] : ["before", line]))
    }

    @Test func `in a group nothing is a command until a word that nobody can guess`() {
        #expect(
            WorkflowText.group("a\nb", ["::endgroup::"], token: "T")
                == ["::group::a%0Ab", "::stop-commands::T", "::endgroup::", "::T::", "::endgroup::"])
        #expect(Set((0..<100).map { _ in WorkflowText.token() }).count == 100)
    }

    @Test(
        arguments: [
            ("/w/repo", "/w/repo", ""), ("/w/repo/sub", "/w/repo", "sub/"), ("/w/repo", nil, ""),
            ("/w/repository", "/w/repo", ""),
        ] as [(String, String?, String)])
    func `files are named relative to the workspace`(root: String, workspace: String?, folder: String) {
        #expect(WorkflowLog.folder(of: root, below: workspace) == folder)
    }

    private static func driven(_ story: Story, _ end: DriveEnd) -> Session.Driven {
        Session.Driven(record: story.record, end: end)
    }

    @Test func `the summary draws the DAG in the colours of its states and says why it failed`() throws {
        var story = try Story("one: {run: [make]}\ntwo: {run: [make, 'a|b'], needs: [one]}\nthree: {run: [make]}")
        try story.start("one", at: 0)
        try story.start("three", at: 0)
        try story.succeed("three", at: 2000)
        try story.fail("one", "a | b <c>", remedy: "Look.", at: 3000)
        let text = JobSummary(Self.driven(story, .rested(.failed)), said: { ["said by \($0)", "```"] }, now: 4000).text
        #expect(text.hasPrefix("## ❌ work: deploy staging\n"))
        #expect(text.contains("````text\nrun 1ryh578ztb failed at one"), "a fence that the output cannot end: \(text)")
        #expect(text.contains("said by one"))
        #expect(
            text.contains("```mermaid\nflowchart LR\n") && text.contains("classDef failed") && text.contains("class s0 failed"))
        #expect(text.contains("| ❌ | one | failed | 3.0 s | a \\| b &lt;c&gt; |"))
        #expect(text.contains("| ✅ | three | succeeded | 2.0 s |"))
        #expect(text.contains("| 🚫 | two | blocked |  |"))
    }

    @Test func `a DAG too large to be drawn is a table`() throws {
        let story = try Story((0..<1200).map { "s\($0): {run: [make]}" }.joined(separator: "\n"))
        let text = JobSummary(Self.driven(story, .interrupted), said: { _ in [] }, now: 0).text
        #expect(!text.contains("mermaid") && text.contains("… and 200 more stages."))
        #expect(text.utf8.count < 1 << 20)
    }
}
