import ControlPlane
import FoundationEssentials
import Serving

let environment = ProcessInfo.processInfo.environment
await ServiceProgram(name: "api", port: 3001).run(
    Array(CommandLine.arguments.dropFirst()), environment: environment
) { settings, logger throws(SettingsError) in
    try ControlPlane(environment: environment).server(settings, logger: logger)
}
