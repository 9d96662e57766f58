import Foundation
import Shops
import Testing

/// The first ten minutes that README.md describes, on real components: init, doctor, check, plan, deploy.
@Suite struct FirstMinutesTests {
    @Test func `what init has written is deployed to staging, after only what it said was to be filled in`() async throws {
        try await Shop.with { shop in
            for folder in ["pipelines", "deploy"] { try FileManager.default.removeItem(atPath: "\(shop.folder)/\(folder)") }
            let begun = try await shop.shipit("init")
            #expect(
                begun.code == 0 && begun.text.contains("! The registry in pipelines/project.yml is a placeholder"), "\(begun.all)"
            )
            // The registry is to be filled in; the ports and the project are this test's own, beside others'.
            try shop.edit("pipelines/project.yml") { text in
                text.replacing(#/registry: .*/#, with: "registry: \(shop.registry)/\(shop.name)")
                    .replacing(
                        "services:\n",
                        with:
                            "credentials: {username: \"${env:REGISTRY_USERNAME}\", password: \"${env:REGISTRY_PASSWORD}\"}\nservices:\n"
                    )
                    .replacing("project: shipit-e2e-\(shop.name)-", with: "project: \(shop.name)-")
                    .replacing("\"8100\"", with: "\"\(shop.productionPort)\"").replacing(
                        "\"8101\"", with: "\"\(shop.stagingPort)\"")
            }
            try await shop.commit("begin")
            let doctor = try await shop.shipit("doctor")
            #expect(doctor.code == 0 && doctor.text.contains("Nothing is missing."), "\(doctor.all)")
            for command in ["check", "plan"] {
                let answer = try await shop.shipit(command)
                #expect(answer.code == 0, "\(answer.all)")
            }
            let deployed = try await shop.shipit("deploy", "staging")
            #expect(deployed.code == 0 && deployed.text.contains("reached verify-staging"), "\(deployed.all)")
            #expect(await shop.page(shop.stagingPort)?.contains("web one") ?? false)
            #expect(try await shop.query(shop.staging, "SELECT count(*) FROM orders") == "0", "the database is migrated")
        }
    }
}
