import CanonicalJSON
import Git
import Hashing
import Pipeline
import Processes
import Registry

/// Builds a service's image from the commit's tree and pushes it: `build` stages.
struct BuildPerformer: Performer {
    /// The OCI annotations we write and read (OCI image specification, annotations.md), and our own for the inputs.
    enum Label {
        static let revision = "org.opencontainers.image.revision"
        static let source = "org.opencontainers.image.source"
        static let created = "org.opencontainers.image.created"
        static let title = "org.opencontainers.image.title"
        static let inputs = "sh.shipit.build-inputs"
    }

    func perform(_ stage: Build, _ inputs: Build.Inputs, _ work: Work) async throws(StageFailure) -> Performed<Image> {
        let order = try await BuildOrder(stage.service, work)
        let registry = RegistryAccess(work)
        if let image = try await registry.existing(order) {
            try await LatestTag(work: work, registry: registry).move(to: image)
            return .done(image, how: .reused, note: "\(order.stage):\(order.tag.prefix(12)) is there already")
        }
        let image = try await build(order, work)
        try await LatestTag(work: work, registry: registry).move(to: image)
        return .done(image, note: "pushed \(image.digest.prefix(19))")
    }

    /// The registry tells: a push is there whole, or not at all.
    ///
    /// Where only `latest` is still to be moved, the stage is not done: performing it again takes the image that is there.
    func observe(_ stage: Build, _ inputs: Build.Inputs, _ work: Work) async throws(StageFailure) -> Observation<Image> {
        let order = try await BuildOrder(stage.service, work)
        let registry = RegistryAccess(work)
        guard let image = try await registry.existing(order) else {
            return .notDone("\(order.stage):\(order.tag.prefix(12)) is not in the registry")
        }
        if try await LatestTag(work: work, registry: registry).isDue(for: image) {
            return .notDone("\(order.stage):\(order.tag.prefix(12)) is in the registry, and latest was not moved to it")
        }
        return .done(image, note: "\(order.stage):\(order.tag.prefix(12)) is in the registry")
    }

    private func build(_ order: BuildOrder, _ work: Work) async throws(StageFailure) -> Image {
        let reference = "\(order.name):\(order.tag)"
        return try await Docker.signedIn(work) { docker throws(StageFailure) in
            try await work.tools.workspace.withContext(of: work.plan.source) { context throws(StageFailure) in
                await work.log.say("building \(reference)")
                try await docker.run(
                    docker.command(Self.arguments(order, reference, context), in: context), code: "build-failed",
                    "The image of \(order.stage) could not be built")
            }
            return try await work.exclusively(in: order.name) { () async throws(StageFailure) in
                let registry = RegistryAccess(work)
                // Between our look and now nobody else may have pushed under this tag: a SHA tag is never moved.
                if let image = try await registry.existing(order) { return image }
                await work.log.say("pushing \(reference)")
                try await docker.run(
                    docker.command(["push", reference]), code: "push-failed", "The image \(reference) could not be pushed",
                    remedy: "Sign in at the registry with the right to push; see 'shipit logs \(work.run) \(work.stage)'.")
                if let image = try await registry.existing(order) { return image }
                throw StageFailure(
                    "push-lost", "\(reference) was pushed, and the registry does not have it.",
                    remedy: "Look at the registry; then run again.", isPassing: true)
            }
        }
    }

    private static func arguments(_ order: BuildOrder, _ reference: String, _ context: String) -> [String] {
        var arguments = ["build", "--file", "\(context)/\(order.service.dockerfile)", "--tag", reference]
        if let target = order.service.target { arguments += ["--target", target] }
        for (name, value) in order.service.arguments.sorted(by: { $0.key < $1.key }) {
            arguments += ["--build-arg", "\(name)=\(value)"]
        }
        for (name, value) in order.labels { arguments += ["--label", "\(name)=\(value)"] }
        return arguments + [order.service.context == "." ? context : "\(context)/\(order.service.context)"]
    }
}

/// What is to be built, and the marks by which the image is known again.
struct BuildOrder: Sendable {
    let stage: ServiceName
    let service: Service
    /// `REGISTRY/SERVICE`.
    let name: String
    let tag: String
    /// The hash of all that goes into the image: the context's tree, the Dockerfile, target and arguments.
    let inputs: String
    let labels: [(String, String)]

    init(_ stage: ServiceName, _ work: Work) async throws(StageFailure) {
        guard let service = work.project.services[stage] else {
            throw StageFailure("unknown-service", "The plan has no service '\(stage)'.")
        }
        self.stage = stage
        self.service = service
        name = work.project.image(of: stage)
        tag = work.plan.source.tag
        let workspace = work.tools.workspace
        let facts: CommitFacts
        do throws(GitError) {
            facts = try await workspace.facts(of: service, at: work.plan.source)
        } catch {
            throw StageFailure("git-failed", error.description)
        }
        guard let tree = facts.tree else {
            throw StageFailure(
                "context-missing", "The commit has no folder \(service.context).", remedy: "Correct 'context' of \(stage).")
        }
        guard let dockerfile = facts.dockerfile else {
            throw StageFailure(
                "dockerfile-missing", "The commit has no file \(service.dockerfile).",
                remedy: "Commit it, or correct 'dockerfile' of \(stage).")
        }
        inputs =
            Canonical.sum(
                of: [tree, dockerfile, service.target ?? "", service.context]
                    + service.arguments.sorted { $0.key < $1.key }.map { "\($0)=\($1)" }
            ).hex
        labels = [
            (BuildPerformer.Label.created, facts.time), (BuildPerformer.Label.revision, work.plan.source.tag),
            (BuildPerformer.Label.source, facts.remote ?? ""), (BuildPerformer.Label.title, stage.text),
            (BuildPerformer.Label.inputs, inputs),
        ].filter { !$0.1.isEmpty }
    }
}
