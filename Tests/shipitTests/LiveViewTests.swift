import Conductor
import Hashing
import Journal
import Pipeline
import Testing

@testable import shipit

/// What is drawn of a run while it goes on.
@Suite struct LiveViewTests {
    private static let stages = """
        lint: {run: [make, lint]}
        build-the-web-service: {run: [make, web], needs: [lint]}
        build-api: {run: [make, api], needs: [lint]}
        check: {run: [make, check], needs: [lint]}
        approve-production: {approve: production, needs: [build-the-web-service, build-api]}
        report: {run: [make, report], needs: [approve-production, check]}
        """

    /// Two stages at work, one of which pushes; one has failed.
    private static func story() throws -> Story {
        var story = try Story(stages)
        try story.start("lint", at: 0)
        try story.succeed("lint", at: 1500)
        try story.start("build-the-web-service", at: 1500)
        try story.start("build-api", at: 1500)
        try story.start("check", at: 1500)
        try story.print("build-the-web-service", "#7 [builder 3/8] RUN make", "#7 0.4 compiling 漢字")
        try story.print("build-api", "5f70bf18a081: Preparing", "5f70bf18a082: Preparing", "5f70bf18a081: Pushed")
        try story.fail("check", "'make check' ended with exit code 2.\nmore", at: 4000)
        return story
    }

    private static func view() throws -> LiveView {
        var (view, story) = (LiveView(), try story())
        view.take(&story)
        var usual: [StageName: Int64] = [:]
        for (name, span) in [("build-the-web-service", 40_000), ("build-api", 12_000), ("report", 2000)] as [(String, Int64)] {
            usual[try #require(StageName(name))] = span
        }
        view.expect(usual, jobs: 4)
        return view
    }

    @Test(arguments: [
        (
            40, 23,
            """
            1 of 6 done · 1 failed · 11 s
            ✗ check             'make check' ended …
            ▶ build-the-web-s…  9.5 s  [builder 3/8…
            ▶ build-api         9.5 s  pushing: 1 o…
            ◇ approve-product…  after build-api, bu…
              │ #7 [builder 3/8] RUN make
              │ #7 0.4 compiling 漢字
              │ 5f70bf18a081: Preparing
              │ 5f70bf18a082: Preparing
              │ 5f70bf18a081: Pushed
            """
        ),
        (
            80, 23,
            """
            run 1ryh578ztb · 1 of 6 done · 1 failed · 1 blocked · 11 s · about 30 s left
            ✗ check                                  'make check' ended with exit code 2.
            ▶ build-the-web-service  9.5 s of ~40 s  [builder 3/8] RUN make
            ▶ build-api              9.5 s of ~12 s  pushing: 1 of 2 layers are there
            ◇ approve-production                     after build-api, build-the-web-service
              build-the-web-servi… │ #7 [builder 3/8] RUN make
              build-the-web-servi… │ #7 0.4 compiling 漢字
              build-api            │ 5f70bf18a081: Preparing
              build-api            │ 5f70bf18a082: Preparing
              build-api            │ 5f70bf18a081: Pushed
            """
        ),
        (
            140, 8,
            """
            run 1ryh578ztb · deploy staging · 1 of 6 done · 1 failed · 1 blocked · 11 s · about 30 s left
            ✗ check                                  'make check' ended with exit code 2.
            ▶ build-the-web-service  9.5 s of ~40 s  [builder 3/8] RUN make
            ▶ build-api              9.5 s of ~12 s  pushing: 1 of 2 layers are there
            ◇ approve-production                     after build-api, build-the-web-service
              │ 5f70bf18a082: Preparing
              │ 5f70bf18a081: Pushed
            """
        ),
        (
            20, 5,
            """
            1 failed · 11 s
            ✗ check     'make c…
            ▶ build-t…  9.5 s
            ▶ build-a…  9.5 s
              │ 5f70bf18a081: P…
            """
        ),
        (80, 1, "run 1ryh578ztb · 1 of 6 done · 1 failed · 1 blocked · 11 s · about 30 s left"),
        (80, 0, ""),
    ])
    func `what matters most is drawn at every size`(width: Int, height: Int, text: String) throws {
        #expect(try Self.view().text(width, height, at: 11_000) == text)
    }

    @Test func `one stage alone has its output below and says what it is there for`() throws {
        var (view, story) = (LiveView(), try Story("lint: {run: [make, lint]}\ntest: {run: [make, test], needs: [lint]}"))
        try story.start("lint", at: 0)
        try story.print("lint", "one", "", "two")
        view.take(&story)
        #expect(
            view.text(60, 20, at: 65_000) == """
                run 1ryh578ztb · deploy staging · 0 of 2 done · 1 min 05 s
                ▶ lint  1 min 05 s  run make lint
                ◇ test  after lint
                  │ one
                  │ two
                """)
    }

