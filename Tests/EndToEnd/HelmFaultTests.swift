import Processes
import Shops
import Testing

/// What a cluster does to a deployment, and how it is told: the faults of the double's, with both majors of helm.
@Suite struct HelmFaultTests {
    /// A fault, and what must be said of it.
    private struct Fault {
        var fields: [String: any Sendable]
        /// In the answer, all of them.
        var words: [String]

        init(_ fault: String, _ fields: [String: any Sendable] = [:], says words: String...) {
            self.fields = fields.merging(["fault": fault]) { old, _ in old }
            self.words = words
        }

        /// The command has failed, and told all of it.
        func expectTold(in answer: Answer) {
            #expect(answer.code == 1, "\(fields): \(answer.all)")
            for word in words { #expect(answer.all.contains(word), "\(fields) does not tell '\(word)': \(answer.all)") }
        }
    }

    /// What waiting does not mend, and what must not be waited for at all.
    private static let lasting = [
        Fault(
            "failed-readiness", ["text": "Readiness probe failed: HTTP 503"],
            says: "did not get healthy", "Readiness probe failed: HTTP 503", "taken back to revision"),
        Fault(
            "unschedulable", ["text": "0/3 nodes are available: 3 Insufficient cpu."],
            says: "did not get healthy", "no node takes it: 0/3 nodes are available: 3 Insufficient cpu.",
            "taken back to revision"),
        Fault(
            "quota", ["text": "exceeded quota: shop, requested: pods=1"],
            says: "did not get healthy", "no pod can be made: ", "exceeded quota: shop", "taken back to revision"),
        Fault(
            "forbidden", ["verb": "write", "resource": "services"],
            says: "lacks a right", #"services "shop-api" is forbidden"#, "Nothing was touched."),
        Fault(
            "forbidden", ["resource": "secrets"], says: "lacks a right", "cannot list resource \"secrets\""),
        Fault(
            "exit", ["pod": "shop-test", "code": 1, "log": "api: no ledger\n"], says: "The tests of release", "api: no ledger"),
    ]

    @Test(arguments: Helm.allCases) func `what keeps a release from getting healthy is said, and what ran before runs again`(
        major: Helm
    ) async throws {
        try await HelmShop.with(try ClusterDouble(major)) { shop, cluster in
            try shop.edit("pipelines/project.yml") { $0.replacing("healthy-within: 20s", with: "healthy-within: 6s") }
            try await shop.publish("soon")
            #expect(try await shop.shipit("deploy", "staging").code == 0)
            let before = try await cluster.images(in: shop.namespace("staging"))
            for (number, fault) in Self.lasting.enumerated() {
                try await shop.change("\(number)")
                try await cluster.fault(fault.fields)
                let answer = try await shop.shipit("deploy", "staging")
                fault.expectTold(in: answer)
                try await cluster.heal()
                #expect(try await cluster.images(in: shop.namespace("staging")) == before, "\(fault.fields)")
            }
        }
    }

    /// What passes, met by helm itself: the rehearsal's two writes of Deployments come before.
    private static let passing = [
        Fault("unavailable", ["verb": "write", "resource": "deployments", "after": 2, "times": 1], says: "unable to handle"),
        Fault("conflict", ["verb": "write", "resource": "deployments", "after": 2, "times": 1], says: "has been modified"),
        Fault(
            "cut", ["verb": "write", "resource": "deployments", "after": 2, "times": 1, "done": true], says: "unexpected EOF"),
        Fault("unavailable", ["verb": "write", "resource": "deployments", "times": 1], says: "Nothing was touched."),
    ]

    /// What nobody has to know of.
    private static let mended = [
        Fault("too-many-requests", ["verb": "write", "times": 2]), Fault("slow-watch", ["seconds": 1]),
    ]

    @Test(arguments: Helm.allCases) func `what may pass is told, and another try ends it`(major: Helm) async throws {
        try await HelmShop.with(try ClusterDouble(major)) { shop, cluster in
            #expect(try await shop.shipit("deploy", "staging").code == 0)
            for (number, fault) in (Self.passing + Self.mended).enumerated() {
                try await shop.change("\(number)")
                try await cluster.fault(fault.fields)
                var answer = try await shop.shipit("deploy", "staging")
                if !fault.words.isEmpty {
                    fault.expectTold(in: answer)
                    #expect(answer.all.contains("shipit retry"), "\(fault.fields): \(answer.all)")
                    answer = try await shop.shipit("retry", run(in: answer.text))
                }
                #expect(answer.code == 0, "\(fault.fields): \(answer.all)")
                try await cluster.heal()
            }
        }
    }
}
