import Pipeline

extension LiveView {
    /// The lines to draw, none wider than `width`, at most `height`.
    ///
    /// What matters most comes first where not all fits: the run as a whole, what failed, waits or is under way, the newest output,
    /// what comes next.
    ///
    /// - Parameters:
    ///   - width: columns.
    ///   - height: lines.
    ///   - now: the time, in milliseconds since 1970.
    ///   - paint: the colours.
    func lines(width: Int, height: Int, now: Int64, paint: Paint) -> [String] {
        guard height > 0, width > 0 else { return [] }
        var lines = run == nil ? [] : [header(width, now, paint)]
        for (environment, wait) in waits.sorted(by: { $0.key < $1.key }) where wait.until > now {
            let text =
                "… waiting for \(environment), up to \(Moment.span(wait.until - now)) more: it is being changed by \(wait.holder)"
            lines.append(paint(TerminalText.cut(text, to: width), .yellow))
        }
        let room = height - lines.count
        let under = numbers(.active, .pausing, .doubted)
        let output = recent(width, atMost: min(5, room / 3), paint)
        lines += stages(under, room: room - output.count, width, now, paint)
        return Array((lines + output).prefix(height))
    }

    /// The run as a whole; what matters least is left out first where not all fits.
    private func header(_ width: Int, _ now: Int64, _ paint: Paint) -> String {
        let failed = numbers(.failed, .undecided).count
        var parts: [(text: String, worth: Int, colour: Paint.Colour)] = [
            ("run \(run ?? "")", 3, .bold), (reason, 0, .dim), ("\(doneCount) of \(wanted) done", 4, .green),
        ]
        if failed > 0 { parts.append(("\(failed) failed", 7, .red)) }
        if leftCount > 0 { parts.append(("\(leftCount) blocked", 1, .yellow)) }
        if isStopping { parts.append(("stopping", 8, .yellow)) }
        parts.append((Moment.span(max(0, now - began)), 5, .blue))
        if let rest = rest(now), !isStopping { parts.append(("about \(Moment.rough(rest)) left", 2, .dim)) }
        parts.removeAll { $0.text.isEmpty }
        while parts.count > 1,
            parts.reduce(-3, { $0 + TerminalText.width($1.text) + 3 }) > width,
            let least = parts.indices.min(by: { parts[$0].worth < parts[$1].worth })
        {
            parts.remove(at: least)
        }
        if parts.count == 1 { return paint(TerminalText.cut(parts[0].text, to: width), parts[0].colour) }
        return parts.map { paint($0.text, $0.colour) }.joined(separator: paint(" · ", .dim))
    }

    /// The time that is left until nothing more can be done without a person; nil when nobody can tell.
    private func rest(_ now: Int64) -> Int64? {
        guard !usual.isEmpty else { return nil }
        let rest = Forecast(predecessors: predecessors, jobs: jobs).rest { number in
            switch rows[number].standing {
            case .done, .left, .failed: return .over
            case .waiting, .undecided: return .open
            case .open, .active, .pausing, .doubted:
                guard let span = usual[number] else { return rows[number].isApproval ? .open : .unknown }
                guard case .active = rows[number].standing, let since = rows[number].since else { return .takes(span) }
                return .takes(max(0, span - (now - since)))
            }
        }
        return rest.flatMap { $0 > 0 ? $0 : nil }
    }

