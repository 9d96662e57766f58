import Git
import Testing

@Suite struct WorktreeTests {
    private func changed(_ workshop: Workshop) async throws -> [String: Set<Change.Kind>] {
        Dictionary(uniqueKeysWithValues: try await workshop.repository().changes().map { ($0.path, $0.kinds) })
    }

    @Test func `sees every kind of change and nothing that is ignored`() async throws {
        let workshop = try Workshop()
        for file in ["kept", "edited", "deleted", "staged", "both", "mode", "ä b"] { try workshop.write(file, to: file) }
        try workshop.write("ignored\n", to: ".gitignore")
        try workshop.commit("first")
        #expect(try await changed(workshop).isEmpty)
        try workshop.shell(
            """
            echo x >> edited; rm deleted; echo x >> staged; git add staged; echo x >> both; git add both; echo y >> both
            chmod +x mode; echo x >> 'ä b'; echo x > ignored; mkdir new; echo x > new/file; echo x > added; git add added
            printf x > "$(printf 'caf\\351')"
            """)
        #expect(
            try await changed(workshop) == [
                "edited": [.modified], "deleted": [.modified], "staged": [.staged], "both": [.staged, .modified],
                "mode": [.modified],
                "ä b": [.modified], "new/": [.untracked], "added": [.staged], "caf\u{FFFD}": [.untracked],
            ])
    }

    @Test func `lists what is tracked or could be, as it is on the disk`() async throws {
        let workshop = try Workshop()
        try workshop.write("ignored/\n*.log\n", to: ".gitignore")
        #expect(try await workshop.repository().files() == [".gitignore"], "also before the first commit")
        for file in ["kept", "deep/er/file", "deleted", "removed", "old"] { try workshop.write(file, to: file) }
        try workshop.commit("first")
        try workshop.shell(
            "rm deleted; git rm -q removed; git mv old renamed; mkdir ignored new; touch ignored/a b.log new/c; printf x > \"$(printf 'caf\\351')\""
        )
        #expect(try await Set(workshop.repository().files()) == [".gitignore", "kept", "deep/er/file", "renamed", "new/c"])
    }

    @Test func `tells the branch that a symbolic reference means`() async throws {
        let workshop = try Workshop()
        #expect(try await workshop.repository().branch(of: "HEAD") == "main", "also before the first commit")
        try workshop.commit("first")
        try workshop.git("update-ref", "refs/remotes/origin/release/1", "HEAD")
        try workshop.git("symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/release/1")
        try workshop.git("checkout", "-q", "--detach")
        let repository = try workshop.repository()
        #expect(try await repository.branch(of: "refs/remotes/origin/HEAD") == "release/1")
        #expect(try await repository.branch(of: "HEAD") == nil)
        #expect(try await repository.branch(of: "refs/remotes/other/HEAD") == nil)
        #expect(try await repository.branch(of: "no reference") == nil)
    }

    @Test func `sees an unresolved merge`() async throws {
        let workshop = try Workshop()
        try workshop.write("base", to: "file")
        let base = try workshop.commit("base")
        try workshop.write("ours", to: "file")
        try workshop.commit("ours")
        try workshop.git("checkout", "-q", "-b", "side", base.hex)
        try workshop.write("theirs", to: "file")
        try workshop.commit("theirs")
        _ = try? workshop.git("merge", "-q", "main")
        #expect(try await changed(workshop)["file"]?.contains(.conflicted) == true)
    }

    @Test func `a submodule at another commit is no change`() async throws {
        let workshop = try Workshop()
        let inner = try Workshop()
        try inner.commit("inner")
        try workshop.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", inner.path, "module")
        try workshop.commit("with a module")
        try workshop.git("commit", "-q", "--allow-empty", "-m", "more", at: workshop.path + "/module")
        #expect(try await changed(workshop).isEmpty)
    }

    @Test func `hashes what a build of the work tree would see`() async throws {
        let workshop = try Workshop()
        try workshop.write("ignored\n", to: ".gitignore")
        try workshop.write("a", to: "src/a")
        try workshop.write("b", to: "other/b")
        try workshop.commit("first")
        let repository = try workshop.repository()
        func hash(_ paths: String...) async throws -> String { try await repository.worktreeContentHash(of: paths) }
        let clean = try await hash()
        let source = try await hash("src")
        #expect(clean.utf8.count == 40 && clean != source)

        // Steps that a build would see change the hash, each in its own way; those it would not see do not.
        var seen: Set<String> = [clean]
        for step in [
            "echo x > new", "echo y > new", "chmod +x new", "rm new; ln -s src/a new", "ln -sf src/b new",
            "mkdir d; mv new d/new", "rm other/b",
            "printf 'line\\r\\n' > src/a", "printf 'line\\n' > src/a",
        ] {
            try workshop.shell(step)
            #expect(try await seen.insert(hash()).inserted, "\(step)")
        }
        let dirty = try await hash()
        for step in ["echo x > ignored", "touch src/a", "git add -A", "git commit -qm second --no-verify"] {
            try workshop.shell(step)
            #expect(try await hash() == dirty, "\(step)")
        }
        try workshop.shell("rm -r d; printf a > src/a; printf b > other/b")
        #expect(try await hash() == clean)
        #expect(try await hash("src") == source)
        try workshop.shell("echo x > other/c")
        #expect(try await hash("src") == source)
    }
}
