import Foundation
import Processes
import Shops
import Testing

/// Several clusters, one that is away, long histories and Ctrl-C: on doubles, with both majors of helm.
@Suite struct HelmClusterTests {
    @Test(arguments: Helm.allCases) func `a cluster is proven before the next is touched`(major: Helm) async throws {
        let (east, west) = (try ClusterDouble(major, named: "east"), try ClusterDouble(major, named: "west"))
        try await HelmShop.with(east, west) { shop, _ in
            func images() async throws -> [[String]] {
                [
                    try await east.images(in: shop.namespace("staging")),
                    try await west.images(in: shop.namespace("staging")),
                ]
            }
            try shop.edit("pipelines/project.yml") { $0.replacing("healthy-within: 20s", with: "healthy-within: 6s") }
            try await shop.publish("soon")
            let first = try await shop.shipit("deploy", "staging")
            #expect(first.code == 0, "\(first.all)")
            let one = try await images()
            #expect(one[0].count == 2 && one[0] == one[1], "\(one)")

            try await shop.change("two")
            try await east.fault(["fault": "never-ready"])
            let stopped = try await shop.shipit("deploy", "staging")
            #expect(stopped.code == 1 && stopped.all.contains("did not get healthy on east"), "\(stopped.all)")
            #expect(!stopped.all.contains("rolling out release \(run(in: stopped.text)) on west"), "\(stopped.all)")
            #expect(try await images() == one)
            try await east.heal()

            // The second fails: the first is proven and stays, and the next attempt goes on with the second.
            try await shop.change("three")
            try await west.fault(["fault": "never-ready"])
            let half = try await shop.shipit("deploy", "staging")
            #expect(half.code == 1 && half.all.contains("did not get healthy on west"), "\(half.all)")
            let split = try await images()
            #expect(split[0] != one[0] && split[1] == one[1], "\(split)")
            try await west.heal()
            let retried = try await shop.shipit("retry", run(in: half.text))
            #expect(retried.code == 0 && retried.all.contains("east runs release"), "\(retried.all)")
            #expect(try await images() == [split[0], split[0]])

            let back = try await shop.shipit("rollback", "staging")
            #expect(back.code == 0, "\(back.all)")
            #expect(try await images() == one)
        }
    }

    @Test(arguments: Helm.allCases) func `a cluster that does not answer is named, and nothing is touched`(
        major: Helm
    ) async throws {
        try await HelmShop.with(try ClusterDouble(major)) { shop, cluster in
            let nowhere = "https://127.0.0.1:1"
            let kubeconfig = try #require(cluster.variables["KUBECONFIG"])
            let elsewhere = "\(kubeconfig)-nowhere"
            try String(contentsOfFile: kubeconfig, encoding: .utf8).replacing(cluster.server, with: nowhere)
                .write(toFile: elsewhere, atomically: true, encoding: .utf8)
            try shop.edit("pipelines/project.yml") { $0.replacing(cluster.server, with: nowhere) }
            try await shop.publish("away")
            let answer = try await shop.finish(shop.command(["deploy", "staging"], adding: ["KUBECONFIG": elsewhere]))
            #expect(answer.code == 1, "\(answer.all)")
            #expect(answer.all.contains("at \(nowhere) does not answer"), "\(answer.all)")
            #expect(answer.all.contains("shipit resume"), "\(answer.all)")
        }
    }

    @Test(arguments: Helm.allCases) func `a history that is full is cut to thirty revisions`(major: Helm) async throws {
        let cluster = try ClusterDouble(major)
        try await HelmShop.with(cluster) { shop, _ in
            #expect(try await shop.shipit("deploy", "staging").code == 0)
            try await cluster.fillHistory(of: "shop", in: shop.namespace("staging"), with: 45)
            try await shop.change("two")
            let answer = try await shop.shipit("deploy", "staging")
            #expect(answer.code == 0, "\(answer.all)")
            let secrets = try await cluster.kubectl(
                "get", "secrets", "--namespace", shop.namespace("staging"), "--selector", "owner=helm", "--output", "name")
            #expect(secrets.split(separator: "\n").count == 30, "\(secrets)")
            let back = try await shop.shipit("rollback", "staging")
            #expect(back.code == 0, "\(back.all)")
        }
    }

    @Test(arguments: Helm.allCases) func `Ctrl-C takes a rollout back, and the next deploy finds nothing in its way`(
        major: Helm
    ) async throws {
        try await HelmShop.with(try ClusterDouble(major)) { shop, cluster in
            #expect(try await shop.shipit("deploy", "staging").code == 0)
            let before = try await cluster.images(in: shop.namespace("staging"))
            try await shop.change("slow")
            try await cluster.fault(["fault": "never-ready"])
            let (end, text) = try await shop.shipit("deploy", "staging", steps: [.signal(SIGINT, when: "waiting for shop-")])
            #expect(end == .exited(130), "\(text)")
            #expect(try await cluster.images(in: shop.namespace("staging")) == before, "\(text)")
            let releases = try await cluster.helm("list", "--namespace", shop.namespace("staging"), "--output", "json")
            #expect(!releases.contains("pending"), "\(releases)")
            try await cluster.heal()
            let resumed = try await shop.shipit("resume", run(in: text))
            #expect(resumed.code == 0, "\(resumed.all)")
            #expect(try await cluster.images(in: shop.namespace("staging")) != before)
        }
    }
}
