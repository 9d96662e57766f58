/// The names of runs, which sort by the time at which they were begun: six characters of time, four of chance.
public enum RunName {
    /// 2025-01-01T00:00:00Z in seconds since 1970: six characters last until 2059.
    private static let epoch: Int64 = 1_735_689_600

    /// The name of a run that begins now.
    ///
    /// - Parameters:
    ///   - time: milliseconds since 1970, of which whole seconds count.
    ///   - chance: random bits that tell it from those of the same second; twenty of them are used.
    public static func name(at time: Int64, chance: UInt64) -> String {
        first(at: time) + Base32.text(of: chance, digits: 4)
    }

    /// What no name of a run begun at `time` or later sorts before, and every earlier one does.
    ///
    /// - Parameter time: milliseconds since 1970.
    public static func first(at time: Int64) -> String {
        Base32.text(of: UInt64(max(0, time / 1000 - epoch)), digits: 6)
    }
}