    @Test func `a wait for an approval and one for an environment are drawn until they are over`() throws {
        var (view, story) = (LiveView(), try Self.story())
        for stage in ["build-the-web-service", "build-api"] { try story.succeed(stage, at: 5000) }
        try story.start("approve-production", at: 5000)
        let change = try story.change()
        let stage = try #require(StageName("approve-production"))
        try story.happen(.approvalRequested(stage: stage, attempt: 1, change: change), at: 6000)
        view.take(&story)
        #expect(
            view.text(80, 20, at: 6000).contains(
                "⏸ approve-production  waits for approval of change \(change.sum.hex.prefix(12))"))
        view.take(.awaiting(change.environment, .somebodys, until: 66_000))
        #expect(
            view.text(80, 20, at: 6000).contains(
                "… waiting for production, up to 1 min 00 s more: it is being changed by ann on …"))
        #expect(!view.text(80, 20, at: 66_000).contains("… waiting for"))
    }

    @Test(arguments: [1, 2, 5, 24, 60], [20, 80, 200])
    func `of a thousand stages no more is drawn than fits`(height: Int, width: Int) throws {
        var story = try Story((0..<1000).map { "s\($0): {run: [make]}" }.joined(separator: "\n"))
        var view = LiveView()
        for number in 0..<300 { try story.start("s\(number)", at: 0) }
        for number in 0..<100 { try story.fail("s\(number)", "bad", at: 1000) }
        for number in 100..<200 { try story.succeed("s\(number)", at: 1000) }
        for number in 200..<300 { try story.print("s\(number)", String(repeating: "漢", count: 500)) }
        view.take(&story)
        let lines = view.lines(width: width, height: height, now: 2000, paint: Paint(isOn: true))
        #expect(lines.count <= height)
        #expect(lines.allSatisfy { TerminalText.width($0) <= width }, "\(lines)")
        guard height >= 24, width >= 80 else { return }
        let text = view.text(width, height, at: 2000)
        #expect(text.contains("100 of 1000 done · 100 failed"))
        #expect(text.contains("✗ s0") && text.contains("▶ s200"))
        let drawn = (failed: text.matches(of: #/✗ /#).count, under: text.matches(of: #/▶ /#).count)
        #expect(
            text.contains("… and \(100 - drawn.failed) failed, \(100 - drawn.under) under way"),
            "what is not drawn is counted: \(text)")
    }

    @Test func `what others have done is drawn once the run was read again`() throws {
        var (view, story) = (LiveView(), try Story("one: {run: [make]}\ntwo: {run: [make], needs: [one]}"))
        view.take(&story)
        try story.start("one", at: 0)
        try story.succeed("one", at: 1000)
        view.take(.reread(story.record))
        #expect(view.text(80, 20, at: 2000).contains("1 of 2 done"))
        #expect(view.text(80, 20, at: 2000).contains("◇ two  next"))
    }

    @Test func `stages without the goal's need are neither counted nor drawn`() throws {
        var (view, story) = (LiveView(), try Story("one: {run: [make]}\ntwo: {run: [make], needs: [one]}", goal: ["one"]))
        view.take(&story)
        #expect(
            view.text(80, 20, at: 1000) == "run 1ryh578ztb · deploy staging · 0 of 1 done · 1.0 s\n◇ one  next")
    }

    @Test func `no output moves the cursor or is wider than the terminal`() throws {
        var (view, story) = (LiveView(began: 0, hasColour: true) { $0 }, try Story("one: {run: [make]}"))
        try story.start("one", at: 0)
        try story.print(
            "one", "a\u{1B}[2J\u{1B}]0;title\u{7}b\u{8}\u{202E}c \u{1B}[31mred\u{1B}[0m " + String(repeating: "x", count: 99))
        view.take(&story)
        let line = try #require(view.lines(width: 40, height: 20, now: 0, paint: Paint(isOn: false)).last)
        #expect(line.hasPrefix("  │ abc \u{1B}[31mred\u{1B}[0m xxx"), "\(line.debugDescription)")
        #expect(TerminalText.width(line) == 40)
    }

    @Test func `secrets are left out of messages`() throws {
        var view = LiveView(began: 0, hasColour: false) { $0.replacing("hunter2-hunter2", with: "***") }
        var story = try Story("one: {run: [make]}\ntwo: {run: [make]}")
        try story.start("one", at: 0)
        try story.fail("one", "the password hunter2-hunter2 is wrong", at: 1)
        view.take(&story)
        #expect(view.text(80, 20, at: 1).contains("the password *** is wrong"))
    }
}

extension Lease {
    /// Somebody else's.
    fileprivate static var somebodys: Lease {
        let holder = LeaseHolder(id: "x", host: "far", user: "ann", process: nil, purpose: "run 1k of pipeline work")
        return Lease(resource: "environment/production", token: 1, holder: holder, acquired: 0, expires: 1)
    }
}
