import Testing

@testable import Conductor

@Suite struct DockerIgnoreTests {
    @Test(arguments: [
        ("*.md", ["README.md"], ["docs/README.md", "README.mdx"]),
        ("**/*.md", ["README.md", "docs/deep/README.md"], ["docs/README"]),
        ("docs", ["docs", "docs/a", "docs/b/c"], ["docs2", "a/docs"]),
        ("/docs/", ["docs/a"], ["a/docs"]),
        ("*/temp*", ["a/temporary.txt", "a/temp/b"], ["temporary.txt", "a/b/temp"]),
        ("temp?", ["tempa", "tempb/c"], ["temp", "temp/a"]),
        ("a[0-9^]z", ["a5z", "a^z"], ["abz"]),
        ("a[^0-9]z", ["abz"], ["a5z", "a/z"]),
        ("a\\*b", ["a*b"], ["axb"]),
        ("**", ["a", "a/b"], []),
        ("a/**/z", ["a/z", "a/b/z", "a/b/c/z"], ["z", "az"]),
        ("*\n!Package.swift\n!Sources", [".git", "Tests/a"], ["Package.swift", "Sources/a/b"]),
        ("*.md\n!README*.md\nREADME-secret.md", ["a.md", "README-secret.md"], ["README.md", "README-x.md"]),
        ("# a comment\n\n  spaced.txt  \n!", ["spaced.txt"], ["# a comment", "a"]),
        ("./a/./b", ["a/b"], ["b"]),
    ])
    func `leaves out what docker leaves out`(text: String, out: [String], kept: [String]) {
        let ignore = DockerIgnore(text)
        for path in out { #expect(ignore.leavesOut(path), "\(path)") }
        for path in kept { #expect(!ignore.leavesOut(path), "\(path)") }
    }
}
