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
        var printed: [String: Int64] = [:]
        while true {
            let record = try await session.open(run).record
            for log in try session.logs(of: record, stage: stage) { print(log, from: session, &printed) }
            guard follow, record.run.status == .running else { break }
            // The ledger tells when a stage moves on; the files only grow, so that a look now and then is what there is.
            try await Task.sleep(for: .milliseconds(300))
        }
        await session.close()
    }

    private func print(_ log: KeptLog, from session: Session, _ printed: inout [String: Int64]) {
        while true {
            let piece = session.read(log, from: printed[log.path, default: 0])
            guard !piece.isEmpty else { return }
            let isFirst = printed[log.path] == nil
            printed[log.path, default: 0] += Int64(piece.count)
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
