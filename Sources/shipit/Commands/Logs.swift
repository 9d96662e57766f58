import ArgumentParser
import Conductor
import Pipeline
import Records

/// Shows the output of stages.
struct Logs: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "logs",
        abstract: "Print the kept output of a run's stages.",
        discussion: """
            What was printed on this machine is read here; where the ledger is shared, the output of runs that others drive
            is read there.

            EXAMPLES
              shipit logs 1k2m3n4p5q
              shipit logs 1k2m3n4p5q build-api --follow
            """)

    @OptionGroup var common: CommonOptions
    @Argument(help: "The run: its id or the beginning of it.", completion: .runs(.all))
    var run: String
    @Argument(help: "One stage only.", completion: .stages)
    var stage: String?
    @Flag(name: .shortAndLong, help: "Go on as the output grows, until the run rests.")
    var follow = false

    func run() async throws {
        let session = try await Wiring.session(common)
        var printed: [Attempt: (log: KeptLog, end: Int64)] = [:]
        while true {
            let record = try await session.open(run).record
            for log in try await session.logs(of: record, stage: stage) {
                // What was begun to be read in one place is read to its end there.
                let key = Attempt(stage: log.stage, number: log.attempt)
                let (log, end) = printed[key] ?? (log, 0)
                printed[key] = (log, try await print(log, from: end, in: session))
            }
            guard follow, record.run.status == .running else { break }
            // The ledger tells when a stage moves on; the logs only grow, so that a look now and then is what there is.
            try await Task.sleep(for: .milliseconds(300))
        }
        if printed.isEmpty { Door.shared.note("Nothing of what run \(run) printed is kept here.") }
        await session.close()
    }

    private struct Attempt: Hashable {
        let stage: StageName
        let number: Int
    }

    /// Prints what there is of a log after `start`, and gives where it ends.
    private func print(_ log: KeptLog, from start: Int64, in session: Session) async throws -> Int64 {
        var end = start
        while true {
            let piece = try await session.read(log, from: end)
            guard !piece.isEmpty else { return end }
            let isFirst = end == 0
            end += Int64(piece.count)
            switch Door.shared.form {
            case .plain:
                if isFirst { Door.shared.note("── \(log.stage)" + (log.attempt > 1 ? ", attempt \(log.attempt)" : "")) }
                Door.shared.copy(piece)
            case .json:
                struct Payload: Encodable {
                    var stage: StageName
                    var attempt: Int
                    var text: String
                }
                Door.shared.answer(
                    Payload(stage: log.stage, attempt: log.attempt, text: String(decoding: piece, as: UTF8.self)), "")
            }
        }
    }
}
