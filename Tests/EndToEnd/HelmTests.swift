import Foundation
import Processes
import Shops
import Testing

/// The helm target with both majors of helm: on the double of a cluster, or on the one that `script/test-cluster` was given.
@Suite struct HelmTests {
    @Test(arguments: Helm.allCases) func `ships a commit to production and back`(major: Helm) async throws {
        try await HelmShop.with(try await major.cluster()) { shop, cluster in
            let staged = try await shop.shipit("deploy", "staging")
            #expect(staged.code == 0, "\(staged.all)")
            let first = try await cluster.images(in: shop.namespace("staging"))
            #expect(first.count == 2 && first.allSatisfy { $0.contains("@sha256:") }, "\(first)")
            #expect(try await shop.shipit("deploy", "production").code == 3)
            let approved = try await shop.shipit("approve", try await shop.waitingRun(), "--continue")
            #expect(approved.code == 0, "\(approved.all)")
            #expect(try await cluster.images(in: shop.namespace("production")) == first)

            let chart = "charts/app/templates/services.yaml"
            try shop.edit(chart) { $0 + "{{- /* two */}}\n" }
            try await shop.change("two")
            #expect(try await shop.shipit("deploy", "production").code == 3)
            let apart = try await shop.shipit("diff", "staging", "production")
            #expect(apart.code == 0 && apart.text.contains("1 commit only staging has"), "\(apart.all)")
            #expect(apart.text.contains("~ \(chart)") && apart.text.contains("-{{- /* two */}}"), "\(apart.all)")
            #expect(apart.text.contains("~ charts/app/environments/staging.yaml and charts/app/environments/production.yaml"))
            #expect(try await shop.shipit("approve", try await shop.waitingRun(), "--continue").code == 0)
            #expect(try await cluster.images(in: shop.namespace("production")) != first)

            // Last good is found on the target by a machine that has no ledger.
            try shop.shop.forget()
            let back = try await shop.shipit("rollback", "production")
            #expect(back.code == 0, "\(back.all)")
            #expect(try await cluster.images(in: shop.namespace("production")) == first)
        }
    }

    @Test(arguments: Helm.allCases) func `an image that is not there is told at once, and what ran before runs again`(
        major: Helm
    ) async throws {
        try await HelmShop.with(try await major.cluster()) { shop, cluster in
            #expect(try await shop.shipit("deploy", "staging").code == 0)
            let before = try await cluster.images(in: shop.namespace("staging"))
            // Of the images of its services shipit sees to it itself that they are there; a pooler's is the chart's.
            try shop.edit("charts/app/environments/staging.yaml") {
                $0 + "pgbouncer: {enabled: true, image: \"\(shop.missingImage)\", host: db.example, secret: pooler}\n"
            }
            try await shop.publish("a pooler")
            try await cluster.fault(["fault": "image-pull", "pod": "pgbouncer"])
            let answer = try await shop.shipit("deploy", "staging")
            #expect(answer.code == 1, "\(answer.all)")
            #expect(answer.all.contains("cannot get healthy") && answer.all.contains("(pgbouncer): "), "\(answer.all)")
            #expect(answer.all.contains("not found") || answer.all.contains("404"), "\(answer.all)")
            #expect(answer.all.contains("was taken back to revision 1"), "\(answer.all)")
            #expect(try await cluster.images(in: shop.namespace("staging")) == before)
        }
    }

    @Test(arguments: Helm.allCases) func `a container that ends again and again is shown with its last words`(
        major: Helm
    ) async throws {
        try await HelmShop.with(try await major.cluster()) { shop, cluster in
            try await shop.change("broken")
            try await cluster.fault(["fault": "crash-loop", "pod": "shop-api", "log": "this version cannot start: broken\n"])
            let answer = try await shop.shipit("deploy", "staging")
            #expect(answer.code == 1, "\(answer.all)")
            #expect(answer.all.contains("CrashLoopBackOff"), "\(answer.all)")
            #expect(answer.all.contains("│ this version cannot start: broken"), "\(answer.all)")
            try await cluster.heal()
            try await shop.change("mended")
            let next = try await shop.shipit("deploy", "staging")
            #expect(next.code == 0, "a first install that failed is in nobody's way: \(next.all)")
        }
    }

