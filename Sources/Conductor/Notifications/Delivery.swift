import HTTP
import Pipeline
import Processes
import Records

/// The way of one announcement to one recipient: tried until it is there, or until trying is no use.
struct Delivery: Sendable {
    /// What one attempt came to.
    private enum Answer {
        case taken
        /// It may pass: how long the other side asks us to wait, and what happened.
        case later(Duration?, String)
        case refused(String)
    }

    let tools: Tools
    let project: Project
    /// The recipient's place in `notifications`, from 1.
    let number: Int
    let recipient: Recipient
    /// How many attempts may follow the first.
    var retries = policy.retries
    /// How long an attempt may take.
    var timeout = policy.timeout

    /// How long an attempt may take, how many more there are, and how long the first pause is.
    static let policy = StagePolicy(timeout: .seconds(5), retries: 5, backoff: .seconds(1))
    /// The longest pause that we let the other side ask for.
    private static let longestPause = Duration.seconds(60)
    /// What sendmail's kin say when another try may help: `EX_TEMPFAIL` of sysexits.h.
    private static let tryAgain: Int32 = 75

    /// Which entry of `notifications` it is.
    var name: String { "notification \(number) (\(recipient.channel.word))" }

    /// Resolves what the entry refers to, and finds its program.
    ///
    /// - Throws: what is missing, and how to get it.
    func check() async throws(StageFailure) {
        switch recipient.channel {
        case .webhook(let url, let key):
            _ = try await address(url, isSecret: false)
            guard WebhookMessage.isKey(try await tools.vault.resolve(key, for: name)) else { throw badKey }
        case .slack(let url), .teams(let url): _ = try await address(url, isSecret: true)
        case .mail(let words, _, _):
            do throws(ProcessError) {
                _ = try command(words, input: []).resolvedExecutable()
            } catch {
                throw StageFailure("program-missing", error.description, remedy: "Install \(words[0]), or correct PATH.")
            }
        }
    }

    /// Tells it.
    ///
    /// - Returns: why they do not know it; nil when they do.
    func send(_ announcement: Announcement) async -> String? {
        do throws(StageFailure) {
            switch recipient.channel {
            case .webhook(let url, let key):
                let address = try await address(url, isSecret: false)
                let key = try await tools.vault.resolve(key, for: name)
                guard WebhookMessage.isKey(key) else { throw badKey }
                let message = WebhookMessage(await complete(announcement))
                return await persist {
                    await post(message.body, to: address, message.headers(under: key, at: tools.world.now() / 1000))
                }
            case .slack(let url):
                let address = try await address(url, isSecret: true)
                let message = SlackMessage(await complete(announcement))
                return await persist { await post(message.body, to: address) }
            case .teams(let url):
                let address = try await address(url, isSecret: true)
                let message = TeamsMessage(await complete(announcement))
                return await persist { await post(message.body, to: address) }
            case .mail(let words, let from, let to):
                let message = MailMessage(await complete(announcement), from: from, to: to)
                return await persist { await run(command(words, input: message.bytes)) }
            }
        } catch {
            return error.failure.message
        }
    }

    /// The announcement with what the environment's journal adds to it, and without secrets: those of the address are known by now.
    private func complete(_ announcement: Announcement) async -> Announcement {
        var announcement = announcement
        if case .rolledBack = announcement.news, !announcement.isTrial, let environment = announcement.environment,
            let record = try? await tools.ledger.environment(environment)
        {
            let before = try? await tools.ledger.releases(of: record, before: announcement.run, limit: 1)
            announcement.news = .rolledBack(from: before?.first?.release.source.commit, hold: record.state.hold)
        }
        return announcement.redacted { tools.vault.redact($0).withoutControls }
    }

    /// An address to post to; one that is a secret is only handed to whoever proves who they are, or to this very machine.
    private func address(_ value: ConfigValue, isSecret: Bool) async throws(StageFailure) -> String {
        let text = try await tools.vault.resolve(value, for: name)
        // The texts of errors hold parts of an address, in a form that the vault may not know.
        guard let address = try? HTTPAddress(text) else {
            throw StageFailure(
                "secret-refused", "The address of \(name) is no HTTP address.", remedy: "Correct what it refers to.")
        }
        guard !isSecret || address.keepsSecrets else {
            throw StageFailure(
                "secret-refused", "The address of \(name) is a secret, and does not begin with https.",
                remedy: "Correct what it refers to.")
        }
        return text
    }

