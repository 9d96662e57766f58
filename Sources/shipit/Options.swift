import ArgumentParser
import Conductor
import Pipeline

/// What every command takes.
struct CommonOptions: ParsableArguments {
    @Flag(help: "Print JSON: one object, or one a line while something goes on.")
    var json = false

    @Option(
        name: [.customShort("C"), .customLong("directory")], help: "Work in this directory instead of the current one.",
        completion: .directory)
    var directory = "."
}

/// What every command takes that drives a run.
struct DriveOptions: ParsableArguments {
    @Option(help: "How many stages may be under way at once.")
    var jobs = 4
    @OptionGroup var patience: PatienceOptions
    @OptionGroup var showing: ShowingOptions

    func validate() throws {
        guard (1...256).contains(jobs) else { throw ValidationError("--jobs takes a number from 1 to 256, not \(jobs).") }
    }

    /// The terms of a drive of what `scope` says.
    func terms(_ scope: DriveScope = .whole) -> DriveTerms {
        DriveTerms(jobs: jobs, scope: scope, patience: patience.wait)
    }
}

/// What every command takes that may find an environment in use.
struct PatienceOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Wait that long for an environment that somebody else is changing, as in 90s or 10m. Default: end with code 4.",
            valueName: "duration"),
        transform: {
            guard let span = TimeSpan($0) else { throw ValidationError("'\($0)' is no duration: write 90s, 10m or 1h.") }
            return span
        })
    var wait: TimeSpan?
}

/// What every command takes that shows a run while it is driven.
struct ShowingOptions: ParsableArguments {
    @Flag(
        help: "Print plain lines, for screen readers and logs, instead of a live view; SHIPIT_PROGRESS=plain does so always.")
    var plain = false
}

/// Which commit a command is about.
struct SourceOptions: ParsableArguments {
    @Option(help: "The commit: a SHA, branch or tag. Default: what is checked out.")
    var commit: String?

    @Flag(help: "Take uncommitted changes along, under a tag that can never be taken for the commit's.")
    var allowDirty = false

    func validate() throws {
        if allowDirty, commit != nil { throw ValidationError("--allow-dirty is about the work tree: leave --commit out.") }
    }
}
