import Conductor
import Dispatch
import Glibc
import Pipeline
import Records
import Synchronization

/// The live view on a terminal: what is over is printed as plain lines that stay, what is under way is drawn below and drawn anew.
///
/// What happens is taken in at once and shown with the next frame, by a queue of its own: a terminal that takes nothing for a while, since
/// somebody has stopped it with Ctrl-S, holds up no deployment.
final class LiveScreen: Display {
    private struct State {
        var view: LiveView
        var text: ProgressText
        /// What is to be printed with the next frame.
        var printed: [String] = []
        var hasEnded = false
    }

    private let state: Mutex<State>
    /// Taken while it is written; only then what is on the terminal is known.
    private let canvas = Mutex(LiveCanvas())
    private let queue = DispatchQueue(label: "shipit.live")
    private let hasColour: Bool
    private let paint: Paint
    private let clean: @Sendable (String) -> String
    private let now: @Sendable () -> Int64

    /// Begins to draw.
    ///
    /// - Parameters:
    ///   - hasColour: whether the terminal shows colours.
    ///   - now: the time, in milliseconds since 1970.
    ///   - clean: leaves out what is secret.
    init(hasColour: Bool, now: @escaping @Sendable () -> Int64, clean: @escaping @Sendable (String) -> String) {
        self.hasColour = hasColour
        self.now = now
        self.clean = clean
        paint = Paint(isOn: hasColour)
        state = Mutex(
            State(
                view: LiveView(began: now(), hasColour: hasColour, clean: clean), text: ProgressText(hasColour: hasColour)))
        let continued = DispatchSource.makeSignalSource(signal: SIGCONT, queue: queue)
        // After Ctrl-Z and 'fg' the shell has written where we would draw. Held by its own handler, as in `Signals`.
        continued.setEventHandler { [self] in
            _ = continued
            canvas.withLock { $0.forget() }
        }
        continued.resume()
        tick()
    }

    func begin(_ writer: RunWriter, in session: Session, jobs: Int) async {
        let run = writer.record.run
        state.withLock { $0.view.take(writer.record) }
        Task {
            let durations = await session.usualDurations(for: run)
            state.withLock { $0.view.expect(durations, jobs: jobs) }
        }
    }

    func show(_ progress: Progress) {
        state.withLock { state in
            let text = isDrawn(progress) ? nil : state.text.text(for: progress)
            if let text { state.printed += lines(text) }
            if case .event(let stamped, let record) = progress, case .failed(let stage, _, _, _) = stamped.event,
                state.view.isBusy(beside: stage) || !isOver(stage, record)
            {
                // The others go on for a while: whoever watches sees now why this one did not.
                let prefix = paint("  │ ", .dim)
                state.printed += state.view.lastLines(of: stage).suffix(10).map { prefix + $0 }
            }
            state.view.take(progress)
        }
    }

    func note(_ text: String) -> Bool {
        guard Terminal.isError else { return false }
        state.withLock { $0.printed += lines(text) }
        return true
    }

    func conclude(_ driven: Session.Driven, said: (StageName) -> [String]) {}

    func end() {
        state.withLock { $0.hasEnded = true }
        draw()
    }

    /// What the block shows while it lasts, and what nobody has to read afterwards.
    private func isDrawn(_ progress: Progress) -> Bool {
        switch progress {
        case .output: true
        case .event(let stamped, _): if case .started = stamped.event { true } else { false }
        case .notice, .reread, .awaiting: false
        }
    }

    private func isOver(_ stage: StageName, _ record: RunRecord) -> Bool {
        if case .failed = record.run.state(of: stage) { true } else { false }
    }

    private func lines(_ text: String) -> [String] {
        clean(text).split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).map {
            TerminalText.safe($0, hasColour: hasColour)
        }
    }

    /// Ten frames a second are more than an eye can tell apart in a text.
    private func tick() {
        queue.asyncAfter(deadline: .now() + .milliseconds(100)) { [weak self] in
            guard let self, !state.withLock({ $0.hasEnded }) else { return }
            draw()
            tick()
        }
    }

    /// Writes what has changed since the last frame; one after the other, each in one piece.
    private func draw() {
        canvas.withLock { canvas in
            guard Terminal.isOurs || state.withLock({ $0.hasEnded }) else { return canvas.forget() }
            let size = Terminal.size
            let (printed, lines) = state.withLock { state in
                defer { state.printed = [] }
                // One column and one row stay free: the cursor stands below, and no line touches the edge.
                return (
                    state.printed,
                    state.hasEnded
                        ? [] : state.view.lines(width: size.columns - 1, height: size.rows - 1, now: now(), paint: paint)
                )
            }
            let bytes = canvas.bytes(printing: printed, drawing: lines, on: size)
            if !bytes.isEmpty { Terminal.write(bytes, to: STDOUT_FILENO) }
        }
    }
}