    private var badKey: StageFailure {
        StageFailure(
            "secret-refused", "The key of \(name) begins with 'whsec_', and what follows is not base64.",
            remedy: "Copy it whole from where the webhook was set up.")
    }

    private func persist(_ attempt: () async -> Answer) async -> String? {
        var number = 0
        while true {
            number += 1
            switch await attempt() {
            case .taken: return nil
            case .refused(let why): return why
            case .later(let asked, let why):
                let times = number == 1 ? why : "\(why), after \(number) attempts"
                guard number <= retries, asked ?? .zero <= Self.longestPause else { return times }
                let pause = Self.policy.pause(after: number, jitter: Int(tools.world.random() % 1001)).duration
                do { try await tools.world.sleep(max(pause, asked ?? .zero)) } catch { return times }
            }
        }
    }

    // MARK: One attempt

    /// No redirect is followed: what was signed for one address is not for another.
    private func post(_ body: [UInt8], to address: String, _ signature: [HTTPHeaders.Field] = []) async -> Answer {
        let headers = HTTPHeaders([HTTPHeaders.Field("Content-Type", "application/json")] + signature)
        let request = HTTPRequest(
            method: "POST", url: address, headers: headers, body: body, deadline: timeout.duration,
            responseLimit: 64 << 10)
        do throws(HTTPError) {
            return judge(try await tools.http.send(request))
        } catch {
            switch error.code {
            case .timedOut: return .later(nil, "no answer within \(timeout)")
            case .refused: return .later(nil, "nothing accepts connections there")
            case .cannotResolve: return .later(nil, "the host's name has no address")
            case .truncated, .other: return .later(nil, "the connection failed")
            case .cancelled: return .refused("there was no answer yet")
            case .tls: return .refused("no trusted TLS connection")
            case .invalidURL, .invalidHeader, .tooManyRedirects: return .refused("it cannot be posted there")
            // Whoever says that much has read it.
            case .tooLarge: return .taken
            }
        }
    }

    private func judge(_ response: HTTPResponse) -> Answer {
        switch response.status {
        case 200..<300: return .taken
        case 300..<400: return .refused("HTTP \(response.status), which leads elsewhere and is not followed")
        case 408, 429, 500...: return .later(response.headers.retryAfter, "HTTP \(response.status)")
        default:
            let said = String(decoding: response.body.prefix(400), as: UTF8.self).shortened(to: 100)
            return .refused("HTTP \(response.status)" + (said.isEmpty ? "" : ": \(said)"))
        }
    }

    private func command(_ words: [String], input: [UInt8]) -> Command {
        Command(
            words[0], Array(words.dropFirst()), environment: tools.variables(for: project),
            workingDirectory: tools.workspace.root, input: input, deadline: timeout.duration * 2,
            grace: .milliseconds(500))
    }

    /// A program that was ended is not started again: the mail may be on its way.
    private func run(_ command: Command) async -> Answer {
        let child = tools.children.place()
        defer { child.leave() }
        do throws(ProcessError) {
            let captured = try await capture(command, limit: 64 << 10, started: { child.take($0) })
            switch (captured.outcome.ended, captured.outcome.termination) {
            case (.byItself, .exited(0)): return .taken
            case (.deadline, _): return .refused("\(command.executable) did not end in time")
            case (.cancelled, _): return .refused("\(command.executable) had not ended yet")
            case (_, let termination):
                let last = captured.errorText.split(whereSeparator: \.isNewline).last.map { ": \(String($0).shortened(to: 100))" }
                let why = "\(command.executable) ended with \(termination.words)\(last ?? "")"
                return termination == .exited(Self.tryAgain) ? .later(nil, why) : .refused(why)
            }
        } catch {
            return .refused(error.description)
        }
    }
}
