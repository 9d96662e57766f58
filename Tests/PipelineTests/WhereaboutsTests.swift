import Testing

@testable import Pipeline

/// Who can tell whether a process is still there: only who sees the same table of processes.
@Suite struct WhereaboutsTests {
    private static let itself: UInt64 = 0xEFFF_FFFC
    private static let here = Whereabouts(machine: "m", boot: "b", namespace: itself, user: 0)

    private func driver(_ host: String, _ place: Whereabouts?) -> Driver {
        Driver(id: "d", host: host, pid: 1, started: "1@b", place: place)
    }

    @Test(
        arguments: [
            ("h", here, .here),
            ("h", nil, .here),
            ("other", nil, .elsewhere),
            ("other", here, .elsewhere),
            ("h", Whereabouts(machine: "m", boot: "b", namespace: itself, user: 1), .here),
            ("h", Whereabouts(machine: "m", boot: "b", namespace: 7, user: 0), .elsewhere),
            ("h", Whereabouts(machine: "m", boot: "a", namespace: itself, user: 0), .afterwards),
            ("h", Whereabouts(machine: "m", boot: "a", namespace: 7, user: 0), .elsewhere),
            ("h", Whereabouts(machine: "n", boot: "a", namespace: itself, user: 0), .elsewhere),
            ("h", Whereabouts(machine: nil, boot: "a", namespace: itself, user: 0), .elsewhere),
        ] as [(String, Whereabouts?, Nearness)])
    func `a driver is seen from where it is, and it is known that a boot took it away`(
        host: String, place: Whereabouts?, nearness: Nearness
    ) {
        #expect(driver(host, place).nearness(to: driver("h", Self.here)) == nearness)
    }

    @Test func `in a container nothing tells a boot from another machine`() {
        let inside = Whereabouts(machine: "m", boot: "b", namespace: 7, user: 0)
        let before = Whereabouts(machine: "m", boot: "a", namespace: 7, user: 0)
        #expect(driver("h", inside).nearness(to: driver("h", inside)) == .here)
        #expect(driver("h", before).nearness(to: driver("h", inside)) == .elsewhere)
    }

    @Test func `who does not know where it is knows nothing of who does`() {
        #expect(driver("h", Self.here).nearness(to: driver("h", nil)) == .elsewhere)
    }

    @Test(arguments: [here, Whereabouts(machine: nil, boot: "b", namespace: 7, user: .max)])
    func `a place is read from its word`(place: Whereabouts) {
        #expect(Whereabouts(text: place.text) == place)
        #expect(!place.text.contains("@"))
    }

    @Test(arguments: ["", "4711", "m/b/1", "m/b/x/0", "m/b/1/-1", "m/b/1/0/1"]) func `other words are no places`(text: String) {
        #expect(Whereabouts(text: text) == nil)
    }
}
