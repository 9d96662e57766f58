import Dashboard
import FoundationEssentials
import Serving

let environment = ProcessInfo.processInfo.environment
await ServiceProgram(name: "web", port: 3000).run(
    Array(CommandLine.arguments.dropFirst()), environment: environment
) { settings, logger throws(SettingsError) in
    try Dashboard(environment: environment).server(settings, logger: logger)
}
