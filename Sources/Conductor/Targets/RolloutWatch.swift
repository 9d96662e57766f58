import Pipeline
import Processes

/// Tells while helm waits what it waits for, and notices what waiting cannot mend.
///
/// Helm itself says only that it timed out.
struct RolloutWatch: Sendable {
    let access: ClusterAccess
    let target: HelmTarget
    let images: Set<String>
    private var before = Rollout.Before()

    private static let pause = Duration.seconds(1)
    /// The lines of a container's own log that are shown.
    private static let lines = 20

    /// Remembers what has happened already, which is not this rollout's.
    init(_ access: ClusterAccess, _ target: HelmTarget, images: Set<String>) async {
        self.access = access
        self.target = target
        self.images = images
        if let (pods, events) = await seen() { before = (try? Rollout.Before(pods: pods, events: events)) ?? before }
    }

    /// Looks again and again; ends with what is hopeless, or nil when the task is cancelled.
    func untilHopeless() async -> [Rollout.Complaint]? {
        var told: Set<Rollout.Complaint> = []
        while !Task.isCancelled {
            do { try await access.work.tools.world.sleep(Self.pause) } catch { return nil }
            guard let complaints = await look() else { continue }
            for complaint in complaints where told.insert(complaint).inserted {
                await access.work.log.say("waiting for \(complaint.subject): \(complaint.text)")
            }
            let hopeless = complaints.filter(\.isHopeless)
            if !hopeless.isEmpty { return hopeless }
        }
        return nil
    }

    /// What is wrong now; nil when the cluster does not say.
    func look() async -> [Rollout.Complaint]? {
        guard let (pods, events) = await seen() else { return nil }
        return try? Rollout(pods: pods, events: events, images: images, since: before).complaints
    }

    /// The release's pods and the namespace's events, as kubectl prints them; nil when the cluster does not say.
    private func seen() async -> (pods: [UInt8], events: [UInt8])? {
        let pods = access.kubectl([
            "get", "pods", "--selector=app.kubernetes.io/instance=\(target.release)", "--output=json",
        ])
        let events = access.kubectl(["get", "events", "--sort-by=.lastTimestamp", "--output=json"])
        guard let pods = try? await access.ask(pods), let events = try? await access.ask(events) else { return nil }
        return (pods.standardOutput, events.standardOutput)
    }

    /// The complaints with the containers' last words, which at 3 in the morning are the answer.
    func report(_ complaints: [Rollout.Complaint]) async -> String {
        var lines: [String] = []
        for complaint in complaints {
            lines.append("\(complaint.subject): \(complaint.text)")
            guard complaint.hasEnded, let container = complaint.container else { continue }
            let logs = access.kubectl([
                "logs", complaint.pod, "--container=\(container)", "--previous", "--tail=\(Self.lines)",
            ])
            guard let said = try? await access.ask(logs), said.outcome.succeeded else { continue }
            lines += said.text.split(separator: "\n").map { "  │ \($0)" }
        }
        return access.work.tools.vault.redact(lines.joined(separator: "\n"))
    }
}

extension Rollout.Complaint {
    fileprivate var subject: String { container.map { "\(pod) (\($0))" } ?? pod }
}
