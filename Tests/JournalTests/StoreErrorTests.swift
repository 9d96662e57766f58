import Journal
import Testing

@Suite struct StoreErrorTests {
    @Test func `only what waiting may mend is passing`() {
        let passing: [StoreError.Code] = [.unreachable, .busy]
        let lasting: [StoreError.Code] = [
            .conflict(JournalName(.run, "a"), expected: 1, actual: 2), .leaseLost(resource: "environment/a", heldBy: nil), .full,
            .refused, .newerSchema(found: 2, known: 1), .corrupt, .readOnly, .failed,
        ]
        #expect(passing.allSatisfy { StoreError($0, "").passing })
        #expect(!lasting.contains { StoreError($0, "").passing })
    }
}
