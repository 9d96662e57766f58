import Foundation
import Processes
import Shops
import Testing

/// What a person sees while a run is driven: on real terminals, each a tmux of its own, and in a job of GitHub Actions.
@Suite struct LiveTests {
    /// Waits in its middle until the test has looked.
    private static let stages = """
        prepare: {run: [sh, -c, "echo prepared"]}
        build-the-service: {run: [sh, -c, "echo '#5 [builder 2/4] RUN make'; printf '\\\\033[2J\\\\033[31mwide 漢字\\\\033[0m\\\\n'; until [ -e .git/go ]; do sleep 0.05; done"], needs: [prepare], idempotent: true}
        deliver: {run: [sh, -c, "test -z \\"$BROKEN\\" || { echo no space left; exit 3; }"], needs: [build-the-service]}
        """

    @Test(arguments: [(40, "[builde"), (80, "[builder 2/4] RUN make"), (140, "[builder 2/4] RUN make")])
    func `a run is drawn while it goes on, and leaves its lines behind`(width: Int, doing: String) async throws {
        try await Workshop.with(Self.stages) { shop in
            try await Tmux.with(shop, columns: width, rows: 15) { terminal in
                try await terminal.type("\(World.shipit) run work; echo code $?")
                try await terminal.shows("│ wide 漢字")
                let during = try await terminal.shows(doing)
                #expect(during.contains(#/prepare +✓ done in/#), "\(during)")
                #expect(during.contains(#/▶ build-the-serv/#) && during.contains("◇ deliver"), "\(during)")
                #expect(during.contains("1 of 3 done") && during.contains("│ wide 漢字"), "\(during)")
                #expect(during.split(separator: "\n").allSatisfy { $0.count <= width }, "\(during)")
                let later = try await terminal.shows(#/ ([3-9]\.\d|\d\d) s/#)
                #expect(later.contains("1 of 3 done"), "time goes on, where nothing else does: \(later)")
                try shop.let("go")
                let after = try await terminal.shows("code 0")
                #expect(after.contains(#/build-the-service ✓ done in/#) && after.contains(#/succeeded in/#), "\(after)")
                for drawn in ["▶", "◇", "of 3 done", "│"] { #expect(!after.contains(drawn), "\(drawn) is left over: \(after)") }
                #expect(try await terminal.isCursorVisible)
            }
        }
    }

    @Test func `it survives that its terminal becomes narrower and wider`() async throws {
        // A terminal wraps its screen a moment before it tells its size, and what is drawn in between is drawn for one that is gone: no
        // program can know that, so that of some tries one has to leave nothing over.
        var leftOver = [""]
        for _ in 0..<5 where !leftOver.isEmpty { leftOver = try await Self.resized() }
        #expect(leftOver.isEmpty, "\(leftOver.joined(separator: "\n---\n"))")
    }

    /// Makes the terminal of a run narrower and wider, and answers the screens on which more is drawn than one frame.
    private static func resized() async throws -> [String] {
        var leftOver: [String] = []
        try await Workshop.with(Self.stages) { shop in
            try await Tmux.with(shop, columns: 100, rows: 24) { terminal in
                // As in a terminal that has been used for a while.
                try await terminal.type("seq 40; \(World.shipit) run work; echo code $?")
                try await terminal.shows("[builder 2/4] RUN make")
                for (columns, rows) in [(60, 24), (120, 24), (50, 24), (90, 24)] {
                    try await terminal.resize(columns, rows)
                    let text = try await terminal.shows { text in
                        // Whole frames of the new size only: the old ones were cut elsewhere.
                        text.split(separator: "\n").last?.contains("│ wide") == true && text.contains(#/of 3 done/#)
                    }
                    if text.split(separator: "\n").count(where: { $0.contains("of 3 done") }) != 1 { leftOver.append(text) }
                }
                try shop.let("go")
                let after = try await terminal.shows("code 0")
                if !after.contains("succeeded in") || after.contains("of 3 done") { leftOver.append(after) }
            }
        }
        return leftOver
    }

    @Test func `a failure and an interruption leave the reason and the next command, and a terminal as it was`() async throws {
        try await Workshop.with(Self.stages) { shop in
            try await Tmux.with(shop, columns: 80, rows: 24) { terminal in
                try await terminal.type("BROKEN=1 NO_COLOR=1 \(World.shipit) run work; echo code $?")
                try await terminal.shows("▶ build-the-service")
                try await terminal.press("C-c")
                let interrupted = try await terminal.shows("code 130")
                #expect(interrupted.contains("left to do: build-the-service, deliver"), "\(interrupted)")
                #expect(interrupted.contains("→ go on with: shipit resume") && !interrupted.contains("▶"), "\(interrupted)")
                #expect(try await terminal.isCursorVisible)
                try shop.let("go")
                // In other words than before: the "code 130" that is about to be cleared has a "code 1" in it.
                try await terminal.type("clear; BROKEN=1 NO_COLOR=1 \(World.shipit) run work; echo ended with $?")
                let failed = try await terminal.shows("ended with 1")
                for words in ["deliver: 'sh -c", "│ no space left", "→ all that it printed: shipit logs", "shipit retry"] {
                    #expect(failed.contains(words), "\(failed)")
                }
            }
        }
    }

    @Test func `plain lines are printed where they are wanted`() async throws {
        try await Workshop.with("one: {run: [sh, -c, \"echo hello\"]}") { shop in
            try await Tmux.with(shop, columns: 80, rows: 24) { terminal in
                for command in [
                    "\(World.shipit) run work --plain", "SHIPIT_PROGRESS=plain \(World.shipit) run work",
                    "TERM=dumb \(World.shipit) run work",
                ] {
                    try await terminal.type("clear; rm -rf .shipit; \(command); echo code $?")
                    let text = try await terminal.shows("code 0")
                    #expect(text.contains("one ▶ run") && text.contains("one │ hello"), "\(text)")
                }
            }
            let wrong = try await shop.shipit("run", "work", adding: ["SHIPIT_PROGRESS": "fancy"])
            #expect(wrong.code == 2 && wrong.errors.contains("'auto' or 'plain'"), "\(wrong.all)")
        }
    }

    @Test func `a job of GitHub Actions gets groups, annotations and a summary, and no stage can command its runner`()
        async throws
    {
        let stages = """
            talk: {run: [sh, -c, "echo '::set-output name=a::b'; echo '##[add-path]/evil'"]}
            break: {run: [sh, -c, "echo no space; exit 3"], needs: [talk]}
            """
        try await Workshop.with(stages) { shop in
            let job = [
                "GITHUB_ACTIONS": "true", "GITHUB_WORKSPACE": shop.folder, "GITHUB_STEP_SUMMARY": "\(shop.folder)/.git/summary",
            ]
            let answer = try await shop.shipit("run", "work", adding: job)
            #expect(answer.code == 1, "\(answer.all)")
            let talk = try #require(
                answer.text.firstMatch(
                    of: #/::group::talk +✓ [^\n]*\n::stop-commands::(\S+)\n(?s:(.*?))\n::(\S+)::\n::endgroup::\n/#),
                "\(answer.all)")
            #expect(talk.1 == talk.3 && talk.2 == "::set-output name=a::b\n##[add-path]/evil")
            #expect(answer.text.contains("::error file=pipelines/work.yml,line=3,col=3,title=break failed::"), "\(answer.all)")
            let summary = shop.kept("summary")
            #expect(summary.contains("## ❌ work: run work") && summary.contains("```mermaid\nflowchart LR"), "\(summary)")
            #expect(summary.contains("│ no space") && summary.contains("| ❌ | break | failed |"), "\(summary)")
            try shop.edit("pipelines/work.yml") { $0 + "  odd: {rnu: [x]}\n" }
            let checked = try await shop.shipit("check", adding: job)
            #expect(
                checked.code == 2 && checked.text.contains(#/::error file=pipelines/work\.yml,line=4,col=\d+,title=[a-z-]+::/#),
                "\(checked.all)")
        }
    }
}

extension Workshop {
    /// Lets a stage go on that waits for this file.
    func `let`(_ file: String) throws {
        try edit(".git/\(file)") { _ in "" }
    }
}
