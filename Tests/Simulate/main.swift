import Glibc
import Simulation

// simulate COUNT [SEED]: runs that many simulated worlds, from seed SEED on; one world with its whole story when COUNT is 1.

let arguments = CommandLine.arguments.dropFirst().map { UInt64($0) }
guard let wanted = arguments.first, let count = wanted, arguments.count <= 2, let first = arguments.count == 2 ? arguments[1] : 1
else {
    print("usage: simulate COUNT [SEED]")
    exit(2)
}
var (failed, processes, kills, effects) = ([UInt64](), 0, 0, 0)
for seed in first..<first + count {
    let report = Simulation.run(seed: seed)
    processes += report.processes
    kills += report.kills
    effects += report.effects
    if count == 1 { print(report.story, "trace \(report.trace)", separator: "\n") }
    guard !report.violations.isEmpty else { continue }
    failed.append(seed)
    print("seed \(seed): \(report.violations.joined(separator: "; "))")
}
print(
    "\(count) worlds, \(processes) processes, \(kills) kills, \(effects) effects made once; \(failed.count) worlds broke a rule")
exit(failed.isEmpty ? 0 : 1)
