import Pipeline

/// The project and its pipeline, put together from what was found.
struct ProjectDraft {
    let name: String
    let facts: RepositoryFacts
    let services: [FoundService]
    var migrations: FoundService.Evidence<String>?
    var chart: ChartSearch.Chart?
    /// The compose file that a release is run with; nil where a chart does.
    var compose: ComposePlan?
    private var migrationNotes: [String] = []

    private static let environments = ["staging", "production"]

    init(name: String, facts: RepositoryFacts, services: [FoundService]) {
        self.name = name
        self.facts = facts
        self.services = services
    }

    /// Takes migrations that shipit can apply to a database that it knows.
    mutating func takeMigrations(_ search: MigrationSearch, compose: ComposeFile?) {
        migrationNotes = search.notes
        let addresses = (compose?.services ?? []).flatMap(\.environment).filter { $0.name == "DATABASE_URL" }.compactMap(\.value)
        let other = addresses.first { $0.contains("://") && !$0.hasPrefix("postgres") && !$0.hasPrefix("$") }
        if let found = search.folder, let other {
            migrationNotes.append(
                "\(found.value) holds migrations of a database at \(other.prefix { $0 != ":" })://…: shipit migrates PostgreSQL only."
            )
        } else {
            migrations = search.folder
        }
    }

    private func usesHelm(_ environment: String) -> Bool { chart != nil && (compose == nil || environment == "production") }

    // MARK: pipelines/project.yml

    var projectText: String {
        var fields: [YAMLOutput.Field] = [
            .init("name", .text(name)),
            .init(
                "registry", .text(facts.registry.value),
                comment: facts.registry.isSure ? [] : ["To be chosen: \(facts.registry.reason)."]),
            .init("release-branch", .text(branch)),
        ]
        fields.append(.init("services", .fields(services.map(service)), comment: [""]))
        let environments = Self.environments.enumerated().map { index, environment in
            YAMLOutput.Field(environment, .fields(self.environment(environment)), comment: index == 0 ? [] : [""])
        }
        fields.append(.init("environments", .fields(environments), comment: [""]))
        return YAMLOutput.document(
            fields,
            heading: [
                "What is built here and where it runs, begun by 'shipit init'. 'shipit check' proves it, 'shipit plan' shows what it means.",
                "Secrets are references such as ${env:NAME}: they are resolved when they are used, and never written down.",
                "",
            ])
    }

    private var branch: String { facts.branch ?? "main" }

    private func service(_ service: FoundService) -> YAMLOutput.Field {
        var pairs: [(String, YAMLOutput)] = [("dockerfile", .text(service.dockerfile))]
        if let target = service.candidate.target { pairs.append(("target", .text(target))) }
        if service.context.value != "." { pairs.append(("context", .text(service.context.value))) }
        if !service.arguments.isEmpty { pairs.append(("arguments", .row(service.arguments.map { ($0.name, .text($0.value)) }))) }
        if let port = service.port { pairs.append(("port", .plain(String(port.value)))) }
        return .init(service.name, .row(pairs))
    }

    private func environment(_ environment: String) -> [YAMLOutput.Field] {
        var fields: [YAMLOutput.Field] = []
        if environment == "production" { fields.append(.init("approval", .text("required"))) }
        fields.append(.init("target", .fields([target(of: environment)])))
        if let migrations {
            fields.append(
                .init(
                    "database",
                    .row([
                        ("url", .text("${env:\(environment.uppercased())_DATABASE_URL}")),
                        ("migrations", .text(migrations.value)),
                    ])))
        }
        guard !usesHelm(environment), let compose else { return fields }
        if !compose.values.isEmpty {
            fields.append(
                .init(
                    "values",
                    .fields(compose.values.map { .init($0.name, .text(environment == "staging" ? $0.staging : $0.production)) })))
        }
        let checks = services.compactMap { service -> YAMLOutput? in
            guard let health = service.health, let port = compose.published[service.name] else { return nil }
            let address = "http://127.0.0.1:\(environment == "staging" ? port.staging : port.production)\(health.value)"
            return .row([("http", .text(address)), ("successes", .plain("3"))])
        }
        if !checks.isEmpty { fields.append(.init("checks", .lines(checks))) }
        return fields
    }

    private func target(of environment: String) -> YAMLOutput.Field {
        if usesHelm(environment), let chart {
            var fields: [YAMLOutput.Field] = [.init("chart", .text(chart.folder))]
            if let values = chart.values[environment] { fields.append(.init("values", .list([.text(values)]))) }
            fields.append(.init("release", .text(name)))
            fields.append(.init("namespace", .text("\(name)-\(environment)")))
            fields.append(
                .init(
                    "clusters", .lines([.row([("context", .text(environment)), ("server", .text(Self.server(environment)))])]),
                    comment: ["To be filled in: the context in your kubeconfig, and the server that it leads to."]))
            return .init("helm", .fields(fields))
        }
        return .init("compose", .row([("file", .text(compose?.path ?? "")), ("project", .text("\(name)-\(environment)"))]))
    }

    private static func server(_ environment: String) -> String { "https://\(environment).example.org:6443" }

    // MARK: pipelines/release.yml

