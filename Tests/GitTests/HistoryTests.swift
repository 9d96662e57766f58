import Git
import Testing

@Suite struct HistoryTests {
    @Test func `reads what a commit says`() async throws {
        let workshop = try Workshop()
        let id = try workshop.commit("Subject ä\n\nBody", time: 1_600_000_000)
        let commit = try await workshop.repository().commit(id)
        #expect(commit.id == id)
        #expect(commit.tree == (try workshop.git("rev-parse", "HEAD^{tree}")))
        #expect(commit.authorName == "Ada Lovelace")
        #expect(commit.time == 1_600_000_000 && commit.subject == "Subject ä")
        let missing = try CommitID(String(repeating: "1", count: 40))
        #expect(await refusal { _ = try await workshop.repository().commit(missing) } == .missingObject)
    }

    /// Five commits; the last is on branch `side`.
    ///
    ///     one ── two ── four (a merge, main)
    ///        └── three ──┘── five (side)
    private func branched() throws -> (Workshop, [CommitID]) {
        let workshop = try Workshop()
        let one = try workshop.commit("one", time: 1)
        let two = try workshop.commit("two", time: 2)
        try workshop.git("checkout", "-q", "-b", "side", one.hex)
        let three = try workshop.commit("three", time: 3)
        try workshop.git("checkout", "-q", "main")
        try workshop.git("merge", "-q", "--no-ff", "-m", "four", "side", time: 4)
        let four = try workshop.head()
        try workshop.git("checkout", "-q", "side")
        let five = try workshop.commit("five", time: 5)
        try workshop.git("checkout", "-q", "main")
        return (workshop, [one, two, three, four, five])
    }

    @Test func `tells ancestors`() async throws {
        let (workshop, ids) = try branched()
        let repository = try workshop.repository()
        let ancestors = [[0], [0, 1], [0, 2], [0, 1, 2, 3], [0, 2, 4]]
        for descendant in ids.indices {
            for ancestor in ids.indices {
                let expected: Ancestry = ancestors[descendant].contains(ancestor) ? .yes : .no
                #expect(
                    try await repository.isAncestor(ids[ancestor], of: ids[descendant]) == expected,
                    "\(ancestor) of \(descendant)")
            }
        }
        let missing = try CommitID(String(repeating: "1", count: 40))
        #expect(try await repository.isAncestor(missing, of: ids[0]) == .unknown)
        #expect(try await repository.isAncestor(ids[0], of: missing) == .unknown)
        #expect(try await repository.isAncestor(missing, of: missing) == .unknown)
    }

    @Test func `lists what lies between two releases`() async throws {
        let (workshop, ids) = try branched()
        let repository = try workshop.repository()
        #expect(try await repository.commits(from: ids[1], to: ids[3], limit: 10).map(\.subject) == ["four", "three"])
        #expect(try await repository.commits(from: nil, to: ids[3], limit: 10).map(\.subject) == ["four", "three", "two", "one"])
        #expect(try await repository.commits(from: nil, to: ids[3], limit: 2).map(\.subject) == ["four", "three"])
        #expect(try await repository.commits(from: ids[3], to: ids[3], limit: 2).isEmpty)
        let missing = try CommitID(String(repeating: "1", count: 40))
        #expect(await refusal { _ = try await repository.commits(from: missing, to: ids[3], limit: 2) } == .missingObject)
    }

    @Test func `never says no where a shallow clone ends`() async throws {
        let (workshop, ids) = try branched()
        let clone = workshop.folder + "/clone"
        try workshop.git("clone", "-q", "--depth", "2", "--no-single-branch", "file://" + workshop.path, clone)
        let repository = try workshop.repository(at: clone)
        #expect(await repository.isShallow)
        #expect(try await repository.head.commit == ids[3])
        #expect(try await repository.isAncestor(ids[1], of: ids[3]) == .yes)
        #expect(try await repository.isAncestor(ids[3], of: ids[3]) == .yes)
        #expect(try await repository.isAncestor(ids[0], of: ids[3]) == .unknown)
        #expect(try await repository.isAncestor(ids[4], of: ids[3]) == .unknown)
        #expect(await refusal { _ = try await repository.commits(from: nil, to: ids[3], limit: 10) } == .incompleteHistory)
    }
}