    /// A line for each stage that matters now, then for those to come, as far as they fit.
    private func stages(_ under: [Int], room: Int, _ width: Int, _ now: Int64, _ paint: Paint) -> [String] {
        guard room > 0 else { return [] }
        let waiting = numbers(.waiting)
        let failed = numbers(.failed, .undecided)
        let all = failed.count + waiting.count + under.count
        var drawn: [Int]
        var rest: [String] = []
        if all <= room {
            drawn = failed + waiting + under
        } else {
            // One line says what is not drawn. Of the others what is under way gets at least half.
            let lines = room - 1
            let quiet = min(failed.count + waiting.count, max(lines - under.count, lines / 2))
            drawn = Array((failed + waiting).prefix(quiet)) + under.prefix(lines - quiet)
            rest = [
                (max(0, failed.count - quiet), "failed"),
                (max(0, waiting.count - max(0, quiet - failed.count)), "waiting"),
                (max(0, under.count - (lines - quiet)), "under way"),
            ].filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }
        }
        let toCome = shown[.open, default: []].count
        var next: [Int] = []
        let free = room - drawn.count - (rest.isEmpty ? 0 : 1)
        if free > 0 { next = upcoming(toCome <= free ? free : min(free - 1, 12)) }
        if toCome > next.count, free > 0 { rest.append("\(toCome - next.count) to come") }
        let columns = Columns(of: drawn + next, in: self, width, now)
        var lines = drawn.map { line($0, columns, isAlone: under.count == 1, paint) }
        lines += next.map { line($0, columns, isAlone: false, paint) }
        if !rest.isEmpty, lines.count < room {
            lines.append(paint(TerminalText.cut("… and \(rest.joined(separator: ", "))", to: width), .dim))
        }
        return lines
    }

    /// How wide what is.
    private struct Columns {
        let width: Int
        let isRoomy: Bool
        let name: Int
        let time: Int
        let times: [Int: String]

        init(of numbers: [Int], in view: LiveView, _ width: Int, _ now: Int64) {
            self.width = width
            isRoomy = width >= 70
            let longest = numbers.map { view.rows[$0].name.text.utf8.count }.max() ?? 0
            name = min(longest, max(8, width * 2 / 5))
            var times: [Int: String] = [:]
            for number in numbers { times[number] = view.time(of: number, now, isRoomy: isRoomy) }
            self.times = times
            time = times.values.map { TerminalText.width($0) }.max() ?? 0
        }

        /// What is left for words.
        var words: Int { width - 2 - name - (time > 0 ? time + 2 : 0) - 2 }
    }

    /// How long a stage has been at it, and how long it usually takes.
    private func time(of number: Int, _ now: Int64, isRoomy: Bool) -> String? {
        guard [.active, .doubted].contains(rows[number].standing), let since = rows[number].since else { return nil }
        let spent = Moment.span(max(0, now - since))
        guard isRoomy, let span = usual[number] else { return spent }
        return "\(spent) of ~\(Moment.rough(span))"
    }

    private func line(_ number: Int, _ columns: Columns, isAlone: Bool, _ paint: Paint) -> String {
        let row = rows[number]
        let (mark, colour) = row.standing.mark
        let isOpen = row.standing == .open
        let name = TerminalText.pad(row.name.text, to: columns.name)
        var line = "\(paint(mark, colour)) \(isOpen ? paint(name, .dim) : name)"
        var room = columns.words
        if let time = columns.times[number] ?? (columns.isRoomy ? "" : nil), columns.time > 0 {
            line += "  " + paint(TerminalText.pad(time, to: columns.time), .blue)
        } else if columns.time > 0 {
            // Where columns are few, who has no time to tell has more for words.
            room += columns.time + 2
        }
        if room >= 8 {
            let words = TerminalText.cut(words(on: number, isAlone: isAlone), to: room)
            switch row.standing {
            case .failed, .undecided: line += "  " + paint(words, .red)
            case .waiting, .pausing, .doubted: line += "  " + paint(words, .yellow)
            default: line += "  " + (isOpen ? paint(words, .dim) : words)
            }
        }
        return line
    }

    /// What a stage does, or why it does not.
    private func words(on number: Int, isAlone: Bool) -> String {
        let row = rows[number]
        switch row.standing {
        case .active:
            let activity = activities[number]
            // Where it is the only one, its lines are below.
            return activity?.headline ?? (isAlone ? nil : activity?.lines.last { !$0.isEmpty }) ?? row.summary
        case .open:
            let before = predecessors[number].filter { rows[$0].standing != .done }.map { rows[$0].name.text }
            return before.isEmpty ? "next" : "after " + before.joined(separator: ", ")
        default: return row.text
        }
    }

    /// The newest lines of what is under way.
    private func recent(_ width: Int, atMost count: Int, _ paint: Paint) -> [String] {
        guard count > 0 else { return [] }
        let lines = tail.filter { activities[$0.stage] != nil }.suffix(count)
        let isMixed = Set(lines.map(\.stage)).count > 1
        let longest = isMixed && width >= 60 ? lines.map { rows[$0.stage].name.text.utf8.count }.max() ?? 0 : 0
        let column = min(longest, width / 4)
        return lines.map { number, text in
            let name = column > 0 ? TerminalText.pad(rows[number].name.text, to: column) + " " : ""
            let prefix = "  \(name)│ "
            return paint(prefix, .dim) + TerminalText.cut(text, to: max(0, width - TerminalText.width(prefix)))
        }
    }

    private func numbers(_ standings: Standing...) -> [Int] {
        standings.reduce(into: []) { $0 += shown[$1] ?? [] }.sorted()
    }

    /// The first stages of which the turn will come, at most `count`, in the plan's order.
    private func upcoming(_ count: Int) -> [Int] {
        guard count > 0 else { return [] }
        return Array(rows.indices[firstOpen...].lazy.filter { rows[$0].standing == .open }.prefix(count))
    }
}

extension LiveView.Standing {
    /// The sign before a stage: never the only thing that tells, since the words do too.
    fileprivate var mark: (String, Paint.Colour) {
        switch self {
        case .open, .left: ("◇", .dim)
        case .active: ("▶", .blue)
        case .pausing: ("↺", .yellow)
        case .doubted: ("?", .yellow)
        case .waiting: ("⏸", .yellow)
        case .failed: ("✗", .red)
        case .undecided: ("?", .red)
        case .done: ("✓", .green)
        }
    }
}
