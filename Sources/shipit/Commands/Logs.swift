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
            What was printed on this machine is read here; where the ledger is shared, the output of runs that others drive \
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

    /// How often is looked: the ledger tells when a stage moves on, but the logs only grow.
    private static let pause = Duration.milliseconds(300)
    /// How many looks in a row have to find nothing after the run has come to rest, where its driver may still be bringing its output:
    /// three seconds, as it gathers for half a one.
    private static let quietLooks = 10
    /// How long a line may be that is waited for, in bytes.
    private static let longest = 1 << 16

    func run() async throws {
        let session = try await Wiring.session(common)
        var printed: [Attempt: (log: KeptLog, end: Int64)] = [:]
        var last: Attempt?
        var quiet = 0
        let isMixed = follow && stage == nil
        while true {
            let record = try await session.open(run).record
            let isAtRest = record.run.status != .running
            quiet += 1
            for log in try await session.logs(of: record, stage: stage) {
                // What was begun to be read in one place is read to its end there.
                let key = Attempt(stage: log.stage, number: log.attempt)
                let (log, start) = printed[key] ?? (log, 0)
                let end = try await print(log, from: start, in: session, isBegun: last == key, byLines: isMixed && !isAtRest)
                printed[key] = (log, end)
                guard end > start else { continue }
                last = key
                quiet = 0
            }
            guard follow, !isAtRest || (printed.values.contains(where: \.log.isShared) && quiet < Self.quietLooks) else { break }
            try await Task.sleep(for: Self.pause)
        }
        if printed.values.allSatisfy({ $0.end == 0 }) { Door.shared.note("Nothing of what run \(run) printed is kept here.") }
        await session.close()
    }

    private struct Attempt: Hashable {
        let stage: StageName
        let number: Int
    }

    /// Prints what there is of a log after `start`, and gives where it ends.
    ///
    /// - Parameters:
    ///   - isBegun: whether it is the one that was printed last.
    ///   - byLines: whether a line that is not whole yet is left for later, since another log may be printed before.
    private func print(
        _ log: KeptLog, from start: Int64, in session: Session, isBegun: Bool, byLines: Bool
    ) async throws -> Int64 {
        var end = start
        while true {
            var piece = try await session.read(log, from: end)[...]
            if byLines, piece.count < Self.longest {
                piece = piece[..<(piece.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? piece.startIndex)]
            }
            guard !piece.isEmpty else { return end }
            let isFirst = end == start && !isBegun
            end += Int64(piece.count)
            switch Door.shared.form {
            case .plain:
                if isFirst { Door.shared.note("── \(log.stage)" + (log.attempt > 1 ? ", attempt \(log.attempt)" : "")) }
                Door.shared.copy(Array(piece))
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
