import Pipeline
import Processes
import Redaction
import RemoteStores
import Synchronization

/// Resolves references as late as possible, and knows every secret that was resolved, so that it can be kept out of what is shown.
///
/// A lock, because output is redacted on whatever task writes it, without waiting.
public final class Vault: Sendable {
    private struct State {
        var values: [SecretReference: String] = [:]
        var redactor = Redactor([])
    }

    private let state = Mutex(State())
    private let variables: [String: String]
    private let root: String

    /// A vault for work in `workspace`, which knows the secrets of the ledger's API that are in the variables already.
    public init(for workspace: Workspace, in world: World) {
        variables = world.variables
        root = workspace.root
        learnBearers()
    }

    /// What keeps everything known so far out of a text.
    var redactor: Redactor { state.withLock { $0.redactor } }

    /// The text without any secret known so far.
    public func redact(_ text: String) -> String { redactor.redact(text) }

    /// Learns a secret that somebody has got, and that no reference leads to.
    public func learn(_ secret: String) {
        guard let secret = try? Secret(secret, from: "what was got") else { return }
        add([secret])
    }

    /// Learns what the ledger's API and GitHub know us by, whether or not either is asked: a child may print it, too.
    private func learnBearers() {
        if let token = try? APIToken(variables: variables) { learn(token.text) }
        if let identity = try? JobIdentity(variables: variables) { learn(identity.secret) }
    }

    /// Learns the secrets that are in our own variables already: a child may print what it inherited.
    func learn(from project: Project) {
        for case .environment(let name) in project.references {
            guard let value = variables[name] else { continue }
            // One that is too short is refused where it is used; it is not used here.
            try? remember(value, of: .environment(name))
        }
    }

    /// The value with every reference in it resolved.
    ///
    /// - Parameter isSecret: false for what is by nature no secret, such as a user's name.
    func resolve(_ value: ConfigValue, for use: String, isSecret: Bool = true) async throws(StageFailure) -> String {
        var text = ""
        for part in value.parts {
            switch part {
            case .text(let piece): text += piece
            case .reference(let reference): text += try await resolve(reference, for: use, isSecret: isSecret)
            }
        }
        return text
    }

    private func resolve(_ reference: SecretReference, for use: String, isSecret: Bool) async throws(StageFailure) -> String {
        if let known = state.withLock({ $0.values[reference] }) { return known }
        let value = try await read(reference, for: use)
        if isSecret {
            try remember(value, of: reference)
            state.withLock { $0.values[reference] = value }
        }
        return value
    }

    private func remember(_ value: String, of reference: SecretReference) throws(StageFailure) {
        var found: [Secret] = []
        do {
            found.append(try Secret(value, from: reference.description))
        } catch {
            throw StageFailure(
                "secret-refused",
                "The secret \(reference) cannot be used: it has fewer than 8 bytes, too few to be kept out of output.",
                remedy: "Use a longer secret; write a value that is no secret into project.yml as it is.")
        }
        // A program that is given an address may print the password in it alone.
        if let password = Self.password(in: value), let secret = try? Secret(password, from: reference.description) {
            found.append(secret)
        }
        add(found)
    }

    private func add(_ secrets: [Secret]) { state.withLock { $0.redactor = $0.redactor.adding(secrets) } }

    private func read(_ reference: SecretReference, for use: String) async throws(StageFailure) -> String {
        switch reference {
        case .environment(let name):
            guard let value = variables[name], !value.isEmpty else {
                throw StageFailure(
                    "secret-missing", "\(use) wants the variable \(name), which is not set.",
                    remedy: "Set \(name) and run the command again.")
            }
            return value
        case .file(let path):
            let place = path.hasPrefix("/") ? path : "\(root)/\(path)"
            guard let bytes = try? FileContent.read(place, limit: 1 << 20) else {
                throw StageFailure(
                    "secret-missing", "\(use) wants the file \(path), which cannot be read.",
                    remedy: "Create it, readable by you alone.")
            }
            return Self.withoutLineEnd(String(decoding: bytes, as: UTF8.self))
        case .command(let words):
            return try await output(of: words, for: use)
        }
    }

    private func output(of words: [String], for use: String) async throws(StageFailure) -> String {
        let command = Command(
            words[0], Array(words.dropFirst()), environment: variables, workingDirectory: root, deadline: .seconds(30))
        let captured: Captured
        do throws(ProcessError) {
            captured = try await capture(command, limit: 1 << 20)
        } catch {
            throw StageFailure("secret-missing", "\(use) wants what '\(words[0])' prints: \(error.description)")
        }
        guard captured.outcome.succeeded else {
            throw StageFailure(
                "secret-missing",
                "\(use) wants what '\(words[0])' prints, but it ended with \(captured.outcome.termination.words).",
                remedy: "Run '\(words.joined(separator: " "))' yourself and see what it says.")
        }
        return Self.withoutLineEnd(captured.text)
    }

    private static func withoutLineEnd(_ text: String) -> String {
        var text = text
        while let last = text.unicodeScalars.last, last == "\n" || last == "\r" { text.unicodeScalars.removeLast() }
        return text
    }

    /// The password of `scheme://user:password@host`, as it stands there (RFC 3986, section 3.2.1).
    private static func password(in address: String) -> String? {
        guard let scheme = address.firstRange(of: "://") else { return nil }
        let authority = address[scheme.upperBound...].prefix { $0 != "/" && $0 != "?" }
        guard let at = authority.lastIndex(of: "@"), let colon = authority[..<at].firstIndex(of: ":") else { return nil }
        return String(authority[authority.index(after: colon)..<at])
    }
}

extension Processes.Outcome.Termination {
    /// How a program ended, in words.
    var words: String {
        switch self {
        case .exited(let code): "exit code \(code)"
        case .signaled(let signal): "signal \(signal)"
        }
    }
}
