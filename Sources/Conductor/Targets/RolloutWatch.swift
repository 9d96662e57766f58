import Pipeline
import Processes

/// Tells while helm waits what it waits for, and notices what waiting cannot mend.
///
/// Helm itself says only that it timed out.
struct RolloutWatch: Sendable {
    let access: ClusterAccess
    let target: HelmTarget
    let images: Set<String>
    private let old: Set<Rollout.EventID>

    private static let pause = Duration.seconds(1)
    /// The lines of a container's own log that are shown.
    private static let lines = 20

    /// Remembers what has happened already, which is not this rollout's.
    init(_ access: ClusterAccess, _ target: HelmTarget, images: Set<String>) async throws(StageFailure) {
        self.access = access
        self.target = target
        self.images = images
        let asked = try await access.captured(Self.events(access))
        old = (try? Rollout.events(in: asked.standardOutput)) ?? []
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
        let pods = access.kubectl([
            "get", "pods", "--selector=app.kubernetes.io/instance=\(target.release)", "--output=json",
        ])
        guard let pods = try? await access.captured(pods), let events = try? await access.captured(Self.events(access)) else {
            return nil
        }
        return try? Rollout(
            pods: pods.standardOutput, events: events.standardOutput, images: images, without: old
        ).complaints
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
            guard let said = try? await access.captured(logs), said.outcome.succeeded else { continue }
            lines += said.text.split(separator: "\n").map { "  │ \($0)" }
        }
        return access.work.tools.vault.redact(lines.joined(separator: "\n"))
    }

    private static func events(_ access: ClusterAccess) -> Command {
        access.kubectl(["get", "events", "--sort-by=.lastTimestamp", "--output=json"])
    }
}

extension Rollout.Complaint {
    fileprivate var subject: String { container.map { "\(pod) (\($0))" } ?? pod }
}
