import ControlPlane
import FoundationEssentials
import Serving

let environment = ProcessInfo.processInfo.environment
await ServiceProgram(name: "api", port: 3001).run(
    Array(CommandLine.arguments.dropFirst()), environment: environment,
    command: { (arguments) throws(SettingsError) in try await TokenProgram(environment: environment).run(arguments) }
) { settings, logger throws(SettingsError) in
    try ControlPlane(environment: environment).server(settings, logger: logger)
}
