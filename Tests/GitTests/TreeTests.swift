import Foundation
import Git
import Testing

@Suite struct TreeTests {
    private func filled() throws -> (Workshop, CommitID) {
        let workshop = try Workshop()
        try workshop.write("hello\r\nworld\n", to: "text.txt")
        try workshop.write("*.txt text eol=lf\n*.c filter=shout ident\n", to: ".gitattributes")
        try workshop.write("$Id$\n", to: "src/a.c")
        try workshop.write("b", to: "src/deep/er/b")
        try workshop.write("", to: "empty")
        try workshop.write("sp", to: "with space/ä \"quoted\" $x.txt")
        try workshop.write("#!/bin/sh\n", to: "run.sh")
        try workshop.shell(
            """
            chmod 755 run.sh; ln -s ../elsewhere/"$(printf 'x y')" link; ln -s src linkdir
            printf 'n' > "$(printf 'caf\\351')"
            """)
        return (workshop, try workshop.commit("all"))
    }

    @Test func `lists files with mode, size and content name, sorted by bytes`() async throws {
        let (workshop, id) = try filled()
        let repository = try workshop.repository()
        let expected = try workshop.shell("git -c core.quotePath=false ls-tree -r -l -z HEAD | tr '\\0' '\\n'")
        let listed = try await repository.tree(at: id).map { file -> String in
            let size = String(repeating: " ", count: 7 - "\(file.size)".count) + "\(file.size)"
            return
                "\(file.mode == .link ? "" : "")\(String(file.mode.rawValue, radix: 8)) blob \(file.blob) \(size)\t\(file.path)"
        }
        #expect(listed.joined(separator: "\n") == expected)
        #expect(try await repository.tree(at: id).contains { $0.pathBytes == Array("caf".utf8) + [0o351] })
        #expect(try await repository.tree(at: id, path: "src").map(\.path) == ["src/a.c", "src/deep/er/b"])
        #expect(try await repository.tree(at: id, path: "run.sh").map(\.mode) == [.executable])
        #expect(try await repository.tree(at: id, path: "missing").isEmpty)
    }

    @Test func `reads content as committed`() async throws {
        let (workshop, id) = try filled()
        let repository = try workshop.repository()
        try workshop.write("changed since", to: "src/a.c")
        #expect(try await repository.content(at: id, path: "src/a.c") == Array("$Id$\n".utf8))
        #expect(try await repository.content(at: id, path: "empty") == [])
        for path in ["missing", "src", "src/a.c/x", "", "/src/a.c"] {
            #expect(try await repository.content(at: id, path: path) == nil, "\(path)")
        }
        #expect(await refusal { _ = try await repository.content(at: id, path: "src/a.c", limit: 4) } == .tooLarge)
        #expect(try await repository.content(at: id, path: "src/a.c", limit: 5)?.count == 5)
    }

    @Test func `names folders and files by their content`() async throws {
        let (workshop, id) = try filled()
        let repository = try workshop.repository()
        for path in ["", "src", "src/a.c"] {
            #expect(try await repository.treeHash(at: id, path: path) == (try workshop.git("rev-parse", "HEAD:\(path)")))
        }
        #expect(try await repository.treeHash(at: id, path: "missing") == nil)
    }

    /// Everything below a folder: kind, permissions, path, and content or target.
    private func listing(_ workshop: Workshop, _ folder: String) throws -> String {
        try workshop.shell(
            """
            cd \(folder); find . -mindepth 1 | LC_ALL=C sort | while IFS= read -r f; do
            if [ -L "$f" ]; then echo "link $f $(readlink "$f")"; elif [ -d "$f" ]; then echo "dir $f"
            else echo "file $(stat -c %a "$f") $f $(sha256sum < "$f")"; fi; done
            """)
    }

