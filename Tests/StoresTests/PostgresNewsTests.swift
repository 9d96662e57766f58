import Journal
import Testing

@testable import PostgresStores

@Suite struct PostgresNewsTests {
    @Test func `name the journals that grew`() {
        let journals = [JournalName(.environment, "staging"), JournalName(.run, "r1")]
        #expect(PostgresNews.journals(in: PostgresNews.text(of: journals)) == journals)
    }

    @Test func `say that any may have grown where the names are more than a notification holds`() {
        let journals = (100..<300).map { JournalName(.run, String(repeating: "n", count: 61) + "\($0)") }
        #expect(PostgresNews.text(of: journals).isEmpty)
        // 7,999 bytes are the most that the server takes: 68 a name and 69 with its space, and one of 63.
        let full = journals.prefix(115) + [JournalName(.run, String(repeating: "n", count: 60))]
        #expect(PostgresNews.text(of: Array(full)).utf8.count == 7999)
        let tooFull = journals.prefix(115) + [JournalName(.run, String(repeating: "n", count: 61))]
        #expect(PostgresNews.text(of: Array(tooFull)).isEmpty)
    }

    // What an older shipit says, and what a newer one might.
    @Test(arguments: ["", " ", "run/r1 ", "run/r1 walk/w1", "run/r1,run/r2"])
    func `that cannot be read mean that any may have grown`(text: String) {
        #expect(PostgresNews.journals(in: text) == nil)
    }
}
