import Foundation
import HTTP
import Processes
import Testing

/// The program `api` itself, on a port of its own.
struct APIProcess {
    /// Its path.
    private static let program = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../.build/debug/api")
        .standardized.path

    /// Where it listens, on 127.0.0.1.
    let port: Int
    let client = HTTPClient()

    /// Runs it with these variables while `body` runs, and gives what it logged.
    @discardableResult
    static func with(_ variables: [String: String], _ body: (APIProcess) async throws -> Void) async throws -> String {
        let log = Log()
        let (ports, told) = AsyncStream.makeStream(of: Int.self)
        let own = ["HOST": "127.0.0.1", "PORT": "0", "API_RATE": "0"]
        let environment = Command.inheritedEnvironment.merging(own) { $1 }.merging(variables) { $1 }
        let running = Task {
            defer { told.finish() }
            _ = try await run(Command(program, environment: environment)) { _, piece in
                if let port = await log.add(piece) { told.yield(port) }
            }
        }
        let outcome: Result<Void, any Error>
        if let port = await ports.first(where: { _ in true }) {
            do { outcome = .success(try await body(APIProcess(port: port))) } catch { outcome = .failure(error) }
        } else {
            outcome = .failure(CocoaError(.executableLoad, userInfo: [NSDebugDescriptionErrorKey: await log.text]))
        }
        running.cancel()
        _ = await running.result
        try outcome.get()
        return await log.text
    }

    /// What a request is answered: `text` is sent as JSON.
    func send(
        _ method: String, _ path: String, token: String? = nil, headers: [String: String] = [:], _ text: String? = nil
    ) async throws -> HTTPResponse {
        var fields = headers
        if let token { fields["Authorization"] = "Bearer \(token)" }
        if text != nil { fields["Content-Type"] = "application/json" }
        return try await client.send(
            HTTPRequest(
                method: method, url: "http://127.0.0.1:\(port)\(path)",
                headers: HTTPHeaders(fields.map { HTTPHeaders.Field($0.key, $0.value) }), body: text.map { Array($0.utf8) }))
    }
}

/// What the program logged until now.
private actor Log {
    private(set) var text = ""
    private var isTold = false

    /// Adds a piece; gives the port when it has just been said.
    func add(_ piece: [UInt8]) -> Int? {
        text += String(decoding: piece, as: UTF8.self)
        guard !isTold, let port = text.firstMatch(of: /listening on 127\.0\.0\.1:([0-9]+)"/)?.1 else { return nil }
        isTold = true
        return Int(port)
    }
}
