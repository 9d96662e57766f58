import Conductor
import Pipeline
import Records

/// What the driving commands share: drive, say how it ended, leave with the code that means it.
enum Driving {
    /// Drives a run and ends the process's part in it.
    static func drive(_ writer: RunWriter, in session: Session, on terms: DriveTerms) async throws {
        await Door.shared.begin(writer, in: session, jobs: terms.jobs)
        let driven = try await session.drive(writer, on: terms, interrupts: Wiring.interrupts(ending: session.children))
        let said = { stage in session.lastLines(of: stage, in: driven.record, count: 10) }
        Door.shared.conclude(driven, said: said)
        await session.close()
        let status = driven.end.exit(for: driven.record.run)
        Door.shared.answer(
            RunPayload(exit: status.rawValue, end: driven.end.word, run: RunView(driven.record)),
            DriveText(driven, said: said, hasColour: Door.shared.hasColour).text)
        if status != .done { throw Ending(status: status) }
    }
}
