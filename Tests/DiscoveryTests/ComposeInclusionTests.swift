import Testing

@testable import Discovery

/// What belongs to a compose file that includes others.
@Suite struct ComposeInclusionTests {
    private static func files(_ tree: [String: String]) -> [String] {
        ComposeInclusion.files(includedBy: ["compose.yaml", "compose.override.yaml"]) { tree[$0] }
    }

    @Test(arguments: [
        ("[db/compose.yaml]", ["db/.env", "db/compose.yaml"]),
        ("[./a.yaml, \"${B:-b}/b.yaml\"]", [".env", "a.yaml", "b/.env", "b/b.yaml"]),
        ("[{path: db/compose.yaml}]", ["db/.env", "db/compose.yaml"]),
        (
            "[{path: [db/compose.yaml, ./db.local.yaml], env_file: [.env, db/.env.local]}]",
            [".env", "db.local.yaml", "db/.env.local", "db/compose.yaml"]
        ),
        ("[{path: db/compose.yaml, project_directory: ., env_file: db/variables}]", ["db/compose.yaml", "db/variables"]),
        ("[../shared/compose.yaml, /srv/compose.yaml, \"https://example.com/x.git\", \"oci://example.com/x\"]", []),
        ("no list", []),
    ])
    func `short and long forms name files, and the variables for them`(include: String, expected: [String]) {
        #expect(Self.files(["compose.yaml": "include: \(include)\nservices: {}\n"]) == expected)
    }

    @Test func `what is included includes others itself, from where its project is, and round in a circle once`() {
        let tree = [
            "compose.yaml": "include: [one/compose.yaml, {path: two/compose.yaml, project_directory: .}]",
            "compose.override.yaml": "include: [three.yaml]",
            "one/compose.yaml": "include: [deep/compose.yaml, ../compose.yaml]",
            "one/deep/compose.yaml": "include: [../compose.yaml]",
            "two/compose.yaml": "include: [two/more.yaml]",
            "three.yaml": "broken: [",
        ]
        #expect(
            Self.files(tree) == [
                ".env", "one/.env", "one/compose.yaml", "one/deep/.env", "one/deep/compose.yaml", "three.yaml", "two/.env",
                "two/compose.yaml", "two/more.yaml",
            ])
    }
}
