import CPostgres

/// One connection of libpq; belongs to one actor, which may block, and waits with `poll`, never inside libpq.
@safe final class Session {
    let connection: OpaquePointer
    /// Whether the server may keep statements for this session, which then is the server's own from its beginning to its end.
    var keepsStatements = false
    /// The names of those it keeps, by their SQL.
    private var kept: [String: String] = [:]
    private var names = 0

    deinit {
        unsafe PQfinish(connection)
    }

    /// Takes over `connection`, which it will end.
    init(taking connection: OpaquePointer) {
        unsafe self.connection = connection
    }

    /// Whether the server is there, as far as is known.
    private var isAlive: Bool { unsafe PQstatus(connection) == CONNECTION_OK }

    /// Whether the next statement can be sent: the server is there and is not busy with one that was given up.
    var isReady: Bool { unsafe isAlive && PQtransactionStatus(connection) != PQTRANS_ACTIVE }

    /// Whether a transaction is open, failed or not.
    var isInTransaction: Bool {
        let status = unsafe PQtransactionStatus(connection)
        return status == PQTRANS_INTRANS || status == PQTRANS_INERROR
    }

    /// Sends one statement with its parameters; `results` gives the answer.
    func send(_ sql: String, _ values: [Value]) throws(PostgresError) {
        try check(sql, values)
        try sendChecked(sql, values)
    }

    private func check(_ sql: String, _ values: [Value]) throws(PostgresError) {
        try refuseZero(in: sql)
        guard !values.contains(where: \.holdsZero) else {
            throw PostgresError(.other, "A text parameter holds a zero byte, which PostgreSQL cannot store.")
        }
    }

    private func sendChecked(_ sql: String, _ values: [Value], keptAs name: String? = nil) throws(PostgresError) {
        let wires = values.map(\.wire)
        let (lengths, formats) = (wires.map { Int32($0?.count ?? 0) }, values.map(\.format))
        let sent = unsafe withPointers(to: wires) { pointers in
            if let name {
                unsafe PQsendQueryPrepared(connection, name, Int32(values.count), pointers, lengths, formats, 0)
            } else {
                unsafe PQsendQueryParams(
                    connection, sql, Int32(values.count), values.map(\.type), pointers, lengths, formats, 0)
            }
        }
        guard sent == 1 else { throw lost() }
    }

    /// Sends statements without waiting for each other's answers, and waits for all of these: one for each statement.
    ///
    /// After a failure the others were not run.
    func results(pipeline: [Statement], _ watch: Watch) throws(PostgresError) -> [Answer] {
        // All of them first: what is half sent cannot be taken back.
        for statement in pipeline { try check(statement.sql, statement.values) }
        guard unsafe PQenterPipelineMode(connection) == 1 else { throw lost() }
        var known = kept
        // The places of the statements before which the server is asked to keep them.
        var asked: Set<Int> = []
        for (place, statement) in pipeline.enumerated() {
            let isKept = statement.isKept && keepsStatements
            if isKept, known[statement.sql] == nil {
                known[statement.sql] = try ask(toKeep: statement)
                asked.insert(place)
            }
            try sendChecked(statement.sql, statement.values, keptAs: isKept ? known[statement.sql] : nil)
        }
        guard unsafe PQpipelineSync(connection) == 1 else { throw lost() }
        var patience = Patience(watch: watch)
        try flush(&patience)
        var all: [Answer] = []
        for (place, statement) in pipeline.enumerated() {
            if asked.contains(place) {
                let answer = try answers(&patience)
                if case .result? = answer.first {
                    kept[statement.sql] = known[statement.sql]
                } else {
                    // Why it was refused; what comes behind it was not run.
                    all += answer
                }
            }
            all += try answers(&patience)
        }
        // The server's word that it is at the end.
        if let end = unsafe try next(&patience) { unsafe PQclear(end) }
        guard unsafe PQexitPipelineMode(connection) == 1 else { throw lost() }
        return all
    }

    private func ask(toKeep statement: Statement) throws(PostgresError) -> String {
        names += 1
        let name = "shipit\(names)"
        let types = statement.values.map(\.type)
        guard unsafe PQsendPrepare(connection, name, statement.sql, Int32(types.count), types) == 1 else { throw lost() }
        return name
    }

