extension Environment {
    static let keys: [KeyForm] = [
        .required(
            "target", .mapping(Target.forms), "How a release is run: by docker compose or by helm",
            example: "{compose: {file: compose.yaml, project: shop-staging}}"),
        .optional(
            "database", .mapping(Database.keys), "The database that migrations go to", example: "{url: \"${env:DATABASE_URL}\"}"),
        .optional(
            "values", .entries(of: .text(.value)),
            "What the compose file may interpolate, or the chart's values by dotted path; secrets by reference",
            example: "{LOG_LEVEL: info}"),
        .optional(
            "checks", .list(of: .mapping(HTTPCheck.keys)), "What 'verify' asks, in order",
            example: "[{http: \"https://staging.example.org/health\"}]"),
        .optional(
            "approval", .choice(ApprovalPolicy.self), "Whether a person must approve what would change", example: "required",
            standard: "none"),
    ]

    static func read(_ node: YAMLNode, subject: String, reporting collector: DiagnosticCollector) -> Environment? {
        guard var fields = FieldReader(node, as: [keys], subject: subject, reporting: collector) else { return nil }
        if !fields.has("target") { fields.reportMissing("target") }
        let target = fields.node("target").flatMap { Target.read($0, of: subject, reporting: collector) }
        let database = fields.node("database").flatMap { Database.read($0, of: subject, reporting: collector) }
        var values: [String: ConfigValue] = [:]
        for entry in fields.mapping("values") {
            target?.check(value: entry, reporting: collector)
            guard case .scalar(let text) = entry.value.value else {
                collector.report(
                    .badValue, at: entry.value.location,
                    "value '\(entry.key)' of \(subject) is \(entry.value.sort), a text is wanted")
                continue
            }
            values[entry.key] = FieldReader.value(Located(text, at: entry.value.location), reporting: collector)
        }
        let checks = fields.list("checks").compactMap { HTTPCheck.read($0, of: subject, reporting: collector) }
        let approval: ApprovalPolicy = fields.choice("approval", of: "an approval policy") ?? .none
        fields.finish()
        guard let target else { return nil }
        return Environment(target: target, database: database, values: values, checks: checks, approval: approval)
    }
}

extension Database {
    static let keys: [KeyForm] = [
        .required(
            "url", .text(.database), "postgres://USER@HOST/DATABASE, or a reference to it; the password by reference",
            example: "${env:DATABASE_URL}"),
        .optional(
            "migrations", .text(.path), "The folder of migration files, relative to the repository's root",
            example: "migrations", standard: "migrations"),
    ]

    fileprivate static func read(_ node: YAMLNode, of owner: String, reporting collector: DiagnosticCollector) -> Database? {
        guard var fields = FieldReader(node, as: [keys], subject: "the database of \(owner)", reporting: collector) else {
            return nil
        }
        if !fields.has("url") { fields.reportMissing("url") }
        let url = fields.value("url")
        if let url, case .text(let start)? = url.parts.first, !start.hasPrefix("postgres://"), !start.hasPrefix("postgresql://") {
            collector.report(
                .badValue, at: fields.place(of: "url"), "the database's address is not PostgreSQL's",
                remedy: "write postgres://USER@HOST/DATABASE, or a reference to it")
        }
        if let url, holdsPassword(url) {
            collector.report(
                .badValue, at: fields.place(of: "url"), "a password stands in the database's address",
                remedy: "write ${env:NAME} in its place and change the password")
        }
        let migrations = FieldReader.relativePath(fields.text("migrations"), reporting: collector) ?? "migrations"
        fields.finish()
        return url.map { Database(url: $0, migrations: migrations) }
    }
}

extension Database {
    /// Whether a password stands in the address as text, in either place where libpq takes one: `USER:PASSWORD@` and `password=`.
    private static func holdsPassword(_ url: ConfigValue) -> Bool {
        let reference: Character = "\u{0}"
        let text = url.parts.map { if case .text(let text) = $0 { text } else { String(reference) } }.joined()
        let query = text.split(separator: "?", maxSplits: 1).dropFirst().first ?? ""
        let parameters = query.split(separator: "&").filter { $0.hasPrefix("password=") }.map { $0.dropFirst("password=".count) }
        let authority = text.split(separator: "//", maxSplits: 1).last ?? ""
        let user = authority.lastIndex(of: "@").map { authority[..<$0] } ?? ""
        let passwords = parameters + user.split(separator: ":", maxSplits: 1).dropFirst()
        return passwords.contains { password in password.contains { $0 != reference } }
    }
}

extension HTTPCheck {
    static let keys: [KeyForm] = [
        .required(
            "http", .text(.web), "The address that is asked", example: "https://staging.example.org/health"),
        .optional("status", .integer(100...599), "The status wanted", example: "204", standard: "200"),
        .optional("contains", .text(.any), "A text the body must contain", example: "ok"),
        .optional(
            "json", .entries(of: .text(.any)), "Values the JSON body must have, by dotted path; numbers index lists",
            example: "{status: ready}"),
        .optional(
            "headers", .entries(of: .text(.value)), "Request headers; secrets by reference",
            example: "{Accept: application/json}"),
        .optional("within", .text(.span), "How long one answer may take", example: "2s", standard: "5s"),
        .optional("successes", .integer(1...100), "How many good answers in a row prove it", example: "3", standard: "1"),
    ]

    fileprivate static func read(_ node: YAMLNode, of owner: String, reporting collector: DiagnosticCollector) -> HTTPCheck? {
        guard var fields = FieldReader(node, as: [keys], subject: "a check of \(owner)", reporting: collector) else { return nil }
        let url = fields.requiredText("http")
        if let url, !url.value.hasPrefix("http://"), !url.value.hasPrefix("https://") {
            collector.report(
                .badValue, at: url.location, "'\(url.value)' is not an HTTP address", offending: url.value,
                remedy: "begin with https:// or http://")
        }
        var headers: [String: ConfigValue] = [:]
        for header in fields.mapping("headers") {
            guard case .scalar(let text) = header.value.value else {
                collector.report(
                    .badValue, at: header.value.location, "header '\(header.key)' is \(header.value.sort), a text is wanted")
                continue
            }
            headers[header.key] = FieldReader.value(Located(text, at: header.value.location), reporting: collector)
        }
        var json: [String: String] = [:]
        for wanted in fields.mapping("json") {
            guard case .scalar(let text) = wanted.value.value else {
                collector.report(
                    .badValue, at: wanted.value.location, "JSON value '\(wanted.key)' is \(wanted.value.sort), a text is wanted")
                continue
            }
            json[wanted.key] = text
        }
        let status = fields.integer("status", what: "an HTTP status") ?? 200
        let contains = fields.text("contains")?.value
        let within = fields.span("within") ?? .seconds(5)
        let successes = fields.integer("successes", what: "a count of answers") ?? 1
        fields.finish()
        guard let url else { return nil }
        return HTTPCheck(
            url: url.value, headers: headers, status: status, contains: contains, json: json, within: within, successes: successes
        )
    }
}
