import Testing

@testable import Conductor

/// What the last words of helm and kubectl mean; each of them was printed by helm 3.17, helm 4.3 or kubectl 1.37.
@Suite struct ClusterRefusalTests {
    @Test(arguments: [
        (
            #"services "shop-api" is forbidden: User "ci" cannot patch resource "services" in API group "" in the namespace "shop""#,
            ClusterRefusal.forbidden
        ),
        ("pods is forbidden: exceeded quota: shop, requested: pods=1", .refused),
        (
            #"Operation cannot be fulfilled on deployments "shop-api": the object has been modified; please apply your changes"#,
            .passing
        ),
        (#"cannot patch "shop-api" with kind Deployment: the server is currently unable to handle the request"#, .passing),
        ("unexpected error when reading response body. Please retry. Original error: unexpected EOF", .passing),
        ("kubernetes cluster unreachable: dial tcp 127.0.0.1:8080: connect: connection refused", .passing),
        ("resource Deployment/shop/shop-api not ready. status: InProgress\ncontext deadline exceeded", .late),
        ("timed out waiting for the condition", .late),
        (#"unable to build kubernetes objects: no matches for kind "Gone" in version "v1beta1""#, .refused),
    ])
    func `tells what asking again may help`(words: String, refusal: ClusterRefusal) {
        #expect(ClusterRefusal(words) == refusal)
    }

    @Test(arguments: [
        ("level=WARN msg=\"upgrade failed\"\nError: UPGRADE FAILED: one\ntwo\n", "one\ntwo"),
        ("E1124 request.go:1198] ignored\nError: INSTALLATION FAILED: cannot\n", "cannot"),
        ("Warning: deprecated\nError from server (Forbidden): no\n", "Error from server (Forbidden): no"),
        ("error: no context exists\n", "no context exists"),
        ("only this\n", "only this"),
        ("", "it said nothing"),
    ])
    func `the last words are the error without what every one begins with`(text: String, words: String) {
        #expect(ClusterRefusal.words(of: text) == words)
    }
}
