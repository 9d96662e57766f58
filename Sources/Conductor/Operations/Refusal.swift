public import Journal
public import Pipeline
public import Records

/// How a command ends, as a process tells it: documented and stable.
public enum ExitStatus: Int32, Sendable, CaseIterable {
    /// Done.
    case done = 0
    /// A stage, or the command itself, failed.
    case failed = 1
    /// Bad input or usage.
    case badInput = 2
    /// Waiting for a person's approval.
    case waiting = 3
    /// The environment is held, frozen or leased by another.
    case occupied = 4
    /// The approval does not cover what would be deployed.
    case voided = 5
    /// The lease was lost.
    case leaseLost = 6
    /// The rollback is blocked.
    case rollbackBlocked = 7
    /// An objective was missed.
    case objectiveMissed = 8
    /// Nobody knows what became of an effect; a person must look.
    case indeterminate = 9
    /// Cancelled or interrupted.
    case cancelled = 130
}

/// Why a command was not carried out: what happened, to what, and what to do next.
public struct Refusal: Refusing, Sendable, CustomStringConvertible {
    /// How the process ends.
    public var exit: ExitStatus
    /// What happened: full sentences.
    public var message: String
    /// What to do next.
    public var remedy: String?
    /// The mistakes in a definition, when that is why.
    public var diagnostics: [Diagnostic] = []

    /// A refusal.
    public init(_ exit: ExitStatus, _ message: String, remedy: String? = nil, diagnostics: [Diagnostic] = []) {
        self.exit = exit
        self.message = message
        self.remedy = remedy
        self.diagnostics = diagnostics
    }

    /// Message and remedy.
    public var description: String { remedy.map { "\(message) \($0)" } ?? message }

    /// Why nothing was recorded, as a command tells it.
    public init(_ objection: Objection) {
        self.init(objection.kind == .otherChange ? .voided : .badInput, objection.message, remedy: objection.remedy)
    }

    /// What `decide` decides, or its objection as a command tells it.
    static func unless<Decision>(_ decide: () throws(Objection) -> Decision) throws(Refusal) -> Decision {
        do throws(Objection) { return try decide() } catch { throw Refusal(error) }
    }

    /// The ledger's failure as a command tells it.
    public init(_ error: LedgerError) {
        switch error {
        case .noSuchRun, .ambiguousRun: self.init(.badInput, error.description)
        case .unreadable, .damaged: self.init(.failed, error.description)
        case .store(let error): self.init(error)
        }
    }

    /// A store's failure as a command tells it.
    public init(_ error: StoreError) {
        if case .leaseLost = error.code { self.init(.leaseLost, error.message) } else { self.init(.failed, error.message) }
    }

    init(_ failure: StageFailure) {
        self.init(.failed, failure.failure.message, remedy: failure.failure.remedy)
    }
}
