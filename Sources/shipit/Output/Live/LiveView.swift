import Conductor
import Hashing
import Pipeline
import Records

/// A run as somebody watches it: what of it is drawn again and again, below what stays.
///
/// A value: what happens goes in by ``take(_:)``, lines for a place of some width and height come out; time is passed in. It keeps nothing
/// of a ``RunRecord``, since whoever keeps one makes the next event copy all that it holds.
struct LiveView {
    /// Where a stage stands, as far as it matters here.
    enum Standing: Hashable {
        /// Its turn will come.
        case open
        /// An attempt is under way.
        case active
        /// It pauses after a failed attempt.
        case pausing
        /// Nobody knows yet what became of an attempt.
        case doubted
        /// A person must approve.
        case waiting
        case failed
        /// Nobody knows what became of it; a person must look.
        case undecided
        case done
        /// It will not begin: it is blocked, cancelled, or nobody asked for it.
        case left
    }

    /// A stage, as it is now.
    struct Row {
        var name: StageName
        var summary: String
        var standing = Standing.left
        /// When that began, in milliseconds since 1970; nil where nobody knows.
        var since: Int64?
        /// Why, in one line.
        var text = ""
        var environment: EnvironmentName?
        /// Whether a person decides how long it takes.
        var isApproval = false
    }

    /// An environment in other hands.
    struct Wait {
        var holder: String
        var until: Int64
    }

    /// The run, once there is one.
    private(set) var run: RunID?
    private(set) var reason = ""
    private(set) var rows: [Row] = []
    /// Whether it is told to end.
    private(set) var isStopping = false
    /// The stages of each standing that lines are drawn of.
    private(set) var shown: [Standing: Set<Int>] = [:]
    private(set) var doneCount = 0
    private(set) var leftCount = 0
    private(set) var activities: [Int: Activity] = [:]
    /// The newest lines of all stages, oldest first.
    private(set) var tail: [(stage: Int, text: String)] = []
    private(set) var waits: [EnvironmentName: Wait] = [:]
    /// No stage before this one is open.
    private(set) var firstOpen = 0
    private(set) var predecessors: [[Int]] = []
    private var successors: [[Int]] = []
    private var index: [StageName: Int] = [:]
    /// How long stages usually take, by number.
    private(set) var usual: [Int: Int64] = [:]
    private(set) var jobs = 1
    /// Stages that the run's goal does not need.
    private var unwanted = 0

    /// When watching began, in milliseconds since 1970.
    let began: Int64
    private let hasColour: Bool
    private let clean: @Sendable (String) -> String

    /// Nothing yet.
    ///
    /// - Parameters:
    ///   - began: when watching begins, in milliseconds since 1970.
    ///   - hasColour: whether the output's own colours may be shown.
    ///   - clean: leaves out what is secret.
    init(began: Int64, hasColour: Bool, clean: @escaping @Sendable (String) -> String) {
        self.began = began
        self.hasColour = hasColour
        self.clean = clean
    }

    /// How many stages are to be done.
    var wanted: Int { rows.count - unwanted }

    /// Whether more than the one stage is under way.
    func isBusy(beside stage: StageName) -> Bool {
        shown[.active, default: []].contains { rows[$0].name != stage }
    }

    /// The last lines of a stage that is under way.
    func lastLines(of stage: StageName) -> [String] {
        index[stage].flatMap { activities[$0]?.lines } ?? []
    }

    /// Learns how long stages usually take, and how many may be under way at once.
    mutating func expect(_ durations: [StageName: Int64], jobs: Int) {
        self.jobs = jobs
        usual = Dictionary(durations.compactMap { name, span in index[name].map { ($0, span) } }, uniquingKeysWith: { $1 })
    }

