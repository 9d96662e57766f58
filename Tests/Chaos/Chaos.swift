import ArgumentParser

/// Breaks shipit on purpose, and counts what was lost or done twice.
///
/// docs/chaos.md says what is counted and by whom.
@main
struct Chaos: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "chaos", abstract: "Break shipit on purpose, and count what was lost or done twice.",
        subcommands: [Real.self, Sim.self])
}
