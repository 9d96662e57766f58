import Foundation
import Processes
import Shops
import Testing

/// A terminal of some size with a shell in it: a tmux server of its own, whose screen a test can read.
struct Tmux {
    private let socket: String
    private let variables: [String: String]

    /// Starts a shell in a checkout, hands it to `body`, and ends it.
    static func with(_ checkout: some Checkout, columns: Int, rows: Int, _ body: (Tmux) async throws -> Void) async throws {
        var variables = checkout.variables
        variables["TERM"] = "xterm-256color"
        variables["LC_ALL"] = "C.UTF-8"
        for name in ["NO_COLOR", "TMUX", "SHIPIT_PROGRESS"] { variables[name] = nil }
        let terminal = Tmux(socket: "\(checkout.folder)/.git/tmux", variables: variables)
        try await World.run {
            try await terminal.tmux(
                "-f", "/dev/null", "new-session", "-d", "-x", "\(columns)", "-y", "\(rows)", "-c", checkout.folder,
                "PS1='$ ' exec bash --norc --noprofile")
            try await body(terminal)
        } andAlways: {
            _ = try? await terminal.tmux("kill-server")
        }
    }

    /// Types a line and Enter.
    func type(_ line: String) async throws {
        try await tmux("send-keys", "-l", line)
        try await press("Enter")
    }

    /// Presses a key, as tmux names it.
    func press(_ key: String) async throws {
        try await tmux("send-keys", key)
    }

    /// Makes the terminal another size, and whoever runs in it is told at once.
    ///
    /// tmux tells sizes no more often than every 250 ms (`server_client_check_pane_resize`), and wraps what is on the screen before it
    /// does: a program that draws in between draws for a terminal that is gone, and cannot know it.
    func resize(_ columns: Int, _ rows: Int) async throws {
        try await Task.sleep(for: .seconds(1))
        try await tmux("resize-window", "-x", "\(columns)", "-y", "\(rows)")
    }

    /// Waits until the screen holds `words`, and answers it.
    @discardableResult
    func shows(_ words: String) async throws -> String {
        // What was typed is on the screen too.
        try await shows { $0.split(separator: "\n").contains { $0.contains(words) && !$0.contains("echo code") } }
    }

    /// Waits until something on the screen matches, and answers it.
    @discardableResult
    func shows(_ pattern: some RegexComponent) async throws -> String {
        try await shows { $0.contains(pattern) }
    }

    /// Waits until the screen is as it should be, and answers it.
    @discardableResult
    func shows(_ isRight: (String) -> Bool) async throws -> String {
        let clock = ContinuousClock()
        let end = clock.now + .seconds(600)
        var text = ""
        while clock.now < end {
            text = try await tmux("capture-pane", "-p").trimmingCharacters(in: .newlines)
            if isRight(text) { return text }
            try await clock.sleep(for: .milliseconds(50))
        }
        throw World.BadEnd(text: "the screen never became what it should be:\n\(text)")
    }

    var isCursorVisible: Bool {
        get async throws { try await tmux("display-message", "-p", "#{cursor_flag}").hasPrefix("1") }
    }

    @discardableResult
    private func tmux(_ arguments: String...) async throws -> String {
        let command = Command(
            "tmux", ["-S", socket] + arguments, environment: variables, deadline: .seconds(300))
        let captured = try await capture(command)
        guard captured.outcome.succeeded else { throw World.BadEnd(text: "tmux \(arguments): \(captured.errorText)") }
        return captured.text
    }
}
