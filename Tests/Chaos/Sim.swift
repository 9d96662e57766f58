import ArgumentParser
import Simulation

/// Drives real Conductors on simulated machines in which everything goes wrong.
struct Sim: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Drive real Conductors on simulated machines that crash, sleep, lose answers and set their clocks.",
        discussion: "One world a seed. One world alone is told from beginning to end.")

    @Argument(help: "How many worlds.")
    var worlds: UInt64
    @Option(help: "The first world's seed; the same seed is the same world.")
    var seed: UInt64 = 1

    func validate() throws {
        guard worlds > 0 else { throw ValidationError("At least one world is needed.") }
    }

    func run() throws {
        var (broken, processes, kills, effects) = (0, 0, 0, 0)
        for seed in seed..<seed + worlds {
            let report = Simulation.run(seed: seed)
            processes += report.processes
            kills += report.kills
            effects += report.effects
            if worlds == 1 { print(report.story, "trace \(report.trace)", separator: "\n") }
            guard !report.violations.isEmpty else { continue }
            broken += 1
            print("chaos sim: seed \(seed): \(report.violations.joined(separator: "; "))")
        }
        print(
            "chaos sim: \(worlds) worlds, \(processes) processes, \(kills) kills, \(effects) effects, "
                + "\(broken) worlds in which a rule was broken")
        if broken > 0 { throw ExitCode(1) }
    }
}