    @Test func `writes a commit exactly as git archive does`() async throws {
        let (workshop, id) = try filled()
        let plain = "git -c core.attributesFile=/dev/null archive"
        // Attributes would convert line ends and expand $Id$; an archive of a tree without them is the content as committed.
        try workshop.shell("mkdir ../archive; git rm -q --cached .gitattributes; rm .gitattributes")
        let bare = try workshop.commit("without attributes")
        try workshop.shell("\(plain) \(bare.hex) | tar -x -C ../archive; chmod -R u=rwX,go=rX ../archive")
        try await workshop.repository().export(bare, to: workshop.folder + "/export")
        #expect(try listing(workshop, workshop.folder + "/export") == listing(workshop, workshop.folder + "/archive"))

        try await workshop.repository().export(id, to: workshop.folder + "/with")
        #expect(try String(contentsOfFile: workshop.folder + "/with/src/a.c", encoding: .utf8) == "$Id$\n")
        #expect(
            try workshop.shell("stat -c '%Y %a' ../with/src/a.c ../with/run.sh ../with/src")
                == "1700000000 644\n1700000000 755\n1700000000 755")
    }

    @Test func `writes one folder of a commit, and leaves submodules out`() async throws {
        let (workshop, _) = try filled()
        try workshop.git("update-index", "--add", "--cacheinfo", "160000,\(try workshop.head().hex),src/module")
        try workshop.git("commit", "-q", "-m", "with a submodule")
        let id = try workshop.head()
        let repository = try workshop.repository()
        try await repository.export(id, path: "src", to: workshop.folder + "/export")
        #expect(try workshop.shell("cd ../export; find . -type f | sort") == "./a.c\n./deep/er/b")
        #expect(try await repository.tree(at: id, path: "src").count == 2)
        #expect(
            await refusal { try await repository.export(id, path: "nowhere", to: workshop.folder + "/other") } == .unknownPath)
        #expect(await refusal { try await repository.export(id, to: workshop.folder + "/export") } == .file)
    }

    /// Commits a tree that git itself would refuse to make, from modes, names and the objects' names.
    private func commit(_ workshop: Workshop, _ entries: [(mode: String, name: String, id: String)]) throws -> CommitID {
        var tree = Data()
        for entry in entries {
            tree += Data("\(entry.mode) \(entry.name)\0".utf8)
            let digits = Array(entry.id)
            tree += Data(stride(from: 0, to: digits.count, by: 2).compactMap { UInt8(String(digits[$0...($0 + 1)]), radix: 16) })
        }
        try tree.write(to: URL(fileURLWithPath: workshop.folder + "/tree"))
        return try CommitID(workshop.shell("git commit-tree -m evil $(git hash-object -w -t tree --literally ../tree)"))
    }

    @Test(arguments: ["..", ".git", ".GIT", "a/b", "."])
    func `refuses names that would lead out of the folder`(name: String) async throws {
        let workshop = try Workshop()
        let blob = try workshop.shell("echo evil | git hash-object -w --stdin")
        let id = try commit(workshop, [("100644", name, blob)])
        #expect(await refusal { try await workshop.repository().export(id, to: workshop.folder + "/export") } == .unsafePath)
        #expect(try workshop.shell("ls -A ../export").isEmpty)
    }

    @Test func `never writes through a link of the same commit`() async throws {
        let workshop = try Workshop()
        let blob = try workshop.shell("mkdir ../outside; echo evil | git hash-object -w --stdin")
        let link = try workshop.shell("printf ../outside | git hash-object -w --stdin")
        let inner = try workshop.shell("printf '100644 blob \(blob)\\tfile\\n' | git mktree")
        let id = try commit(workshop, [("120000", "a", link), ("40000", "a", inner)])
        #expect(await refusal { try await workshop.repository().export(id, to: workshop.folder + "/export") } == .file)
        #expect(try workshop.shell("ls -A ../outside").isEmpty)
    }

    @Test(.timeLimit(.minutes(10))) func `writes five thousand files in reasonable time`() async throws {
        let workshop = try Workshop()
        try workshop.shell("for d in $(seq 1 50); do mkdir d$d; for f in $(seq 1 100); do echo $d $f > d$d/f$f; done; done")
        let id = try workshop.commit("many")
        let repository = try workshop.repository()
        let clock = ContinuousClock()
        let taken = try await clock.measure { try await repository.export(id, to: workshop.folder + "/export") }
        #expect(try workshop.shell("find ../export -type f | wc -l") == "5000")
        #expect(taken < .seconds(300))
        #expect(try await repository.tree(at: id).count == 5000)
    }
}