    /// Learns the run: its plan, and where each stage stands.
    mutating func take(_ record: RunRecord) {
        let plan = record.run.plan
        if run != record.run.id {
            run = record.run.id
            reason = line(record.run.reason)
            rows = plan.stages.map {
                Row(
                    name: $0.name, summary: line($0.kind.value.summary), environment: $0.kind.value.environment,
                    isApproval: $0.kind.value is Approve)
            }
            index = Dictionary(plan.stages.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
            predecessors = plan.stages.map { stage in stage.predecessors.compactMap { index[$0] } }
            successors = Array(repeating: [], count: rows.count)
            for (number, before) in predecessors.enumerated() { for other in before { successors[other].append(number) } }
        }
        shown = [:]
        (doneCount, leftCount, unwanted, firstOpen) = (0, 0, 0, 0)
        for number in rows.indices {
            rows[number].standing = .left
            leftCount += 1
            update(number, record)
            if case .left = rows[number].standing, !record.run.isWanted(rows[number].name) {
                unwanted += 1
                leftCount -= 1
            }
        }
        isStopping = record.run.isCancelling || isStopping
    }

    /// Takes what happens.
    mutating func take(_ progress: Progress) {
        switch progress {
        case .reread(let record): take(record)
        case .event(let stamped, let record): take(stamped.event, record)
        case .output(let stage, let text):
            guard let number = index[stage] else { return }
            let text = TerminalText.safe(text, hasColour: hasColour)
            activities[number, default: Activity()].take(text)
            guard !text.allSatisfy(\.isWhitespace) else { return }
            tail.append((number, text))
            if tail.count > Activity.depth { tail.removeFirst() }
        case .awaiting(let environment, let lease, let until):
            waits[environment] = Wait(holder: line(LeaseText(lease).text), until: until)
        case .notice: break
        }
    }

    private mutating func take(_ event: RunEvent, _ record: RunRecord) {
        guard run == record.run.id else { return take(record) }
        switch event {
        case .created, .goalExtended, .resumed, .retried, .cancelRequested: take(record)
        case .interrupted: isStopping = true
        case .started(let stage, _, _, _, _):
            update(stage, record)
            if let environment = index[stage].flatMap({ rows[$0].environment }) { waits[environment] = nil }
        case .failed(let stage, _, _, _), .skipped(let stage, _), .rejected(let stage, _):
            update(stage, record)
            block(after: stage, record)
        case .approvalVoided(let stage, _, let approval, _):
            update(stage, record)
            update(approval, record)
        default:
            if let stage = event.stage { update(stage, record) }
        }
    }

    /// What a failure blocks: each stage once, so that all failures together cost no more than the plan has edges.
    private mutating func block(after stage: StageName, _ record: RunRecord) {
        var stack = index[stage].map { successors[$0] } ?? []
        while let number = stack.popLast() {
            guard case .open = rows[number].standing, case .blocked = record.run.states[number] else { continue }
            update(number, record)
            stack += successors[number]
        }
    }

    private mutating func update(_ stage: StageName, _ record: RunRecord) {
        if let number = index[stage] { update(number, record) }
    }

    private mutating func update(_ number: Int, _ record: RunRecord) {
        let name = rows[number].name
        let timing = record.timings[name]
        rows[number].since = timing?.started
        rows[number].text = ""
        switch record.run.states[number] {
        case .pending, .ready: set(number, record.run.isWanted(name) ? .open : .left)
        case .running: set(number, .active)
        case .backingOff(let attempt, let pause, let failure):
            rows[number].since = record.updated
            rows[number].text = line("attempt \(attempt + 1) in \(pause): \(failure.message)")
            set(number, .pausing)
        case .inDoubt(_, _, let reason):
            rows[number].text = line("\(reason): looking what became of it")
            set(number, .doubted)
        case .waiting(_, let change):
            rows[number].text = "waits for approval of change \(change.sum.hex.prefix(12))"
            set(number, .waiting)
        case .failed(let failure):
            rows[number].text = line(failure.message)
            set(number, .failed)
        case .indeterminate(_, let failure):
            rows[number].text = line(failure.message)
            set(number, .undecided)
        case .succeeded, .skipped: set(number, .done)
        case .blocked, .cancelled: set(number, .left)
        }
    }

    /// The one place where a standing changes: keeps sets and counts in step.
    private mutating func set(_ number: Int, _ standing: Standing) {
        switch rows[number].standing {
        case .done: doneCount -= 1
        case .left: leftCount -= 1
        case let old: shown[old]?.remove(number)
        }
        rows[number].standing = standing
        switch standing {
        case .done: doneCount += 1
        case .left: leftCount += 1
        default: shown[standing, default: []].insert(number)
        }
        switch standing {
        case .active, .doubted: break
        default: activities[number] = nil
        }
        while firstOpen < rows.count, rows[firstOpen].standing != .open { firstOpen += 1 }
        if case .open = standing { firstOpen = min(firstOpen, number) }
    }

    /// A text of others as one line.
    private func line(_ text: String) -> String {
        TerminalText.safe(
            clean(text).split(whereSeparator: \.isNewline).first.map(String.init) ?? "", hasColour: false)
    }
}
