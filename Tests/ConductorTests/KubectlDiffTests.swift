import Testing

@testable import Conductor

/// What `kubectl diff` prints, read.
@Suite struct KubectlDiffTests {
    private static func printed(_ file: String, _ hunks: String) -> String {
        """
        diff -u -N /tmp/LIVE-1/\(file) /tmp/MERGED-2/\(file)
        --- /tmp/LIVE-1/\(file)\t2026-11-24 13:56:31.076588844 +0000
        +++ /tmp/MERGED-2/\(file)\t2026-11-24 13:56:31.080588844 +0000
        \(hunks)

        """
    }

    @Test(arguments: [
        ("v1.ConfigMap.shop.api", "configmap/api"), ("apps.v1.Deployment.shop.api", "deployment.apps/api"),
        ("networking.k8s.io.v1.NetworkPolicy.shop.a.b", "networkpolicy.networking.k8s.io/a.b"),
        ("external-secrets.io.v1beta1.ExternalSecret.shop.v1", "externalsecret.external-secrets.io/v1"),
        ("rbac.authorization.k8s.io.v1.ClusterRole..reader", "clusterrole.rbac.authorization.k8s.io/reader"),
    ])
    func `an object has the name that kubectl gives it`(file: String, name: String) {
        let objects = KubectlDiff.objects(in: Self.printed(file, "@@ -1,2 +1,2 @@\n-a: 1\n+a: 2"))
        #expect(objects == [TargetDifference.Object(name: name, fate: .changed, lines: ["-a: 1", "+a: 2"])])
    }

    @Test func `what was not there is added, and hunks are kept apart`() {
        let text =
            Self.printed("v1.Service.shop.api", "@@ -0,0 +1,2 @@\n+kind: Service\n+--- a line like a header")
            + Self.printed(
                "v1.ConfigMap.shop.api", "@@ -1,2 +1,1 @@\n a\n-b\n@@ -9,1 +8,2 @@\n c\n+d\n\\ No newline at end of file")
        #expect(
            KubectlDiff.objects(in: text) == [
                TargetDifference.Object(
                    name: "service/api", fate: .added, lines: ["+kind: Service", "+--- a line like a header"]),
                TargetDifference.Object(name: "configmap/api", fate: .changed, lines: [" a", "-b", "…", " c", "+d"]),
            ])
    }

    @Test(arguments: [
        // Nothing but what helm and the cluster write themselves.
        (
            " metadata:\n-  annotations:\n-    meta.helm.sh/release-name: shop\n-    meta.helm.sh/release-namespace: a\n   creationTimestamp: x\n-  generation: 1\n+  generation: 2",
            [String]()
        ),
        (
            " metadata:\n   annotations:\n     mine: x\n-    meta.helm.sh/release-name: shop\n   creationTimestamp: x", []
        ),
        // An annotation of somebody's beside them.
        (
            " metadata:\n-  annotations:\n-    by-hand: x\n-    meta.helm.sh/release-name: shop\n   name: api",
            [" metadata:", "-  annotations:", "-    by-hand: x", "   name: api"]
        ),
        // One that helm had nothing to do with.
        (
            " metadata:\n-  annotations:\n-    by-hand: x\n   name: api",
            [" metadata:", "-  annotations:", "-    by-hand: x", "   name: api"]
        ),
    ])
    func `what nobody did is left out`(hunk: String, lines: [String]) {
        let objects = KubectlDiff.objects(in: Self.printed("v1.Service.shop.api", "@@ -1,7 +1,5 @@\n\(hunk)"))
        #expect(objects.flatMap(\.lines) == lines)
        #expect(objects.isEmpty == lines.isEmpty)
    }

    @Test func `nothing is nothing`() {
        #expect(KubectlDiff.objects(in: "").isEmpty)
    }
}
