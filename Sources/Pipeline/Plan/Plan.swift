import CanonicalJSON
public import Hashing

/// What a run would do, before anything starts.
///
/// It holds all that a run needs, so that replay never reads YAML again.
public struct Plan: Hashable, Sendable, Codable {
    /// The pipeline it was made from.
    public var pipeline: PipelineName
    /// The project as it was read.
    public var project: Project
    /// What is built and deployed.
    public var source: Source
    /// The stages in topological order: every stage stands after all it waits for.
    public var stages: [PlannedStage]

    /// A plan of stages that are in topological order already.
    package init(pipeline: PipelineName, project: Project, source: Source, stages: [PlannedStage]) {
        self.pipeline = pipeline
        self.project = project
        self.source = source
        self.stages = stages
    }

    /// The hash of pipeline, project and commit, the same on every machine; no observation is part of it.
    ///
    /// Nor is who is told of the run, and where its page is: that does not change what is done.
    public var sum: SHA256Sum {
        var deeds = self
        deeds.project.notifications = nil
        deeds.project.page = nil
        return Canonical.sum(of: deeds)
    }

    /// The stage with this name.
    public func stage(_ name: StageName) -> PlannedStage? {
        stages.first { $0.name == name }
    }

    /// The goal's stages and all that they wait for, directly or not.
    public func needed(for goal: some Sequence<StageName>) -> Set<StageName> {
        let edges = Edges(of: self)
        return Set(
            Graph.ancestors(of: goal.compactMap { edges.index[$0] }, predecessors: edges.predecessors).map { stages[$0].name })
    }

    /// The stage that ends `deploy ENVIRONMENT`: its `verify` stage, else its `deploy` stage.
    public func destination(of environment: EnvironmentName) -> StageName? {
        let verify = stages.last { ($0.kind.value as? Verify)?.target == environment }
        return (verify ?? stages.last { ($0.kind.value as? Deploy)?.target == environment })?.name
    }
}

extension Plan {
    /// A plan's stages by number, as they stand in ``Plan/stages``.
    struct Edges {
        /// The number of each stage.
        let index: [StageName: Int]
        /// For each stage, whom it waits for.
        let predecessors: [[Int]]

        init(of plan: Plan) {
            // A plan read back from a journal was checked when it was made; one that names a stage twice must not end the process.
            let index = Dictionary(plan.stages.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
            self.index = index
            predecessors = plan.stages.map { stage in stage.predecessors.compactMap { index[$0] } }
        }
    }
}

/// A stage with its edges.
public struct PlannedStage: Hashable, Sendable, Codable {
    /// Its name.
    public var name: StageName
    /// What it does.
    public var kind: AnyStageKind
    /// Which stage's artifact fills which input.
    public var inputs: [String: StageName]
    /// Stages that only order.
    public var needs: [StageName]
    /// How long and how often it may try.
    public var policy: StagePolicy

    /// Every stage it waits for, each once, in name order.
    public var predecessors: [StageName] { Set(inputs.values).union(needs).sorted() }
}

/// The commit a run is about.
public struct Source: Hashable, Sendable, Codable {
    /// The full SHA: 40 hexadecimal digits.
    public var commit: String
    /// A hash of the work tree when it had uncommitted changes and the user allowed that; nil for the commit itself.
    public var dirty: String?

    /// A commit, or with `dirty` a work tree based on it.
    public init(commit: String, dirty: String? = nil) {
        self.commit = commit
        self.dirty = dirty
    }

    /// The tag of its images: the SHA, or a form that can never be taken for one.
    public var tag: String { dirty.map { "\(commit)-dirty-\($0.prefix(12))" } ?? commit }
}
