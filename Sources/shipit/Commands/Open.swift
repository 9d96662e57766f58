import ArgumentParser
import Conductor

/// Opens the page.
struct Open: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "open",
        abstract: "Open the page of a run or of an environment in the browser, and print its address.",
        discussion: """
            The page's address is 'page' in pipelines/project.yml. $BROWSER opens it, else what the desktop has chosen; without \
            a display, and in CI, the address is only printed.

            EXAMPLES
              shipit open
              shipit open production
              shipit open 1k2m3n4p5q --print
            """)

    @OptionGroup var common: CommonOptions
    @Argument(
        help: "A run, by its id or the beginning of it, or an environment. Default: the newest run.", completion: .pages)
    var subject: String?
    @Flag(name: .customLong("print"), help: "Only print the address.")
    var isPrinting = false

    func run() async throws {
        let session = try await Wiring.session(common)
        var place = try await session.page(of: subject)
        if !session.isOnPage { Door.shared.note("the ledger is a file here: the page shows what a team's ledger has") }
        if !isPrinting { place.isOpened = try await session.show(place.url) }
        await session.close()
        Door.shared.answer(place, place.url)
    }
}
