import CanonicalJSON
import Foundation
import Registry
import Testing

@testable import Conductor

/// Docker's configuration with one more login.
@Suite struct DockerConfigurationTests {
    private static let login = #""registry.example":{"auth":"dTpw"}"#

    private func added(to known: String) -> String? {
        DockerConfiguration.adding(
            Credentials(user: "u", password: "p"), for: "registry.example", to: Array(known.utf8), plugins: "/p"
        ).map { String(decoding: $0, as: UTF8.self) }
    }

    @Test(arguments: ["", "{}"])
    func `of nothing is the login alone`(known: String) {
        #expect(
            added(to: known)
                == #"{"auths":{\#(Self.login)},"cliPluginsExtraDirs":["/p"],"credHelpers":{"registry.example":""}}"#)
    }

    @Test func `keeps all that is there: contexts, proxies, stores, and logins as docker writes them beside a store`() {
        let known = #"""
            {"auths":{"ghcr.io":{},"registry.example":{"auth":"b2xk"},"other":{"identitytoken":"t"}},"credsStore":"pass",
             "credHelpers":{"gcr.io":"gcloud"},"currentContext":"away","proxies":{"default":{"httpProxy":"http://p"}},
             "cliPluginsExtraDirs":["/own"],"HttpHeaders":{"X":"y"},"detachKeys":null}
            """#
        #expect(
            added(to: known) == #"{"HttpHeaders":{"X":"y"},"auths":{"ghcr.io":{},"other":{"identitytoken":"t"},\#(Self.login)},"#
                + #""cliPluginsExtraDirs":["/own","/p"],"credHelpers":{"gcr.io":"gcloud","registry.example":""},"#
                + #""credsStore":"pass","currentContext":"away","detachKeys":null,"proxies":{"default":{"httpProxy":"http://p"}}}"#
        )
    }

    @Test(arguments: ["[]", "{", "nonsense"])
    func `is none of what is no JSON object`(known: String) {
        #expect(added(to: known) == nil)
    }
}
