import Foundation
import Processes
import Shops
import Testing

/// What the tests of the helm target ship to: the double, or the cluster that `script/test-cluster` was given.
protocol TestCluster: Sendable {
    /// The context of its kubeconfig.
    var context: String { get }
    /// The address that its kubeconfig has.
    var server: String { get }
    /// What shipit needs to find it.
    var variables: [String: String] { get }
    /// Asks a service over and over until the task is cancelled, and answers the status of each answer; 0 where none came.
    func statuses(of service: String, in namespace: String) async throws -> [Int]
}

/// The genuine programs that `script/setup test` has put there, one of the two majors.
enum Helm: String, CaseIterable, CustomTestStringConvertible {
    case four = "helm4"
    case three = "helm3"

    var testDescription: String { rawValue }

    /// What makes shipit, helm and kubectl use this major and this kubeconfig; nobody's own configuration is read.
    func variables(kubeconfig: String, home: String) throws -> [String: String] {
        let path = Command.inheritedEnvironment["PATH"] ?? ""
        return ["KUBECONFIG": kubeconfig, "PATH": "\(try World.variable("SHIPIT_E2E_TOOLS"))/\(rawValue):\(path)", "HOME": home]
    }

    /// The cluster that the tests were given; the double when they were given none.
    func cluster() async throws -> any TestCluster {
        guard let kubeconfig = Command.inheritedEnvironment["SHIPIT_E2E_KUBECONFIG"] else { return try ClusterDouble(self) }
        return try await GivenCluster(self, kubeconfig: kubeconfig)
    }
}

/// A real cluster, of which the tests use namespaces of their own.
struct GivenCluster: TestCluster {
    private(set) var context = ""
    private(set) var server = ""
    let variables: [String: String]

    init(_ helm: Helm, kubeconfig: String) async throws {
        variables = try helm.variables(kubeconfig: kubeconfig, home: NSTemporaryDirectory())
        (context, server) = try await (
            kubectl("config", "current-context").trimmingCharacters(in: .newlines),
            kubectl("config", "view", "--minify", "--output", "jsonpath={.clusters[0].cluster.server}")
        )
    }
}

extension TestCluster {
    /// Makes what a service does to itself on a real cluster happen on the double, where nothing runs.
    func fault(_ fields: [String: any Sendable]) async throws {
        try await (self as? ClusterDouble)?.switchOn(fields)
    }

    /// The end of that.
    func heal() async throws {
        try await (self as? ClusterDouble)?.switchOff()
    }

    /// What kubectl prints.
    @discardableResult
    func kubectl(_ arguments: String...) async throws -> String { try await run("kubectl", arguments) }

    /// What helm prints.
    @discardableResult
    func helm(_ arguments: String...) async throws -> String { try await run("helm", arguments) }

    /// The images that an environment's Deployments ask for.
    func images(in namespace: String) async throws -> [String] {
        let path = "jsonpath={range .items[*]}{.spec.template.spec.containers[0].image}{\"\\n\"}{end}"
        return try await kubectl("get", "deployments", "--namespace", namespace, "--output", path).split(separator: "\n")
            .map(String.init).sorted()
    }

    private func run(_ program: String, _ arguments: [String]) async throws -> String {
        try await World.run(program, arguments, adding: variables, deadline: .seconds(60))
    }
}
