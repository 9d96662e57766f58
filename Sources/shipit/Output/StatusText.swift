import Conductor
import Pipeline

/// Where everything stands, for people.
struct StatusText {
    let text: String

    init(_ status: ProjectStatus, hasColour: Bool) {
        let paint = Paint(isOn: hasColour)
        var environments = Table(["ENVIRONMENT", "RUNS", "SINCE", "BY", "VERDICT", "LAST GOOD"])
        for view in status.environments {
            let current = view.environment.current
            environments.add(
                paint(view.environment.name.text, .bold), current.map { String($0.commit.prefix(12)) } ?? "nothing",
                current.map { Moment.text($0.at) } ?? "", current?.by ?? "", current.map { paint.state($0.verdict) } ?? "",
                view.environment.lastGood.map { String($0.commit.prefix(12)) } ?? "")
        }
        var lines = [environments.text]
        for view in status.environments {
            if let hold = view.environment.hold {
                lines.append(
                    paint("\(view.environment.name) is held by \(hold.by) since \(Moment.text(hold.at)): \(hold.reason)", .yellow)
                )
            }
            if let drift = view.environment.drift, drift.count > 0 {
                let names = drift.objects.map(\.name).named(atMost: 5, of: drift.count)
                lines.append(
                    paint(
                        "\(view.environment.name) was changed by hand, seen by \(drift.by) at \(Moment.text(drift.at)): \(names)",
                        .yellow))
                lines.append("  → what exactly: shipit diff \(view.environment.name) --live")
            }
            if let lease = view.lease {
                lines.append(paint("\(view.environment.name) is being changed by \(LeaseText(lease).text)", .blue))
            }
        }
        for approval in status.approvals {
            lines.append(
                paint(
                    "run \(approval.run) waits for approval of change \(approval.sum.prefix(12)) to \(approval.environment)",
                    .yellow))
            lines.append("  → shipit approve \(approval.run) --continue")
        }
        if !status.runs.isEmpty { lines += ["", HistoryText.runs(status.runs, hasColour: hasColour)] }
        text = lines.joined(separator: "\n")
    }
}
