extension ExitStatus {
    /// What it means that a command ended with it, and what to do next.
    var explanation: (meaning: String, next: String?) {
        switch self {
        case .done: ("Done: what the command was asked for is so.", nil)
        case .failed:
            (
                "A stage of the run failed, or the command itself could not do its work.",
                "Read why with 'shipit logs RUN STAGE'; when the reason is gone, 'shipit retry RUN' makes again what failed."
            )
        case .badInput:
            (
                "The command was not understood, or the definition has mistakes. Nothing was started.",
                "See the command's --help; 'shipit check' shows every mistake in the definition with its place."
            )
        case .waiting:
            (
                "The run waits for a person to approve what an environment would get. Nothing runs meanwhile.",
                "Look with 'shipit approvals'; then 'shipit approve RUN --continue' or 'shipit reject RUN --reason TEXT'."
            )
        case .occupied:
            (
                "The environment is held, or somebody else is changing it.",
                "See who with 'shipit status'. Wait with --wait 10m, or lift the hold with 'shipit unhold ENVIRONMENT --reason TEXT'; then 'shipit resume RUN'."
            )
        case .voided:
            (
                "What would be deployed now is not what was approved; the differences were named, and nothing was touched.",
                "Look at the new Change with 'shipit approvals', and approve again."
            )
        case .leaseLost:
            (
                "Another shipit has taken over the environment, since this one did not show a sign of life in time. All its programs were ended.",
                "See 'shipit status' for what runs and who changes it; 'shipit resume RUN' goes on when the environment is free."
            )
        case .rollbackBlocked:
            (
                "The rollback would leave the environment broken: an image is gone, or a migration in between is not compatible. Nothing was touched.",
                "See what stands in the way with 'shipit rollback ENVIRONMENT --plan'; choose another release with --to, or fix forward."
            )
        case .objectiveMissed:
            ("A measured time or rate was worse than its objective.", "Read what was measured in what the command printed.")
        case .indeterminate:
            (
                "Nobody knows what became of a stage, and looking did not tell. It is not repeated by itself.",
                "Look at what the message names. If it had no effect: 'shipit retry RUN STAGE --reason TEXT'; if it is done: 'shipit skip RUN STAGE --reason TEXT'."
            )
        case .cancelled:
            (
                "The run was cancelled, or the command was interrupted before it was done.",
                "An interrupted run goes on with 'shipit resume RUN'; after a cancelled one comes the next run."
            )
        }
    }
}
