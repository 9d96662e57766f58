import Journal
import Testing

@Suite struct JournalNameTests {
    @Test(arguments: ["run/01j9.x_y-z", "environment/production", "run/" + String(repeating: "a", count: 64)])
    func `reads back what it writes`(text: String) throws {
        let name = try #require(JournalName(text))
        #expect(name.description == text)
        #expect(JournalName(name.kind, name.name) == name)
    }

    @Test(arguments: [
        "", "run", "run/", "/a", "runs/a", "run/a/b", "run/A", "run/a b", "run/ä", "run/a\0", "Run/a",
        "run/" + String(repeating: "a", count: 65),
    ])
    func `refuses any other text`(text: String) {
        #expect(JournalName(text) == nil)
    }

    @Test func `sorts as its text does`() {
        let texts = ["run/b", "environment/z", "run/a-", "run/a", "run/a.1", "run/a_", "environment/a", "run/10", "run/9"]
        #expect(texts.compactMap { JournalName($0) }.sorted().map(\.description) == texts.sorted())
    }
}
