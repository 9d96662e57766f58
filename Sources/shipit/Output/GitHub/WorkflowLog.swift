import Conductor
import Dispatch
import Pipeline
import Records
import Synchronization

/// A run in the log of a GitHub Actions job: the output of each stage as one group when it ends, since stages run at the same time, an
/// annotation where one failed, a sign of life meanwhile, and a summary of the job at the end.
final class WorkflowLog: Display {
    /// What a stage has printed, without the middle where that is long.
    private struct Kept {
        private static let most = 5000
        var lines: [String] = []
        var dropped = 0

        mutating func take(_ line: String) {
            lines.append(line)
            // Cut rarely, so that each line is moved a bounded number of times.
            guard lines.count > 2 * Self.most else { return }
            dropped += lines.count - Self.most
            lines.removeSubrange(Self.most / 2..<lines.count - Self.most / 2)
        }
    }

    private struct State {
        var text = ProgressText(hasColour: false)
        var output: [StageName: Kept] = [:]
        var underWay: [StageName: (since: Int64, doing: Activity)] = [:]
        var places: [StageName: SourceLocation] = [:]
        var isEnded = false
    }

    private let state = Mutex(State())
    private let queue = DispatchQueue(label: "shipit.workflow")
    /// The file that the job's summary is; nil when there is none.
    private let summary: String?
    /// Where the repository is below the place that annotations are relative to.
    private let folder: String
    private let now: @Sendable () -> Int64
    private let print: @Sendable ([String]) -> Void
    private let clean: @Sendable (String) -> String

    /// Begins to watch.
    ///
    /// - Parameters:
    ///   - world: what the runner tells in variables, and the time.
    ///   - root: the repository's root.
    ///   - clean: leaves out what is secret.
    ///   - print: prints lines, one after the other and in one piece.
    init(
        in world: World, root: String, clean: @escaping @Sendable (String) -> String,
        print: @escaping @Sendable ([String]) -> Void
    ) {
        summary = world.variables["GITHUB_STEP_SUMMARY"].flatMap { $0.isEmpty ? nil : $0 }
        folder = Self.folder(of: root, below: world.variables["GITHUB_WORKSPACE"])
        now = world.now
        self.clean = clean
        self.print = print
        beat()
    }

    /// What stands before a path relative to `root` to make it relative to `workspace`.
    static func folder(of root: String, below workspace: String?) -> String {
        guard let workspace, root.hasPrefix(workspace + "/") else { return "" }
        return root.dropFirst(workspace.utf8.count + 1) + "/"
    }

    func begin(_ writer: RunWriter, in session: Session, jobs: Int) async {
        var places = await session.declarations(of: writer.record.run.plan)
        for (stage, place) in places { places[stage]?.file = folder + place.file }
        state.withLock { [places] in $0.places = places }
    }

    func show(_ progress: Progress) {
        state.withLock { state in
            switch progress {
            case .reread: break
            case .output(let stage, let text):
                let text = clean(text)
                state.output[stage, default: Kept()].take(text)
                state.underWay[stage]?.doing.take(text)
            case .notice, .awaiting:
                if let text = state.text.text(for: progress) { print(guarded(text)) }
            case .event(let stamped, let record):
                guard let text = state.text.text(for: progress) else { return }
                guard let stage = stamped.event.stage else { return print(guarded(text)) }
                if case .started = stamped.event {
                    state.underWay[stage] = (stamped.at, Activity())
                    return print(guarded(text))
                }
                tell(text, of: stage, record, &state)
            }
        }
    }

    /// Prints what happened to a stage, with its output once it is no longer under way.
    private func tell(_ text: String, of stage: StageName, _ record: RunRecord, _ state: inout State) {
        let runState = record.run.state(of: stage)
        switch runState {
        case .running, .inDoubt: return print(guarded(text))
        default: break
        }
        state.underWay[stage] = nil
        var lines = clean(text).split(whereSeparator: \.isNewline).map(String.init)
        if let kept = state.output.removeValue(forKey: stage), !lines.isEmpty {
            var output = kept.lines
            if kept.dropped > 0 {
                output.insert("… \(kept.dropped) lines left out: see shipit logs …", at: min(output.count, 2500))
            }
            let heading = lines.removeFirst()
            print(WorkflowText.group(heading, output, token: WorkflowText.token()))
        }
        if !lines.isEmpty { print(guarded(lines.joined(separator: "\n"))) }
        switch runState {
        case .failed(let failure), .indeterminate(_, let failure):
            let words = clean(([failure.message] + (failure.remedy.map { [$0] } ?? [])).joined(separator: "\n"))
            print([WorkflowText.error(words, title: "\(stage) failed", at: state.places[stage])])
        default: break
        }
    }

    func note(_ text: String) -> Bool { false }

    func conclude(_ driven: Session.Driven, said: (StageName) -> [String]) {
        guard let summary else { return }
        let text = clean(JobSummary(driven, said: said, now: now()).text)
        SummaryFile.append(text, to: summary)
    }

    func end() {
        state.withLock { state in
            state.isEnded = true
            // Of what was not seen to end the output is all there is.
            for (stage, kept) in state.output.sorted(by: { $0.key < $1.key }) {
                print(WorkflowText.group("\(stage) … its output so far", kept.lines, token: WorkflowText.token()))
            }
            state.output = [:]
        }
    }

    private func guarded(_ text: String) -> [String] {
        WorkflowText.guarded(
            clean(text).split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).map(String.init),
            token: WorkflowText.token())
    }

    /// A line now and then while stages are under way: a job that says nothing is taken for one that hangs.
    private func beat() {
        queue.asyncAfter(deadline: .now() + .seconds(30)) { [weak self] in
            guard let self else { return }
            let isEnded = state.withLock { state in
                guard !state.isEnded, !state.underWay.isEmpty else { return state.isEnded }
                let time = now()
                let stages = state.underWay.sorted { $0.key < $1.key }.prefix(5).map { stage, work in
                    let doing = (work.doing.headline ?? work.doing.lines.last).map { ": \($0.prefix(100))" } ?? ""
                    return "\(stage) … at it for \(Moment.span(max(0, time - work.since)))\(doing)"
                }
                let more = state.underWay.count - stages.count
                print(guarded((stages + (more > 0 ? ["… and \(more) more"] : [])).joined(separator: "\n")))
                return false
            }
            if !isEnded { beat() }
        }
    }
}
