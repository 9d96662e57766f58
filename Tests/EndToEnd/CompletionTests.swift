import Foundation
import Processes
import Shops
import Testing

/// What a shell offers while somebody types a command of shipit's.
@Suite struct CompletionTests {
    private static let stages = """
        lint: {run: [echo, lint]}
        test: {run: ["false"], needs: [lint]}
        approve-production: {approve: production, needs: [test]}
        """

    /// What the real bash offers for a line that is typed up to here.
    ///
    /// - Parameter tries: how often it is asked while it offers nothing, as where a ledger takes too long for somebody who types.
    private func offered(_ line: String, in folder: String, _ shop: Workshop, tries: Int = 20) async throws -> [String] {
        let script = """
            source <("$1" --generate-completion-script bash)
            shipit() { "$PROGRAM" "$@"; }
            PROGRAM=$1 COMP_LINE=$2 COMP_POINT=${#2}
            read -ra COMP_WORDS <<< "$COMP_LINE"
            [[ $COMP_LINE == *' ' ]] && COMP_WORDS+=('')
            COMP_CWORD=$((${#COMP_WORDS[@]} - 1)) COMPREPLY=()
            _shipit shipit "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
            ((${#COMPREPLY[@]} == 0)) || printf '%s\\n' "${COMPREPLY[@]}"
            """
        let captured = try await capture(
            Command(
                "bash", ["-c", script, "bash", World.shipit, line], environment: shop.variables, workingDirectory: folder,
                deadline: .seconds(600)))
        #expect(captured.outcome.termination == .exited(0), "\(line)")
        #expect(captured.errorText == "", "\(line)")
        guard captured.text != "" || tries == 1 else { return try await offered(line, in: folder, shop, tries: tries - 1) }
        return captured.text.split(separator: "\n").map(String.init)
    }

    @Test func `bash is offered runs, newest first, and the names of the project, in silence`() async throws {
        try await Workshop.with(Self.stages) { shop in
            #expect(try await offered("shipit logs ", in: shop.folder, shop, tries: 1) == [])
            #expect(!FileManager.default.fileExists(atPath: "\(shop.folder)/.shipit"), "a ledger was made by asking for it")
            let reached = run(in: try await shop.shipit("run", "work", "--to", "lint").text)
            try shop.edit("notes.txt") { $0 + "two" }
            try await shop.commit("two")
            let failed = run(in: try await shop.shipit("run", "work").text)
            let runs = try await offered("shipit logs ", in: shop.folder, shop)
            // An id begins with the time; of one second, the rest of it decides.
            #expect(runs == [reached, failed].sorted(by: >))
            #expect(try await offered("shipit logs \(reached.prefix(9))", in: shop.folder, shop).contains(reached))
            #expect(try await offered("shipit resume ", in: shop.folder, shop) == [reached])
            #expect(try await offered("shipit retry ", in: shop.folder, shop) == [failed])
            #expect(try await offered("shipit approve ", in: shop.folder, shop, tries: 1) == [])
            #expect(
                try await offered("shipit retry \(failed) ", in: shop.folder, shop) == ["lint", "test", "approve-production"])
            #expect(try await offered("shipit run work --to l", in: shop.folder, shop) == ["lint"])
            #expect(try await offered("shipit plan ", in: shop.folder, shop) == ["work"])
            #expect(try await offered("shipit deploy ", in: shop.folder, shop) == ["production"])
            #expect(try await offered("shipit deploy -C \(shop.folder) p", in: "/", shop) == ["production"])
            #expect(try await offered("shipit explain wrong-c", in: "/", shop) == ["wrong-cluster"])
            #expect(try await offered("shipit deploy ", in: "/", shop, tries: 1) == [])
            #expect(try await offered("shipit logs ", in: "/", shop, tries: 1) == [])
        }
    }

    /// zsh and fish show what a word is, each in its own form; fish says with quotes that nothing is typed yet.
    @Test(arguments: [("zsh", ":", ""), ("fish", "\t", "''")])
    func `other shells are told what a word is`(shell: String, separator: String, empty: String) async throws {
        try await Workshop.with(Self.stages) { shop in
            _ = try await shop.shipit("run", "work")
            var (text, took) = ("", Duration.seconds(600))
            // Nobody who types waits long: of a machine that stalls, one answer in time is enough.
            for _ in 1...20 where text == "" || took >= .seconds(2) {
                let asked = ContinuousClock.now
                let captured = try await capture(
                    Command(
                        World.shipit, ["---completion", "logs", "--", "positional@0", "2", "0", "shipit", "logs", empty],
                        environment: shop.variables.merging(["SAP_SHELL": shell]) { _, new in new },
                        workingDirectory: shop.folder, deadline: .seconds(600)))
                (text, took) = (captured.text, ContinuousClock.now - asked)
                #expect(captured.errorText == "")
            }
            #expect(took < .seconds(2))
            let line = text.split(separator: "\n").first ?? ""
            #expect(line.contains("\(separator)failed at test, work of "), "\(text)")
        }
    }

    @Test func `a script of another version is answered with silence`() async throws {
        let captured = try await capture(
            Command(
                World.shipit, ["---completion", "launch", "--", "--moon", "1", "0", "shipit"],
                environment: Command.inheritedEnvironment, deadline: .seconds(600)))
        #expect(captured.outcome.termination == .exited(2))
        #expect(captured.text == "" && captured.errorText == "")
    }
}
