import Foundation
import Processes
import Shops
import Testing

/// Repositories that are not what they should be, or only look so.
@Suite struct RepositoryTests {
    @Test func `a folder in no repository is refused`() async throws {
        try await Workshop.with("greet: {run: [echo, hello]}") { shop in
            try FileManager.default.removeItem(atPath: "\(shop.folder)/.git")
            for command in ["plan", "status"] {
                let answer = try await shop.shipit(command)
                #expect(answer.code == 2)
                #expect(
                    answer.errors.contains("is not in a git repository") && answer.errors.contains("git init"), "\(answer.all)")
            }
            #expect(!FileManager.default.fileExists(atPath: "\(shop.folder)/.shipit"), "nothing is made there")
        }
    }

    @Test func `a repository without a commit is refused`() async throws {
        try await Workshop.with("greet: {run: [echo, hello]}") { shop in
            try FileManager.default.removeItem(atPath: "\(shop.folder)/.git")
            try await shop.git("init", "--quiet")
            let answer = try await shop.shipit("run", "work")
            #expect(answer.code == 2)
            #expect(answer.errors.contains("has no commit yet") && answer.errors.contains("git commit"), "\(answer.all)")
        }
    }

    @Test func `a detached HEAD is as good as a branch`() async throws {
        try await Workshop.with("greet: {run: [echo, hello]}") { shop in
            try await shop.git("checkout", "--quiet", "--detach")
            let answer = try await shop.shipit("run", "work")
            #expect(answer.code == 0, "\(answer.all)")
            #expect(answer.text.contains("hello"))
        }
    }

    @Test func `a shallow clone ships, and leaves latest alone when it cannot know that it would move forward`() async throws {
        try await Shop.with { shop in
            let first = try await shop.shipit("run", "release", "--to", "build-api")
            #expect(first.code == 0 && first.text.contains("latest moved to"), "\(first.all)")
            for subject in ["two", "three"] {
                try shop.edit("service/api.txt") { _ in "api \(subject)\n" }
                try await shop.commit(subject)
            }
            let shallow = "\(shop.folder)/.git/shallow-clone"
            try await shop.git("clone", "--quiet", "--depth", "1", "file://\(shop.folder)", shallow)
            var command = shop.command(["run", "release", "--to", "build-api"])
            command.workingDirectory = shallow
            let second = try await shop.finish(command)
            #expect(second.code == 0, "\(second.all)")
            #expect(second.text.contains("latest stays: whether it would move forward is not known in this shallow clone"))
            let whole = try await shop.shipit("run", "release", "--to", "build-api")
            #expect(whole.code == 0 && whole.text.contains("latest moved to"), "the whole repository knows: \(whole.all)")
        }
    }
}