    @Test(arguments: Helm.allCases) func `a release that never gets healthy interrupts nobody`(major: Helm) async throws {
        try await HelmShop.with(try await major.cluster()) { shop, cluster in
            try shop.edit("pipelines/project.yml") { $0.replacing(#/healthy-within: \w+/#, with: "healthy-within: 40s") }
            try await shop.publish("soon")
            #expect(try await shop.shipit("deploy", "staging").code == 0)
            let before = try await cluster.images(in: shop.namespace("staging"))
            let serving = try await cluster.kubectl(
                "get", "pods", "--namespace", shop.namespace("staging"), "--output", "jsonpath={.items[*].metadata.name}")
            try await shop.change("sick")
            try await cluster.fault([
                "fault": "failed-readiness", "text": "Startup probe failed: HTTP probe failed with statuscode: 500",
                "pod": "^(?!.*(\(serving.replacing(" ", with: "|"))))",
            ])
            let (answer, statuses) = try await cluster.load(on: "shop-web", in: shop.namespace("staging")) {
                try await shop.shipit("deploy", "staging")
            }
            #expect(answer.code == 1, "\(answer.all)")
            #expect(answer.all.contains("did not get healthy") && answer.all.contains("statuscode: 500"), "\(answer.all)")
            #expect(answer.all.contains("was taken back to revision 1"), "\(answer.all)")
            #expect(
                statuses.count > 20 && statuses.allSatisfy { $0 == 200 }, "\(statuses.filter { $0 != 200 }) of \(statuses.count)")
            #expect(try await cluster.images(in: shop.namespace("staging")) == before)
        }
    }

    @Test(arguments: Helm.allCases) func `tells what was changed by hand, and what a deploy would change`(
        major: Helm
    ) async throws {
        try await HelmShop.with(try await major.cluster()) { shop, cluster in
            let before = try await shop.shipit("diff", "staging", "--live")
            #expect(before.code == 0 && before.all.contains("runs       nothing"), "\(before.all)")
            #expect(try await shop.shipit("deploy", "staging").code == 0)
            let same = try await shop.shipit("diff", "staging", "--live")
            #expect(same.all.contains("nothing changed by hand on \(cluster.context)"), "\(same.all)")
            #expect(same.all.contains("nothing to change on \(cluster.context)"), "\(same.all)")

            let namespace = shop.namespace("staging")
            try await cluster.kubectl(
                "patch", "deployment", "shop-api", "--namespace", namespace, "--type", "merge", "--patch",
                #"{"spec": {"template": {"spec": {"terminationGracePeriodSeconds": 77}}}}"#)
            try await cluster.kubectl("delete", "service", "shop-web", "--namespace", namespace)
            let touched = try await shop.shipit("diff", "staging", "--live")
            let lines = [
                "changed by hand", "~ deployment.apps/shop-api", "-      terminationGracePeriodSeconds: 77", "+ service/shop-web",
            ]
            for line in lines { #expect(touched.all.contains(line), "\(touched.all)") }
            // What is written on every object and what is kept in a Secret say nothing.
            #expect(!touched.all.contains("meta.helm.sh/") && !touched.all.contains("deployment.apps/shop-web"), "\(touched.all)")

            try shop.edit("charts/app/environments/staging.yaml") { $0 + "networkPolicy: {enabled: false}\n" }
            try await shop.publish("open")
            let planned = try await shop.shipit("diff", "staging", "--live")
            #expect(planned.all.contains("- networkpolicy.networking.k8s.io/shop-api"), "\(planned.all)")
            #expect(try await shop.shipit("deploy", "staging").code == 0)
            let after = try await shop.shipit("diff", "staging", "--live")
            #expect(after.all.contains("nothing changed by hand") && after.all.contains("nothing to change"), "\(after.all)")
        }
    }

    @Test func `a context that leads elsewhere is never deployed to`() async throws {
        try await HelmShop.with(try await Helm.four.cluster()) { shop, cluster in
            let other = try ClusterDouble(.four)
            if cluster.context != other.context {
                try await other.kubectl("config", "rename-context", other.context, cluster.context)
            }
            let answer = try await shop.finish(
                shop.command(["deploy", "staging"], adding: ["KUBECONFIG": other.variables["KUBECONFIG"] ?? ""]))
            #expect(answer.code == 1, "\(answer.all)")
            #expect(answer.all.contains("leads to \(other.server)") && answer.all.contains(cluster.server), "\(answer.all)")
        }
    }

    @Test(arguments: Helm.allCases) func `a missing namespace is named with the command that makes it`(major: Helm) async throws {
        try await HelmShop.with(try await major.cluster()) { shop, cluster in
            try await cluster.kubectl("delete", "namespace", shop.namespace("staging"))
            let answer = try await shop.shipit("deploy", "staging")
            #expect(answer.code == 1, "\(answer.all)")
            #expect(answer.all.contains("create namespace \(shop.namespace("staging"))"), "\(answer.all)")
        }
    }

    @Test(arguments: Helm.allCases) func `a release of somebody else's is not touched`(major: Helm) async throws {
        try await HelmShop.with(try await major.cluster()) { shop, cluster in
            try await cluster.helm(
                "install", "shop", "\(World.repository)/Tests/Fixtures/double-chart", "--namespace", shop.namespace("staging"))
            let answer = try await shop.shipit("deploy", "staging")
            #expect(answer.code == 1 && answer.all.contains("was not made by shipit"), "\(answer.all)")
        }
    }

    @Test(arguments: Helm.allCases) func `what a killed helm left pending is settled by whoever goes on`(
        major: Helm
    ) async throws {
        try await HelmShop.with(try await major.cluster()) { shop, cluster in
            #expect(try await shop.shipit("deploy", "staging").code == 0)
            try await shop.change("sick")
            try await cluster.fault(["fault": "never-ready"])
            let (end, text) = try await shop.shipit("deploy", "staging", steps: [.killDeployment(when: "waiting for shop-")])
            #expect(end == .signaled(SIGKILL), "\(text)")
            try await cluster.heal()
            let answer = try await shop.shipit("recover", run(in: text))
            #expect(answer.all.contains("was left pending-upgrade"), "\(answer.all)")
            try await shop.change("well")
            let next = try await shop.shipit("deploy", "staging")
            #expect(next.code == 0, "\(next.all)")
        }
    }
}
