#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// What a rollout waits for, read from the cluster's own pods and events.
struct Rollout: Sendable {
    /// One pod that is not ready, and why.
    struct Complaint: Hashable, Sendable {
        /// The pod.
        var pod: String
        /// The container, where it is one's fault.
        var container: String?
        /// What is wrong, in words.
        var text: String
        /// Whether waiting longer cannot help.
        var isHopeless: Bool
        /// Whether the container has run before, so that it has something to say.
        var hasEnded = false
    }

    /// What a cluster had before a rollout began, which tells what is not this rollout's.
    struct Before: Sendable {
        fileprivate var pods: Set<String> = []
        fileprivate var events: Set<EventID> = []

        /// Nothing.
        init() {}

        /// Reads `kubectl get pods --output=json` and `kubectl get events --output=json`.
        init(pods: [UInt8], events: [UInt8]) throws {
            self.pods = Set(try JSONDecoder().decode(List<Pod>.self, from: Data(pods)).items.map(\.metadata.name))
            self.events = Set(try JSONDecoder().decode(List<Event>.self, from: Data(events)).items.map(\.id))
        }
    }

    /// By pod and container.
    private(set) var complaints: [Complaint] = []

    /// How often a container may end before nobody waits for it any more.
    private static let restarts = 3

    /// Reads `kubectl get pods --output=json` and `kubectl get events --output=json`.
    ///
    /// - Parameters:
    ///   - images: the images of the release: a pod that was there before and has none of them belongs to another release.
    ///   - before: what was there before the rollout began.
    init(pods: [UInt8], events: [UInt8], images: Set<String>, since before: Before) throws {
        let pods = try JSONDecoder().decode(List<Pod>.self, from: Data(pods)).items
        let events = try JSONDecoder().decode(List<Event>.self, from: Data(events)).items.filter {
            !before.events.contains($0.id)
        }
        let eventsByName = Dictionary(grouping: events, by: \.involvedObject.name)
        for pod in pods where !pod.isReady {
            guard !before.pods.contains(pod.metadata.name) || pod.spec.containers.contains(where: { images.contains($0.image) })
            else { continue }
            complaints += Self.complaints(of: pod, eventsByName[pod.metadata.name] ?? [])
        }
        // No pod at all can be made: nobody but the replica set says so.
        for event in events where event.reason == "FailedCreate" && event.involvedObject.kind == "ReplicaSet" {
            complaints.append(
                Complaint(
                    pod: event.involvedObject.name, text: "no pod can be made: \(event.message ?? "no reason given")",
                    isHopeless: false))
        }
    }

    private static func complaints(of pod: Pod, _ events: [Event]) -> [Complaint] {
        let name = pod.metadata.name
        let status = pod.status
        if let condition = status.conditions?.first(where: { $0.type == "PodScheduled" && $0.status == "False" }) {
            return [Complaint(pod: name, text: "no node takes it: \(condition.message ?? "no reason given")", isHopeless: false)]
        }
        var found: [Complaint] = []
        for container in (status.initContainerStatuses ?? []) + (status.containerStatuses ?? []) where container.ready != true {
            guard let waiting = container.state?.waiting else {
                let probe = events.last { $0.reason == "Unhealthy" }?.message
                found.append(
                    Complaint(
                        pod: name, container: container.name, text: probe ?? "it is not ready yet", isHopeless: false))
                continue
            }
            // That it backs off is no reason; the event before has it.
            let refusal = waiting.reason == "ImagePullBackOff" ? pulls(events).last : nil
            // Why a pod is not made yet, such as a Secret that is not there, only the events say.
            let warning = waiting.message == nil ? events.last { $0.type == "Warning" }?.message : nil
            let detail = (refusal ?? waiting.message ?? warning).map { ": \($0)" } ?? ""
            found.append(
                Complaint(
                    pod: name, container: container.name, text: "\(waiting.reason)\(detail)",
                    isHopeless: isHopeless(waiting, of: container, events),
                    hasEnded: waiting.reason == "CrashLoopBackOff"))
        }
        return found
    }

    /// What is said of images that could not be pulled.
    private static func pulls(_ events: [Event]) -> [String] {
        events.filter { $0.reason == "Failed" }.compactMap(\.message).filter { $0.hasPrefix("Failed to pull image") }
    }

    private static func isHopeless(
        _ waiting: Pod.Status.Container.State.Waiting, of container: Pod.Status.Container, _ events: [Event]
    )
        -> Bool
    {
        switch waiting.reason {
        case "InvalidImageName": return true
        case "CrashLoopBackOff": return container.restartCount >= restarts
        case "ErrImagePull", "ImagePullBackOff":
            // While it backs off only the events say why; what the registry does not have it will not have later.
            let words = [waiting.message ?? ""] + pulls(events)
            return words.contains { text in
                ["not found", "404", "manifest unknown", "name unknown"].contains { text.contains($0) }
            }
        default: return false
        }
    }
}

private struct List<Item: Decodable>: Decodable { var items: [Item] }

private struct Pod: Decodable {
    struct Metadata: Decodable { var name: String }
    struct Spec: Decodable {
        struct Container: Decodable { var image: String }
        var containers: [Container]
    }
    struct Status: Decodable {
        struct Condition: Decodable {
            var type: String
            var status: String
            var message: String?
        }
        struct Container: Decodable {
            struct State: Decodable {
                struct Waiting: Decodable {
                    var reason: String
                    var message: String?
                }
                var waiting: Waiting?
            }
            var name: String
            var ready: Bool?
            var restartCount: Int
            var state: State?
        }
        var phase: String?
        var conditions: [Condition]?
        var initContainerStatuses: [Container]?
        var containerStatuses: [Container]?
    }
    var metadata: Metadata
    var spec: Spec
    var status: Status

    var isReady: Bool {
        status.phase == "Succeeded" || status.conditions?.contains { $0.type == "Ready" && $0.status == "True" } == true
    }
}

private struct Event: Decodable {
    struct Object: Decodable {
        var kind: String
        var name: String
    }
    struct Metadata: Decodable { var uid: String }
    var metadata: Metadata
    var involvedObject: Object
    var type: String?
    var reason: String?
    var message: String?
    var count: Int?

    var id: EventID { EventID(uid: metadata.uid, count: count ?? 1) }
}

/// An event, and how often it had happened.
private struct EventID: Hashable {
    var uid: String
    var count: Int
}
