import ArgumentParser
import Conductor

/// Lists what the registry has.
struct Images: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "images",
        abstract: "List the images that the registry has of each service, those of the newest commits first.",
        discussion: """
            Each is shown with what points to it: 'latest', the environments that run it, and those that would go back to it. What an \
            environment refers to is shown however old it is, and told where the registry has lost it.

            EXAMPLES
              shipit images
              shipit images api --limit 100
            """)

    @OptionGroup var common: CommonOptions
    @Argument(help: "One service only.", completion: .services)
    var service: String?
    @Option(help: "How many commits' images of each service.")
    var limit = 20

    func validate() throws {
        guard (1...1000).contains(limit) else { throw ValidationError("--limit takes a number from 1 to 1000, not \(limit).") }
    }

    func run() async throws {
        let session = try await Wiring.session(common)
        let images = try await session.images(of: service, limit: limit)
        await session.close()
        Door.shared.answer(images, ImagesText(images, hasColour: Door.shared.hasColour).text)
    }
}
