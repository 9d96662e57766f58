import Pipeline

extension RunStatus {
    /// What it means that a run is in it, and what to do next.
    var explanation: (meaning: String, next: String?) {
        switch self {
        case .running:
            (
                "Stages are under way, or about to be. Where shipit was killed, nobody was left to say that they are not.",
                "'shipit resume RUN' watches it, or takes it up where its shipit is gone; 'shipit cancel RUN' ends it."
            )
        case .waiting:
            (
                "It waits for a person's approval, and holds no process and no lease meanwhile.",
                "'shipit approvals' shows the Change; 'shipit approve RUN --continue' or 'shipit reject RUN --reason TEXT'."
            )
        case .reached:
            (
                "All that was asked for is done; the pipeline goes further than that.",
                "'shipit deploy ENVIRONMENT', or 'shipit run PIPELINE --to STAGE', goes on with the same run."
            )
        case .succeeded: ("Every stage is done.", nil)
        case .failed:
            (
                "A stage failed, and nothing else can go on.",
                "'shipit logs RUN STAGE' tells why; 'shipit retry RUN' makes again what failed and goes on."
            )
        case .interrupted:
            (
                "Its shipit was told to stop, or is gone.",
                "'shipit resume RUN' looks what became of what was under way, and goes on."
            )
        case .cancelled: ("It was ended by a person, and does not go on.", "Begin the next run.")
        case .indeterminate:
            (
                "Nobody knows what became of one of its stages, and looking did not tell.",
                "The stage's message says what to look at; then 'shipit retry RUN STAGE --reason TEXT' if it had no effect, 'shipit skip RUN STAGE --reason TEXT' if it is done."
            )
        }
    }
}

extension Run.StageState.Kind {
    /// What it means that a stage is in it, and what to do next.
    var explanation: (meaning: String, next: String?) {
        switch self {
        case .pending: ("It waits for other stages, or nobody asked for it yet.", nil)
        case .ready: ("It may start as soon as there is room: see --jobs.", nil)
        case .running: ("An attempt is under way.", "'shipit logs RUN STAGE --follow' shows what it prints.")
        case .backingOff: ("An attempt failed for a reason that may pass; the next follows after a pause.", nil)
        case .waiting: ("Its Change waits for a person's approval.", "'shipit approvals' shows it.")
        case .inDoubt:
            (
                "Its shipit was stopped or is gone while an attempt was under way: it may have had an effect, or not.",
                "'shipit resume RUN' looks and goes on; 'shipit recover RUN' only looks."
            )
        case .succeeded: ("It is done, or was found done.", nil)
        case .skipped: ("A person left it out, for the reason that is recorded.", nil)
        case .failed:
            (
                "It failed, and is not tried again by itself.",
                "'shipit logs RUN STAGE' tells why; 'shipit retry RUN' makes it again."
            )
        case .blocked: ("A stage that it waits for did not succeed.", "Begin with that stage.")
        case .cancelled: ("It was ended, or never begun, since the run was cancelled.", nil)
        case .indeterminate:
            (
                "Looking did not tell whether it had its effect. It is not repeated by itself.",
                "If it had no effect: 'shipit retry RUN STAGE --reason TEXT'; if it is done: 'shipit skip RUN STAGE --reason TEXT'."
            )
        }
    }
}

extension EnvironmentView.Verdict {
    /// What it means that a release has it, and what to do next.
    var explanation: (meaning: String, next: String?) {
        switch self {
        case .good: ("The release passed its verification: a rollback may lead to it.", nil)
        case .bad:
            (
                "The release failed its verification, and may still be what runs.",
                "'shipit rollback ENVIRONMENT' goes back to the last good one."
            )
        case .unverified:
            (
                "Nobody has verified the release yet, or the run ended before.",
                "'shipit resume RUN' with the run that deployed it verifies it."
            )
        }
    }
}

extension Explanation {
    /// What stands in the way of whoever wants to change an environment.
    static let obstacles = [
        Explanation(
            .environment, "held",
            (
                "Deploys are stopped by a person or by a rollback, with a reason; rollbacks are not.",
                "'shipit status' says by whom; when the reason is gone: 'shipit unhold ENVIRONMENT --reason TEXT'."
            )),
        Explanation(
            .environment, "leased",
            (
                "Somebody is changing the environment right now: its lease ends when they are done, or a while after they are gone.",
                "Wait for it: --wait 10m."
            )),
    ]
}
