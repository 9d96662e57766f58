import Testing

@testable import Discovery

/// Single rules, as tables.
@Suite struct DiscoveryTests {
    private static let facts = RepositoryFacts(folder: "shop", origin: nil, branch: "main", branchReason: "")

    private static func proposal(_ files: [String: String]) throws -> Proposal {
        try Proposal(for: FileTree(files), facts)
    }

    @Test(arguments: [
        ("git@github.com:Acme/Shop.git", "ghcr.io/acme/shop", "shop", true),
        ("https://github.com/acme/shop/", "ghcr.io/acme/shop", "shop", true),
        ("ssh://git@ssh.github.com:443/acme/shop.git", "ghcr.io/acme/shop", "shop", true),
        ("https://gitlab.com/Group/sub/Shop.git", "registry.gitlab.com/group/sub/shop", "shop", true),
        ("git@codeberg.org:a/b", "codeberg.org/a/b", "b", true),
        ("git@github.com:acme/.github", "ghcr.io/acme/github", "github", true),
        ("https://git.example.com/x/y.git", "registry.example.org/x/y", "y", false),
        ("/srv/git/shop.git", "registry.example.org/folder", "folder", false),
        ("../shop", "registry.example.org/folder", "folder", false),
        ("file:///srv/shop", "registry.example.org/folder", "folder", false),
        ("https://", "registry.example.org/folder", "folder", false),
    ])
    func `the registry is that of the remote's host`(origin: String, registry: String, name: String, isSure: Bool) {
        let facts = RepositoryFacts(folder: "folder", origin: origin, branch: nil, branchReason: "")
        #expect(facts.registry.value == registry)
        #expect(facts.registry.isSure == isSure)
        #expect(facts.name == name)
    }

    @Test(arguments: [
        ("Dockerfile", "shop"), ("Dockerfile.api", "api"), ("api.Dockerfile", "api"), ("API.dockerfile", "api"),
        ("Containerfile", "shop"),
        ("services/api/Dockerfile", "api"), ("api/docker/Dockerfile", "api"), ("docker/api/Dockerfile", "api"),
        ("build/package/Dockerfile", "shop"), ("src/main/docker/Dockerfile", "shop"), ("apps/api/Dockerfile.prod", "api"),
        ("Dockerfile.production", "shop"),
    ])
    func `a service is called after its Dockerfile's name or place`(path: String, name: String) throws {
        #expect(try Self.proposal([path: "FROM scratch"]).services.map(\.name) == [name])
    }

    @Test(arguments: [
        "node_modules/x/Dockerfile", "vendor/x/Dockerfile", "third_party/Dockerfile", ".devcontainer/Dockerfile",
        "tests/Dockerfile",
        "examples/a/Dockerfile", ".github/Dockerfile", "Dockerfile.dev", "test.Dockerfile", "Dockerfile.dockerignore",
        "Dockerfile.j2",
        "Dockerfile.api.bak", "dockerfile.go", "docs/Dockerfile", "NotADockerfile", "Dockerfile.md",
    ])
    func `what is not shipped is no service`(path: String) {
        #expect(throws: NothingFound.self) { try Self.proposal([path: "FROM scratch"]) }
    }

    @Test func `several images of one file are as many services, and those for development none`() throws {
        let proposal = try Self.proposal([
            "Dockerfile": """
            FROM node AS base
            ENTRYPOINT ["node"]
            FROM base AS dev
            FROM base AS test
            FROM base AS Api
            COPY --from=0 /x /x
            FROM base AS worker
            FROM scratch AS assets
            """
        ])
        #expect(proposal.services.map(\.name) == ["api", "worker", "assets"])
        #expect(proposal.services.map(\.target) == ["api", "worker", "assets"])
        #expect(proposal.notes.contains("Dockerfile, target dev is left out: 'dev' is not for production."))
    }

    @Test(arguments: [
        ("FROM node AS build\nFROM nginx AS runtime", nil),
        ("FROM node AS production\nCMD x\nFROM node AS test\nCMD y", "production"),
        ("FROM node AS dev\nCMD x", nil), ("FROM node AS base\nFROM base AS build\nFROM base\nCOPY --from=build /a /a", nil),
    ])
    func `a target is named only where it is not the last`(text: String, target: String?) throws {
        let proposal = try Self.proposal(["Dockerfile": text])
        #expect(proposal.services.map(\.target) == [target])
        #expect(proposal.services.map(\.name) == ["shop"])
    }

    @Test(arguments: [
        ("COPY . .", ".", ["api/main.go"]), ("COPY . .", "api", ["api/main.go", "api/x"]),
        ("COPY main.go .", "api", ["api/main.go"]),
        ("COPY api/main.go .", ".", ["api/main.go"]),
        ("COPY go.mod go.sum ./\nCOPY api api", ".", ["go.mod", "go.sum", "api/main.go"]),
        ("COPY *.csproj .", "api", ["api/a.csproj"]), ("COPY [\"api/a b\", \".\"]", ".", ["api/a b"]),
        ("RUN --mount=type=bind,source=go.mod,target=/x make", ".", ["go.mod", "api/main.go"]),
        ("COPY --from=build /out /\nADD https://example.org/x /x", "api", ["api/main.go"]),
    ])
    func `the build context is where what is copied lies`(lines: String, context: String, files: [String]) throws {
        var tree = Dictionary(uniqueKeysWithValues: files.map { ($0, "text") })
        // With nothing but itself beside it, a Dockerfile has nothing to copy.
        let folder = context == "." && lines == "COPY . ." ? "docker" : "api"
        tree["\(folder)/Dockerfile"] = "FROM scratch\n" + lines
        #expect(try Self.proposal(tree).services.map(\.context) == [context])
    }

