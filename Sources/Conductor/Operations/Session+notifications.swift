public import Pipeline

/// What became of a message that was sent to see whether it arrives.
public struct NotificationTrial: Sendable, Encodable {
    /// Which entry of `notifications` it is.
    public var name: String
    /// What it looked like.
    public var occasion: Recipient.Occasion
    /// Why it is not there; nil when it is.
    ///
    /// No secret is in it.
    public var problem: String?
}

extension Session {
    /// Sends a trial to each whom the project in the work tree names, once and all at the same time.
    ///
    /// - Parameter occasion: what it shall look like, and so whom it goes to; nil for each one's first.
    public func tryNotifications(_ occasion: Recipient.Occasion?) async throws(Refusal) -> [NotificationTrial] {
        let project = try await project(at: workTree)
        let chosen = (project.notifications ?? []).enumerated().compactMap { index, recipient in
            recipient.occasions.first { occasion == nil || $0 == occasion }.map { ($0, index + 1, recipient) }
        }
        guard !chosen.isEmpty else {
            throw Refusal(
                .badInput, "The project names nobody who is told\(occasion.map { " of '\($0.rawValue)'" } ?? "").",
                remedy: "Add 'notifications' to \(Workspace.projectFile): see docs/notifications.md.")
        }
        let run = world.runID()
        return await withTaskGroup(of: (Int, NotificationTrial).self) { group in
            for (occasion, number, recipient) in chosen {
                let delivery = Delivery(tools: tools, project: project, number: number, recipient: recipient, retries: 0)
                let trial = Announcement(trying: occasion, in: project, run: run, by: world.actor, at: world.now())
                group.addTask {
                    let why = await delivery.send(trial)
                    let problem = why.map { tools.vault.redact($0).onOneLine }
                    return (number, NotificationTrial(name: delivery.name, occasion: occasion, problem: problem))
                }
            }
            var trials: [(Int, NotificationTrial)] = []
            for await trial in group { trials.append(trial) }
            return trials.sorted { $0.0 < $1.0 }.map(\.1)
        }
    }
}
