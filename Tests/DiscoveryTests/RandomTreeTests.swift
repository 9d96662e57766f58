import Pipeline
import Randomness
import Testing

@testable import Discovery

/// Whatever a repository holds, what is written passes the check: trees put together by chance out of what trips a reader.
@Suite struct RandomTreeTests {
    @Test(arguments: 0..<250)
    func `what is written for a random tree passes the check, and stays when it is there`(trial: Int) throws {
        var chance = Chance(trial: trial)
        let (files, facts) = (Self.files(&chance), Self.facts(&chance))
        let proposal: Proposal
        do {
            proposal = try Proposal(for: FileTree(files), facts)
        } catch {
            return
        }
        let note = Comment(rawValue: Chance.note(trial))
        try expectPlan(of: proposal, note)
        let written = Dictionary(uniqueKeysWithValues: proposal.files.map { ($0.path, $0.content) })
        #expect(try Proposal(for: FileTree(files.merging(written) { $1 }), facts) == proposal, note)
    }

    /// Names as people have them, and as nobody should.
    private static let names = [
        "api", "web", "API", "a_b", "a.b", "a-b", "-x-", "été", "日本", "yes", "null", "true", "1", "0x1f", "1e3", "~", "a b",
        "it's", "\"q\"",
        "a:b", "#c", "[x]", "{y}", "*s", "&t", "%u", "@v", "|", ">", "build", "images", "production", "SHIPIT_IMAGE_API", "node",
        String(repeating: "long-", count: 30), "\u{202E}rtl", "tab\there", "services", "web-2",
    ]
    private static let folders = ["", "apps/", "services/", "docker/", "src/main/", "a/b/c/", "deploy/", "yes/", "Ünï/"]
    private static let dockerfiles = [
        "Dockerfile", "Dockerfile.NAME", "NAME.Dockerfile", "NAME/Dockerfile", "Dockerfile.prod", "docker/Dockerfile",
    ]
    private static let lines = [
        "FROM scratch", "FROM base AS NAME", "FROM nginx AS NAME", "from php:8-fpm as final", "EXPOSE 80", "EXPOSE 70000",
        "EXPOSE $PORT",
        "EXPOSE 8080/tcp 53/udp", "ENV PORT=3000", "ENV PORT 99999999999999999999", "ARG PORT=4000",
        "CMD [\"NAME\", \"--port\", \"8000\"]",
        "ENTRYPOINT NAME", "COPY . .", "COPY src NAME ./", "COPY --from=NAME /x /y", "COPY --from=0 /x /y", "RUN <<EOF", "EOF",
        "RUN a && \\",
        "# comment", "HEALTHCHECK CMD curl localhost:80/NAME", "HEALTHCHECK CMD curl -f http://localhost:${PORT}/ready || exit 1",
        "USER x",
        "\\", "", "FROM", "COPY [\"a b\", \"c\"]", "FROM --platform=$X scratch AS dev",
    ]
    private static let compose = [
        "    image: NAME", "    build: .", "    build: {context: apps/NAME, args: {NAME: \"x$Y\", B: \"1\"}}",
        "    ports: [\"80:80\"]",
        "    ports: [\"${X:-1}:2/tcp\", 3, {target: 4, published: 5}]", "    environment: {NAME: NAME, PASSWORD: x, N: 1, E: }",
        "    environment:\n      - NAME=${NAME}\n      - Y=${Z:-d}\n      - W",
        "    environment: {D: \"postgres://u:p@db/x\", E: \"http://NAME:1\"}",
        "    depends_on: [NAME, db]", "    command: NAME --port 1", "    command: [a, \"b c\"]",
        "    volumes: [\"NAME:/d\", \"./x:/y\"]",
        "    healthcheck: {test: [CMD, curl, \"localhost/NAME\"], retries: 3, disable: true}", "    env_file: [.env]",
        "    <<: *nothing",
        "    profiles: [NAME]", "    expose: [\"9\"]",
    ]

    private static func files(_ chance: inout Chance) -> [String: String] {
        var files: [String: String] = [:]
        for _ in 0..<Int.random(in: 1...5, using: &chance) {
            let path = pick(folders, &chance) + named(pick(dockerfiles, &chance), &chance)
            files[path] = (0..<Int.random(in: 0...14, using: &chance)).map { index in
                (index == 0 && !chance.once(in: 8) ? "FROM scratch AS base" : named(pick(lines, &chance), &chance)) + "\n"
            }.joined()
        }
        for name in ["compose.yaml", "docker-compose.yml", "deploy/compose.yaml"] where chance.once(in: 3) {
            var text = "services:\n"
            for service in Set((0..<3).map { _ in pick(["api", "web", "a_b", "db", "\"1\"", "A.B", "\"yes\""], &chance) })
                .sorted()
            {
                text += "  \(service):\n"
                // Each key once, as compose wants it.
                for key in Set((0..<4).map { _ in pick(compose, &chance) }).sorted() { text += named(key, &chance) + "\n" }
            }
            files[name] = text
        }
        if chance.once(in: 3) { files["db/migrations/2026_\(pick(["a", "b"], &chance)).sql"] = "-- migrate:up\nSELECT 1;\n" }
        if chance.once(in: 6) { files["prisma/migrations/1/migration.sql"] = "SELECT 1;\n" }
        if chance.once(in: 6) {
            files["charts/\(pick(["app", "yes", "x y"], &chance))/Chart.yaml"] =
                "name: \(pick(["app", "\"a: b\"", "[]"], &chance))\n"
        }
        for _ in 0..<Int.random(in: 0...3, using: &chance) {
            files[pick(folders, &chance) + "main.js"] = named(
                "app.get(\"/NAME/health\"); process.env.NAME; process.env.DATABASE_URL", &chance)
        }
        if chance.once(in: 8) { files["pipelines/project.yml"] = "name: other\n" }
        return files
    }

    private static func facts(_ chance: inout Chance) -> RepositoryFacts {
        let origins = [
            "git@github.com:NAME/NAME.git", "https://gitlab.com/a/NAME/c", "/srv/NAME", "file:///NAME", "https://", "NAME:",
            "ssh://git@NAME:22/NAME/",
        ]
        return RepositoryFacts(
            folder: pick(names, &chance), origin: chance.once(in: 3) ? nil : named(pick(origins, &chance), &chance),
            branch: chance.once(in: 4) ? nil : pick(names, &chance), branchReason: "chance")
    }

    private static func pick(_ from: [String], _ chance: inout Chance) -> String {
        from[Int.random(in: 0..<from.count, using: &chance)]
    }

    private static func named(_ text: String, _ chance: inout Chance) -> String {
        var text = text
        while let range = text.firstRange(of: "NAME") {
            text.replaceSubrange(range, with: pick(names, &chance).replacing("NAME", with: ""))
        }
        return text
    }
}
