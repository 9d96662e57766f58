import Glibc
import Pipeline
import Processes

extension Work {
    /// The variable that tells an attempt's programs which attempt they belong to, and everybody else as well.
    static let keyVariable = "SHIPIT_KEY"
    /// The variable that tells whose programs they are.
    static let driverVariable = "SHIPIT_DRIVER"

    /// Waits for the programs that an attempt in doubt has left running on this machine, and ends them when their time is over.
    ///
    /// A shipit that was killed leaves its programs behind. What they will still do cannot be observed yet, and a second attempt
    /// beside them could do it twice. Before their deadline they are not ended: nobody would know how far they came.
    /// - Parameter deadline: when the attempt's time is over, in milliseconds since 1970.
    func outlastSurvivors(until deadline: Int64) async {
        var isSaid = false
        var signals = [SIGINT, SIGTERM, SIGKILL][...]
        var next = deadline
        while !Task.isCancelled {
            let survivors = ProcessSearch(for: Self.keyVariable, key).found
            guard !survivors.isEmpty else { return }
            let numbers = survivors.map { "\($0.pid)" }.joined(separator: ", ")
            if !isSaid {
                isSaid = true
                await log.say("process \(numbers) of attempt \(attempt) is still at work: waiting for its end")
            }
            if tools.world.now() >= next {
                await log.say("process \(numbers) of attempt \(attempt) has taken longer than it may: ending it")
                for survivor in survivors { kill(survivor.pid, signals.first ?? SIGKILL) }
                signals = signals.dropFirst()
                next = tools.world.now() + Self.grace.milliseconds
            }
            try? await tools.world.sleep(.milliseconds(200))
        }
    }

    /// How long a program that was told to end may take until it is told more firmly.
    private static let grace = TimeSpan.seconds(3)
}
