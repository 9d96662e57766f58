import Foundation
import Registry
import Testing

@Suite struct DockerCredentialsTests {
    // `octo:sec:ret`: a password may hold colons.
    static let auth = #"{"auth":"b2N0bzpzZWM6cmV0"}"#
    static let octo = DockerCredentials.found(Credentials(user: "octo", password: "sec:ret"))

    @Test(arguments: [
        (#"{"auths":{"ghcr.io":\#(auth)}}"#, "ghcr.io", octo), (#"{"auths":{"https://ghcr.io/v1/":\#(auth)}}"#, "ghcr.io", octo),
        (#"{"auths":{"https://index.docker.io/v1/":\#(auth)}}"#, "docker.io", octo),
        (#"{"auths":{"localhost:5000":\#(auth)}}"#, "localhost:5000", octo),
        (#"{"auths":{"localhost:5000":\#(auth)}}"#, "localhost", .none),
        (#"{"auths":{"ghcr.io":{"username":"octo","password":"sec:ret"}}}"#, "ghcr.io", octo),
        (#"{"auths":{"ghcr.io.evil.example":\#(auth)}}"#, "ghcr.io", .none), (#"{"auths":{"ghcr.io":{}}}"#, "ghcr.io", .none),
        ("{}", "ghcr.io", .none),
        (#"{"auths":{"ghcr.io":{}},"credsStore":"desktop"}"#, "ghcr.io", .helper(name: "desktop", server: "ghcr.io")),
        (#"{"credsStore":"desktop","credHelpers":{"ghcr.io":"gh"}}"#, "ghcr.io", .helper(name: "gh", server: "ghcr.io")),
        (#"{"credsStore":"desktop"}"#, "docker.io", .helper(name: "desktop", server: "https://index.docker.io/v1/")),
    ])
    func `reads docker's configuration`(json: String, host: String, expected: DockerCredentials) throws {
        #expect(try Credentials.fromDockerConfig(Array(json.utf8), host: host) == expected)
    }

    @Test(arguments: [
        "", "[]", #"{"auths":{"ghcr.io":{"auth":"hunter2!"}}}"#, #"{"auths":{"ghcr.io":{"auth":"aHVudGVyMg=="}}}"#,
        #"{"auths":{"ghcr.io":{"auth":["hunter2"]}}}"#,
    ])
    func `refuses a broken one without quoting it`(json: String) {
        #expect { try Credentials.fromDockerConfig(Array(json.utf8), host: "ghcr.io") } throws: { error in
            (error as? RegistryError)?.code == .invalidName && !"\(error)".contains("hunter2")
        }
    }

    @Test func `finds the file by DOCKER_CONFIG, then by HOME`() throws {
        let home = FileManager.default.temporaryDirectory.appendingPathComponent("shipit-docker-\(UUID())")
        defer { try? FileManager.default.removeItem(at: home) }
        let folder = home.appendingPathComponent(".docker")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try Data(#"{"auths":{"ghcr.io":\#(Self.auth)}}"#.utf8).write(to: folder.appendingPathComponent("config.json"))
        #expect(try DockerCredentials.read(environment: ["HOME": home.path], host: "ghcr.io") == Self.octo)
        #expect(
            try DockerCredentials.read(environment: ["DOCKER_CONFIG": folder.path, "HOME": "/x"], host: "ghcr.io") == Self.octo)
        #expect(try DockerCredentials.read(environment: ["DOCKER_CONFIG": home.path], host: "ghcr.io") == .none)
        #expect(try DockerCredentials.read(environment: [:], host: "ghcr.io") == .none)
    }

    @Test func `reads a helper's answer`() throws {
        let json = #"{"ServerURL":"ghcr.io","Username":"octo","Secret":"hunter2"}"#
        #expect(try Credentials(helperOutput: Array(json.utf8)) == Credentials(user: "octo", password: "hunter2"))
        #expect(throws: RegistryError.self) { try Credentials(helperOutput: Array("hunter2".utf8)) }
    }

    @Test func `never prints a password`() {
        let credentials = Credentials(user: "octo", password: "hunter2")
        var dumped = ""
        dump(credentials, to: &dumped)
        for text in ["\(credentials)", String(reflecting: credentials), dumped, "\(DockerCredentials.found(credentials))"] {
            #expect(!text.contains("hunter2"))
        }
    }
}
