import ArgumentParser
import Conductor
import Pipeline

/// What every command takes.
struct CommonOptions: ParsableArguments {
    @Flag(help: "Print JSON: one object, or one a line while something goes on.")
    var json = false

    @Option(name: [.customShort("C"), .customLong("directory")], help: "Work in this directory instead of the current one.")
    var directory = "."
}

/// What every command takes that drives a run.
struct DriveOptions: ParsableArguments {
    @Option(help: "How many stages may be under way at once.")
    var jobs = 4

    func validate() throws {
        guard (1...256).contains(jobs) else { throw ValidationError("--jobs takes a number from 1 to 256, not \(jobs).") }
    }
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
