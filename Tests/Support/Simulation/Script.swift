import Pipeline

/// The pipeline that simulated machines ship: every kind of stage, two environments.
enum Script {
    private static let project = """
        name: shop
        registry: ghcr.io/acme/shop
        services:
          api: {}
        environments:
          staging:
            target: {compose: {file: compose.yaml, project: shop-staging}}
            database: {url: "postgres://shop@db/staging"}
            checks: [{http: "http://127.0.0.1:3100/health"}]
          production:
            approval: required
            target: {compose: {file: compose.yaml, project: shop-production}}
            database: {url: "postgres://shop@db/production"}
            checks: [{http: "http://127.0.0.1:3200/health"}]
        """
    private static let pipeline = """
        stages:
          notify: {run: [notify], timeout: 1m}
          index: {run: [index], check: [indexed], timeout: 1m, retries: 3}
          build-api: {build: api, timeout: 2m, retries: 3}
          migrate-staging: {migrate: staging, timeout: 1m, retries: 3}
          deploy-staging: {deploy: staging, timeout: 2m, retries: 3}
          verify-staging: {verify: staging, timeout: 1m, retries: 3}
          approve-production: {approve: production, needs: [verify-staging]}
          migrate-production: {migrate: production, timeout: 1m, retries: 3}
          deploy-production: {deploy: production, timeout: 2m, retries: 3}
          verify-production: {verify: production, timeout: 1m, retries: 3}
        """

    /// The stages that act.
    static let stages: [StageName] = [
        "notify", "index", "build-api", "migrate-staging", "deploy-staging", "verify-staging", "migrate-production",
        "deploy-production",
        "verify-production",
    ].compactMap { StageName($0) }

    /// The plan for a commit of a number.
    static func plan(commit: Int) throws -> Plan {
        let sha = String(repeating: "\(commit)", count: 40)
        guard let name = PipelineName("release") else { preconditionFailure("'release' is the name of a pipeline") }
        return try Planner.plan(
            project: Planner.File(name: "project.yml", content: Array(project.utf8)),
            pipeline: Planner.File(name: "release.yml", content: Array(pipeline.utf8)), named: name, source: Source(commit: sha))
    }
}
