import Foundation
import Processes
import Shops

extension TestCluster {
    /// Asks a service over and over while `body` runs.
    ///
    /// - Returns: what `body` did, and the status of each answer; 0 where none came.
    func load<Answer>(
        on service: String, in namespace: String, while body: () async throws -> Answer
    ) async throws -> (answer: Answer, statuses: [Int]) {
        let asking = Task { try await self.statuses(of: service, in: namespace) }
        let result: Result<Answer, any Error>
        do { result = .success(try await body()) } catch { result = .failure(error) }
        asking.cancel()
        let statuses = try await asking.value
        return (try result.get(), statuses)
    }
}

extension GivenCluster {
    /// Two clients, each at up to forty requests a second, through the API server's own way to a service.
    func statuses(of service: String, in namespace: String) async throws -> [Int] {
        let socket = NSTemporaryDirectory() + "shipit-e2e-proxy-" + String(UInt32.random(in: .min ... .max), radix: 36)
        defer { try? FileManager.default.removeItem(atPath: socket) }
        let address = "http://localhost/api/v1/namespaces/\(namespace)/services/\(service):main/proxy/"
        let ask = ["--unix-socket", socket, "--silent", "--max-time", "10", "--output", "/dev/null"]
        return try await withThrowingTaskGroup(of: [Int].self) { group in
            group.addTask {
                _ = try await capture(command("kubectl", ["proxy", "--unix-socket", socket]))
                return []
            }
            let first = ask + ["--fail", "--retry", "20", "--retry-delay", "1", "--retry-all-errors", address]
            _ = try await World.run("curl", first, deadline: .seconds(30))
            for client in 1...2 {
                let more = [
                    "--rate", "40/s", "--write-out", "%{stderr}%{http_code}\\n",
                    "\(address)?client=\(client)&request=[1-1000000]",
                ]
                group.addTask {
                    let asked = try await capture(command("curl", ask + more), limit: 16 << 20)
                    return asked.errorText.split(separator: "\n").compactMap { Int($0) }
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
    }

    private func command(_ program: String, _ arguments: [String]) -> Command {
        Command(program, arguments, environment: Command.inheritedEnvironment.merging(variables) { _, new in new })
    }
}

extension ClusterDouble {
    /// Nothing serves here: each look at whether a ready pod is behind the service counts as an answer.
    func statuses(of service: String, in namespace: String) async throws -> [Int] {
        var statuses: [Int] = []
        while !Task.isCancelled {
            do {
                let ready = try await kubectl(
                    "get", "endpointslices", "--namespace", namespace, "--selector", "kubernetes.io/service-name=\(service)",
                    "--output", "jsonpath={.items[*].endpoints[?(@.conditions.ready==true)].addresses[0]}")
                statuses.append(ready.isEmpty ? 0 : 200)
            } catch {
                if !Task.isCancelled { throw error }
            }
        }
        return statuses
    }
}