    /// Sends a script of any number of statements.
    func send(script: String) throws(PostgresError) {
        try refuseZero(in: script)
        guard unsafe PQsendQuery(connection, script) == 1 else { throw lost() }
    }

    /// C text ends at a zero byte: what stands behind it would silently not be run.
    private func refuseZero(in sql: String) throws(PostgresError) {
        guard !sql.utf8.contains(0) else { throw PostgresError(.syntax, "The SQL holds a zero byte; remove it.") }
    }

    /// Waits for all answers to what was sent.
    ///
    /// When the watch ends, the server is asked to stop, and what comes of that is read.
    func results(_ watch: Watch) throws(PostgresError) -> [Answer] {
        var patience = Patience(watch: watch)
        try flush(&patience)
        return try answers(&patience)
    }

    /// How long we wait, and whether the server was asked to stop.
    private struct Patience {
        var watch: Watch
        var interruption: Watch.Event?
    }

    private func wait(_ patience: inout Patience, writing: Bool) throws(PostgresError) {
        switch unsafe patience.watch.wait(for: PQsocket(connection), writing: writing) {
        case .ready:
            guard unsafe PQconsumeInput(connection) == 1 else { throw lost() }
        case let event:
            // Asked once, the server gets five seconds to agree; then the session is given up.
            guard patience.interruption == nil else { throw lost() }
            patience.interruption = event
            cancel()
            patience.watch = Watch(patience.watch.wake, for: .seconds(5), heedsCancellation: false)
        }
    }

    private func flush(_ patience: inout Patience) throws(PostgresError) {
        while case let left = unsafe PQflush(connection), left != 0 {
            guard left == 1 else { throw lost() }
            try wait(&patience, writing: true)
        }
    }

    private func next(_ patience: inout Patience) throws(PostgresError) -> OpaquePointer? {
        while unsafe PQisBusy(connection) == 1 { try wait(&patience, writing: false) }
        return unsafe PQgetResult(connection)
    }

    /// The answers to one thing that was sent.
    private func answers(_ patience: inout Patience) throws(PostgresError) -> [Answer] {
        var answers: [Answer] = []
        while let result = unsafe try next(&patience) {
            let answer = unsafe Answer(taking: result, interruption: patience.interruption, isAlive: isAlive)
            answers.append(answer)
            // In copy mode the server would wait for ever; the session is of no use then.
            if case .copy = answer { return answers }
        }
        return answers
    }

    private func cancel() {
        guard let handle = unsafe PQgetCancel(connection) else { return }
        // When this fails the wait for an answer ends by itself, with the session.
        var text = [CChar](repeating: 0, count: 256)
        _ = unsafe PQcancel(handle, &text, 256)
        unsafe PQfreeCancel(handle)
    }

    private func lost() -> PostgresError {
        let text = unsafe PostgresError.firstLine(PQerrorMessage(connection))
        return PostgresError(.connectionLost, "The connection to PostgreSQL was lost: \(text).")
    }

    /// What came on the channels listened to, oldest first: all that is there, or the first to come in time; none when it is late.
    func takeNotifications(_ watch: Watch) throws(PostgresError) -> [String] {
        var texts: [String] = []
        while true {
            while let notification = unsafe PQnotifies(connection) {
                unsafe texts.append(String(cString: notification.pointee.extra))
                unsafe PQfreemem(notification)
            }
            guard texts.isEmpty else { return texts }
            switch unsafe watch.wait(for: PQsocket(connection)) {
            case .ready: guard unsafe PQconsumeInput(connection) == 1, isAlive else { throw lost() }
            case .late: return []
            case .cancelled: throw PostgresError(.cancelled, "Waiting for a notification was cancelled.")
            }
        }
    }

    /// `name` in double quotes, for the few statements that take no parameters.
    func quoted(_ name: String) throws(PostgresError) -> String {
        try refuseZero(in: name)
        guard let text = unsafe PQescapeIdentifier(connection, name, name.utf8.count) else { throw lost() }
        defer { unsafe PQfreemem(text) }
        return unsafe String(cString: text)
    }
}
