import CanonicalJSON
import Conductor
import Glibc
import Pipeline
import Synchronization

/// The one door for output: plain lines for people, JSON lines for programs; nothing passes it unredacted.
final class Door: Sendable {
    /// Plain for people, JSON for programs.
    enum Form {
        case plain
        case json
    }

    /// The process has one standard output, and so one door.
    static let shared = Door(form: CommandLine.arguments.contains("--json") ? .json : .plain)

    let form: Form
    /// Whether standard output is a terminal that shows colour: see no-color.org.
    let hasColour: Bool
    private let vault = Mutex<Vault?>(nil)
    private let progress: Mutex<ProgressText>

    init(form: Form) {
        self.form = form
        let isColourless = unsafe getenv("NO_COLOR") != nil
        let terminal = unsafe getenv("TERM").map { unsafe String(cString: $0) }
        hasColour = form == .plain && isatty(STDOUT_FILENO) == 1 && !isColourless && terminal != "dumb"
        progress = Mutex(ProgressText(hasColour: hasColour))
    }

    /// Keeps the secrets of `vault` out of everything that follows.
    func keepOut(_ vault: Vault) {
        self.vault.withLock { $0 = vault }
    }

    /// Prints a command's answer: `payload` for programs, `text` for people.
    func answer<Payload: Encodable>(_ payload: @autoclosure () -> Payload, _ text: @autoclosure () -> String) {
        switch form {
        case .json: write(String(decoding: Canonical.bytes(of: payload()), as: UTF8.self), to: STDOUT_FILENO)
        case .plain: write(text(), to: STDOUT_FILENO)
        }
    }

    /// Shows what happens while a run is driven.
    func show(_ event: Progress) {
        switch form {
        case .json:
            guard let payload = ProgressPayload(event) else { return }
            write(String(decoding: Canonical.bytes(of: payload), as: UTF8.self), to: STDOUT_FILENO)
        case .plain:
            guard let text = progress.withLock({ $0.text(for: event) }) else { return }
            write(text, to: STDOUT_FILENO)
        }
    }

    /// Tells a person something by the way; programs are not told.
    func note(_ text: String) {
        guard form == .plain else { return }
        write(text, to: STDERR_FILENO)
    }

    /// Says why a command was not carried out.
    func refuse(_ refusal: Refusal) {
        switch form {
        case .json:
            write(String(decoding: Canonical.bytes(of: RefusalPayload(refusal)), as: UTF8.self), to: STDOUT_FILENO)
        case .plain:
            write(RefusalText(refusal, hasColour: hasColour).text, to: STDERR_FILENO)
        }
    }

    /// Prints what the argument parser says.
    func usage(_ text: String, isError: Bool) {
        write(text, to: isError ? STDERR_FILENO : STDOUT_FILENO)
    }

    /// Copies the bytes of a log, which were redacted before they were kept.
    func copy(_ bytes: [UInt8]) {
        Self.writeAll(bytes, to: STDOUT_FILENO)
    }

    private func write(_ text: String, to descriptor: Int32) {
        let clean = vault.withLock { $0?.redact(text) ?? text }
        Self.writeAll(Array((clean.hasSuffix("\n") ? clean : clean + "\n").utf8), to: descriptor)
    }

    /// A reader that went away is no reason to stop what we do: what cannot be written is dropped.
    private static func writeAll(_ bytes: [UInt8], to descriptor: Int32) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count > 0 { rest = rest.dropFirst(count) } else if count < 0, errno != EINTR { return }
        }
    }
}
