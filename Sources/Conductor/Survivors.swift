import Pipeline
import Processes

extension Work {
    /// The variable that tells an attempt's programs which attempt they belong to, and everybody else as well.
    static let keyVariable = "SHIPIT_KEY"

    /// Waits for the programs that an attempt in doubt has left running on this machine, until their deadline at most.
    ///
    /// A shipit that was killed leaves its programs behind. What they will still do cannot be observed yet, and a second attempt
    /// beside them could do it twice. They are not ended: nobody would know how far they came.
    /// - Parameter deadline: when the attempt's time is over, in milliseconds since 1970.
    func outlastSurvivors(until deadline: Int64) async {
        var isSaid = false
        while tools.world.now() < deadline, !Task.isCancelled {
            let survivors = ProcessIdentity.all(with: Self.keyVariable, key)
            guard !survivors.isEmpty else { return }
            if !isSaid {
                isSaid = true
                let numbers = survivors.map { "\($0.pid)" }.joined(separator: ", ")
                await log.say("process \(numbers) of attempt \(attempt) is still at work: waiting for its end")
            }
            try? await Task.sleep(for: .milliseconds(200))
        }
    }
}