    var pipelineText: String {
        let builds = services.map { "build-\($0.name)" }
        var stages: [YAMLOutput.Field] = zip(builds, services).map { .init($0, .row([("build", .text($1.name))])) }
        for environment in Self.environments {
            let isFirst = environment == "staging"
            var own: [(name: String, kind: String, needs: [String])] = []
            if !isFirst { own.append(("approve-\(environment)", "approve", ["verify-staging"])) }
            if migrations != nil { own.append(("migrate-\(environment)", "migrate", isFirst ? builds : [])) }
            own += [("deploy-\(environment)", "deploy", []), ("verify-\(environment)", "verify", [])]
            for (index, stage) in own.enumerated() {
                var pairs: [(String, YAMLOutput)] = [(stage.kind, .text(environment))]
                if !stage.needs.isEmpty { pairs.append(("needs", .list(stage.needs.map(YAMLOutput.text)))) }
                stages.append(.init(stage.name, .row(pairs), comment: index == 0 ? [""] : []))
            }
        }
        return YAMLOutput.document(
            [.init("stages", .fields(stages))],
            heading: [
                "From a commit to production, begun by 'shipit init'. Only orders that no artifact implies are written down: a deploy waits",
                "for its images, schema and approval because it consumes them.", "",
            ])
    }

    // MARK: What it was led by

    var guesses: [Proposal.Guess] {
        var guesses = [
            Proposal.Guess(
                subject: "name", value: name,
                reason: facts.remote == nil ? "the repository's folder" : "the repository's name at the remote origin"),
            Proposal.Guess(subject: "registry", value: facts.registry.value, reason: facts.registry.reason),
            Proposal.Guess(
                subject: "release-branch", value: branch, reason: facts.branch == nil ? "git tells of none" : facts.branchReason),
        ]
        for service in services {
            let target = service.candidate.target.map { ", target \($0)" } ?? ""
            guesses.append(
                .init(subject: service.name, value: service.dockerfile + target, reason: "FROM \(service.candidate.image.base)"))
            if service.composed.count > 1 {
                guesses.append(
                    .init(
                        subject: "\(service.name) containers", value: service.composed.map(\.name).joined(separator: ", "),
                        reason: "the compose file runs it so"))
            }
            guesses.append(
                .init(subject: "\(service.name) context", value: service.context.value, reason: service.context.reason))
            if let port = service.port {
                guesses.append(.init(subject: "\(service.name) port", value: String(port.value), reason: port.reason))
            }
            if let health = service.health {
                guesses.append(.init(subject: "\(service.name) health", value: health.value, reason: health.reason))
            }
        }
        if let migrations { guesses.append(.init(subject: "migrations", value: migrations.value, reason: migrations.reason)) }
        for environment in Self.environments {
            if usesHelm(environment), let chart {
                guesses.append(.init(subject: environment, value: "helm, \(chart.folder)", reason: "there is a chart"))
            } else if let compose {
                let reason =
                    compose.text == nil ? "it takes its images from shipit already" : "there is no chart: one Docker host"
                guesses.append(.init(subject: environment, value: "compose, \(compose.path)", reason: reason))
            }
        }
        return guesses
    }

    /// What a person should look at.
    var notes: [String] {
        var notes: [String] = []
        if !facts.registry.isSure {
            notes.append(
                "The registry in \(Proposal.projectFile) is a placeholder: write where your images go (\(facts.registry.reason))."
            )
        }
        notes += services.flatMap(notes(on:))
        notes += migrationNotes
        if migrations != nil {
            notes.append(
                "Each environment's database is \(Self.environments.map { "\($0.uppercased())_DATABASE_URL" }.joined(separator: " and ")): an "
                    + "address that this machine\(compose == nil ? "" : " and the containers") can reach.")
        }
        if let chart, Self.environments.contains(where: usesHelm) {
            notes.append(
                "The clusters are placeholders: write context and server as 'kubectl config view' shows them, and add checks once you know "
                    + "the addresses.")
            if !chart.takesImages {
                notes.append(
                    "\(chart.folder) does not use .Values.images yet: shipit hands it each image by digest as "
                        + "\(services.map { ".Values.images.\($0.name)" }.joined(separator: ", ")).")
            }
        }
        return notes + (compose?.notes ?? [])
    }

    private func notes(on service: FoundService) -> [String] {
        var set = Set(service.candidate.image.environment.keys).union(service.composed.flatMap(\.environment).map(\.name))
        if migrations != nil { set.insert("DATABASE_URL") }
        let unset = service.variables.subtracting(set).sorted()
        let listed = unset.named(atMost: 8)
        let place = compose.map(\.path) ?? chart.map(\.folder) ?? ""
        let wants =
            unset.isEmpty
            ? []
            : [
                "\(service.name) reads \(listed), which nothing here sets: add what it needs to \(place) and to the environments' values."
            ]
        return wants + noteOnAnswers(of: service)
    }

    private func noteOnAnswers(of service: FoundService) -> [String] {
        if service.port == nil {
            return ["Nothing tells the port of \(service.name): if it listens, add 'port' and publish it; a worker needs none."]
        }
        guard service.health == nil, compose?.published[service.name] != nil else { return [] }
        return [
            "Nothing tells a health path of \(service.name): 'verify' only sees that its container runs. Add a check to each environment once there is one."
        ]
    }
}
