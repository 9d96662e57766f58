import FoundationEssentials
import Glibc
public import Logging
import NIOCore
import Product
public import ServiceLifecycle
import UnixSignals

/// The command line of a service: it serves, or with `--check-health` asks the one that does, or says its `--version`, or does what
/// the service adds to these.
public struct ServiceProgram: Sendable {
    /// How a command that a service adds ended.
    public enum Outcome: Sendable, Hashable {
        /// It did what it should; this is what it prints.
        case done(String)
        /// It did not, and this is why.
        case failed(String)
    }

    /// How long requests that are under way may take once the service was told to stop; Docker waits 15 s in our compose files.
    private static let patience = Duration.seconds(10)

    private let name: String
    private let port: Int

    /// The program `name`, which listens on `port` unless told otherwise.
    public init(name: String, port: Int) {
        self.name = name
        self.port = port
    }

    /// Does what the arguments say and ends the process: 0 done, 1 failed or unhealthy, 2 wrong settings or arguments.
    ///
    /// Not by `exit`, which takes OpenSSL apart while a thread may still be inside libpq or libcurl.
    ///
    /// - Parameters:
    ///   - arguments: those of the process, without its name.
    ///   - environment: the variables of the process.
    ///   - command: does what arguments say that are the service's own; nil when they are not.
    ///   - serve: makes the service.
    public func run(
        _ arguments: [String], environment: [String: String],
        command: @Sendable ([String]) async throws(SettingsError) -> Outcome? = { (_) throws(SettingsError) in nil },
        serve: @Sendable (ServerSettings, Logger) throws(SettingsError) -> any Service
    ) async -> Never {
        do throws(SettingsError) {
            let settings = try ServerSettings(environment: environment, defaultPort: port)
            switch arguments {
            case ["--version"]:
                StandardStream.output.write(Array("\(name) \(Product.version)\n".utf8))
                _exit(0)
            case ["--check-health"]:
                _exit(HealthCheck.passes(port: settings.port, within: .seconds(2)) ? 0 : 1)
            case []:
                var logger = Logger(label: name) { _ in JSONLogHandler(service: name, level: settings.logLevel) }
                logger.logLevel = settings.logLevel
                // NIO knows of the cores that a container has, and not of those that a process has; two loops on one core are in each
                // other's way.
                NIOSingletons.groupLoopCountSuggestion = min(System.coreCount, ProcessInfo.processInfo.activeProcessorCount)
                let service = try serve(settings, logger)
                _exit(await serveUntilStopped(service, logger) ? 0 : 1)
            default:
                switch try await command(arguments) {
                case .done(let text):
                    StandardStream.output.write(Array(text.utf8))
                    _exit(0)
                case .failed(let reason):
                    StandardStream.error.write(Array("\(name): \(reason)\n".utf8))
                    _exit(1)
                case nil:
                    throw SettingsError("\(name) does not know these arguments: use none, --check-health or --version.")
                }
            }
        } catch {
            StandardStream.error.write(Array("\(name): \(error)\n".utf8))
            _exit(2)
        }
    }

    /// Serves until SIGTERM or SIGINT; a second signal ends the process as it does any other.
    private func serveUntilStopped(_ service: any Service, _ logger: Logger) async -> Bool {
        var configuration = ServiceGroupConfiguration(
            services: [service], gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
        configuration.maximumGracefulShutdownDuration = Self.patience
        do {
            try await ServiceGroup(configuration: configuration).run()
            logger.info("stopped")
            return true
        } catch {
            logger.critical("the service ended", error: error)
            return false
        }
    }
}