    @Test(arguments: [
        ("FROM x\nEXPOSE 8080/tcp", 8080), ("FROM x\nEXPOSE 53/udp 80", 80), ("FROM x\nENV PORT=3000\nEXPOSE ${PORT}", 3000),
        ("ARG P=81\nFROM x\nEXPOSE $P", 81), ("FROM x\nARG P=82\nEXPOSE ${P:-1}", 82), ("FROM x\nEXPOSE ${P:-83}", 83),
        ("FROM x\nENV A=1 PORT=\"5000\"", 5000), ("FROM x\nENV PORT 5001", 5001), ("FROM x\nENV HTTP_PORT=5002", 5002),
        ("FROM x AS a\nEXPOSE 7\nFROM a", 7), ("FROM x\nCMD [\"gunicorn\", \"-b\", \"0.0.0.0:8001\", \"app\"]", 8001),
        ("FROM x\nCMD serve --port=8002", 8002), ("FROM nginx:1", 80), ("FROM mcr.microsoft.com/dotnet/aspnet:6.0", 80),
        ("FROM mcr.microsoft.com/dotnet/aspnet:8.0-alpine", 8080), ("# escape=`\nFROM x\nRUN a `\n b\nEXPOSE 6", 6),
        ("FROM x\nRUN <<EOF\nEXPOSE 9\nEOF\nEXPOSE 10", 10), ("FROM x\nRUN a \\\n# no end\n\n  && b\nEXPOSE 11", 11),
        ("FROM x", nil),
    ])
    func `the port is what the Dockerfile says`(text: String, port: Int?) throws {
        #expect(try Self.proposal(["Dockerfile": text]).services.map(\.port) == [port])
    }

    @Test(arguments: [
        ("main.js", "app.get('/health', f)", "/health"), ("main.py", "@app.get(\"/healthz\")", "/healthz"),
        ("main.go", "mux.HandleFunc(\"GET /readyz\", f)", "/readyz"), ("main.rs", ".route(\"/livez\", get(f))", "/livez"),
        ("routes.rb", "get \"up\" => \"rails/health#show\"", "/up"), ("urls.py", "path('health/', view),", "/health/"),
        ("nginx.conf", "location = /healthz { return 200; }", "/healthz"),
        ("build.gradle", "implementation 'spring-boot-starter-actuator'", "/actuator/health"),
        ("Program.cs", "app.MapHealthChecks(\"/api/health\");", "/api/health"),
        ("main.js", "get('/ready'); get('/health')", "/health"),
        ("main.js", "// get('/health')", nil), ("main.js", "get('/orders/:id/status')", nil),
        ("main.js", "await fetch('/health')", nil),
        ("main.test.js", "get('/health')", nil), ("test/main.js", "get('/health')", nil),
        ("node_modules/x/main.js", "get('/health')", nil),
    ])
    func `the health path is what the sources answer at`(file: String, line: String, health: String?) throws {
        let proposal = try Self.proposal(["Dockerfile": "FROM x\nEXPOSE 80", file: "\n" + line])
        #expect(proposal.services.map(\.health) == [health])
        if health != nil, !file.hasPrefix("build") { #expect(proposal.guesses.contains { $0.reason == "\(file):2" }) }
    }

    @Test func `migrations that cannot be applied are named, and no database is asked for`() throws {
        let proposal = try Self.proposal([
            "Dockerfile": "FROM x", "migrations/1_a.sql": "-- migrate:up\n", "migrations/1_b.sql": "-- migrate:up\n",
        ])
        #expect(proposal.notes.contains { $0.contains("1_a.sql and 1_b.sql have the same version") }, "\(proposal.notes)")
        #expect(!proposal.files.contains { $0.content.contains("database") })
    }

    @Test func `shipit migrates PostgreSQL and no other database`() throws {
        let proposal = try Self.proposal([
            "Dockerfile": "FROM x", "migrations/1_a.sql": "-- migrate:up\n",
            "compose.yaml": "services: {shop: {build: ., environment: {DATABASE_URL: \"mysql://db/x\"}}, db: {image: mysql}}",
        ])
        #expect(proposal.notes.contains { $0.contains("mysql://…: shipit migrates PostgreSQL only") }, "\(proposal.notes)")
        #expect(!proposal.files.contains { $0.content.contains("migrate") })
    }

    @Test func `no secret of a compose file is copied`() throws {
        let proposal = try Self.proposal([
            "Dockerfile": "FROM x",
            "compose.yaml": """
            services:
              shop:
                build: {context: ., args: {NPM_TOKEN: hunter2, FLAVOUR: vanilla}}
                environment: {API_KEY: hunter2, URL: "https://user:hunter2@example.org", DB_PASSWORD: "${X:-hunter2}", LEVEL: info}
            """,
        ])
        #expect(!"\(proposal)".contains("hunter2"))
        #expect(proposal.files.contains { $0.content.contains("arguments: {FLAVOUR: vanilla}") })
        #expect(proposal.files.contains { $0.content.contains("LEVEL: info") })
    }

    @Test func `a compose file of somebody else's is not written over`() throws {
        let proposal = try Self.proposal(["Dockerfile": "FROM x", "deploy/compose.yaml": "services: {other: {image: x}}"])
        #expect(proposal.files.map(\.path) == ["pipelines/project.yml", "pipelines/release.yml", "deploy/shipit.compose.yaml"])
    }
}
