import Testing

@testable import Conductor

/// What a rollout waits for, read from pods and events in the form in which kubectl prints them.
@Suite struct RolloutTests {
    private static let image = "ghcr.io/acme/shop/web@sha256:1111"

    private static func list(_ items: String...) -> [UInt8] {
        Array(#"{"apiVersion": "v1", "kind": "List", "items": [\#(items.joined(separator: ","))]}"#.utf8)
    }

    /// A pod of one container, with more of its status.
    private static func pod(_ name: String, image: String = image, ready: Bool = false, _ status: String) -> String {
        #"""
        {"metadata": {"name": "\#(name)"}, "spec": {"containers": [{"name": "web", "image": "\#(image)"}]},
         "status": {"phase": "Pending", "conditions": [{"type": "Ready", "status": "\#(ready ? "True" : "False")"}], \#(status)}}
        """#
    }

    /// The status of its container while it waits.
    private static func waiting(_ reason: String, _ message: String, restarts: Int = 0) -> String {
        #"""
        "containerStatuses": [{"name": "web", "ready": false, "restartCount": \#(restarts),
          "state": {"waiting": {"reason": "\#(reason)", "message": "\#(message)"}}}]
        """#
    }

    private static func event(
        _ reason: String, _ message: String, of kind: String = "Pod", _ name: String = "web-1", uid: String = "u1",
        type: String = "Normal"
    )
        -> String
    {
        #"""
        {"metadata": {"uid": "\#(uid)"}, "involvedObject": {"kind": "\#(kind)", "name": "\#(name)"}, "reason": "\#(reason)",
         "message": "\#(message)", "type": "\#(type)", "count": 2}
        """#
    }

    private static func complaints(_ pods: [UInt8], _ events: [UInt8] = list(), since before: Rollout.Before = .init()) throws
        -> [Rollout.Complaint]
    {
        try Rollout(pods: pods, events: events, images: [image], since: before).complaints
    }

    @Test(arguments: [
        ("ErrImagePull", "rpc error: code = NotFound desc = manifest unknown", 0, true),
        ("ErrImagePull", "pull access denied", 0, false),
        ("ErrImagePull", "dial tcp: connection refused", 0, false),
        ("InvalidImageName", "couldn't parse image reference", 0, true),
        ("CrashLoopBackOff", "back-off 10s restarting failed container", 2, false),
        ("CrashLoopBackOff", "back-off 40s restarting failed container", 3, true),
        ("CreateContainerConfigError", "secret shop not found", 0, false),
        ("ContainerCreating", "", 0, false),
    ])
    func `tells what waiting can mend from what it cannot`(reason: String, message: String, restarts: Int, isHopeless: Bool)
        throws
    {
        let found = try Self.complaints(Self.list(Self.pod("web-1", Self.waiting(reason, message, restarts: restarts))))
        #expect(
            found == [
                Rollout.Complaint(
                    pod: "web-1", container: "web", text: "\(reason): \(message)", isHopeless: isHopeless,
                    hasEnded: reason == "CrashLoopBackOff")
            ])
    }

    @Test func `while a pull backs off, the events say that there is no such image`() throws {
        let pods = Self.list(Self.pod("web-1", Self.waiting("ImagePullBackOff", "Back-off pulling image")))
        #expect(try Self.complaints(pods).map(\.isHopeless) == [false])
        let events = Self.list(
            Self.event("Failed", "Failed to pull image: 404 Not Found"), Self.event("Failed", "Error: ErrImagePull"))
        let told = try Self.complaints(pods, events)
        #expect(told.map(\.isHopeless) == [true])
        #expect(told.map(\.text) == ["ImagePullBackOff: Failed to pull image: 404 Not Found"])
        let others = Self.list(Self.event("Failed", "Failed to pull image: 404 Not Found", "web-2"))
        #expect(try Self.complaints(pods, others).map(\.isHopeless) == [false])
    }

    @Test func `a probe that fails, a node that is not there and a quota are told in the cluster's words`() throws {
        let probed = Self.pod(
            "web-1", #""containerStatuses": [{"name": "web", "ready": false, "restartCount": 0, "state": {"running": {}}}]"#)
        let homeless = #"""
            {"metadata": {"name": "web-2"}, "spec": {"containers": [{"image": "\#(Self.image)"}]},
             "status": {"conditions": [{"type": "PodScheduled", "status": "False", "message": "0/3 nodes: Insufficient cpu."}]}}
            """#
        let events = Self.list(
            Self.event("Unhealthy", "Readiness probe failed: 503"),
            Self.event("FailedCreate", "exceeded quota: app", of: "ReplicaSet", "web-5d", uid: "u2"))
        #expect(
            try Self.complaints(Self.list(probed, homeless), events) == [
                .init(pod: "web-1", container: "web", text: "Readiness probe failed: 503", isHopeless: false),
                .init(pod: "web-2", text: "no node takes it: 0/3 nodes: Insufficient cpu.", isHopeless: false),
                .init(pod: "web-5d", text: "no pod can be made: exceeded quota: app", isHopeless: false),
            ])
    }

    @Test func `neither what other releases left, nor pods that are ready, nor what had happened before are its own`() throws {
        let crashing = Self.waiting("CrashLoopBackOff", "back-off", restarts: 9)
        let former = Self.pod("old", image: "ghcr.io/acme/shop/web@sha256:0000", crashing)
        let pods = Self.list(former, Self.pod("web-1", ready: true, Self.waiting("ContainerCreating", "")))
        let events = Self.list(Self.event("FailedCreate", "exceeded quota", of: "ReplicaSet", "web-5d"))
        #expect(try Self.complaints(pods, events, since: .init(pods: Self.list(former), events: events)) == [])
        #expect(try Self.complaints(pods, events).map(\.pod) == ["old", "web-5d"])
        let ours = Self.list(Self.pod("web-1", crashing))
        #expect(try Self.complaints(ours, since: .init(pods: ours, events: Self.list())).count == 1, "left by an earlier attempt")
    }

    @Test func `what keeps a pod from being made is told where its container does not`() throws {
        let pods = Self.list(
            Self.pod(
                "web-1",
                #""containerStatuses": [{"name": "web", "ready": false, "restartCount": 0, "state": {"waiting": {"reason": "ContainerCreating"}}}]"#
            ))
        let events = Self.list(Self.event("FailedMount", #"secret \"pooler\" not found"#, type: "Warning"))
        #expect(try Self.complaints(pods, events).map(\.text) == [#"ContainerCreating: secret "pooler" not found"#])
        #expect(try Self.complaints(pods).map(\.text) == ["ContainerCreating"])
    }

    @Test func `what is no answer of kubectl's is not read as peace`() {
        #expect(throws: (any Error).self) { try Self.complaints(Array("error: no".utf8)) }
    }
}
