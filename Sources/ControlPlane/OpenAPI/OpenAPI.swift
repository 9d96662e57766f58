import CanonicalJSON
import HTTPTypes
import Journal
import RemoteStores

/// What the API is, for programs: OpenAPI 3.1, made from the table of routes.
enum OpenAPI {
    private struct Document: Encodable {
        struct Info: Encodable {
            let title = "shipit"
            let summary = "The release ledger over HTTP"
            let version: String
        }

        struct Components: Encodable {
            let schemas: JSONValue
            let securitySchemes = ["token": ["type": "http", "scheme": "bearer"]]
        }

        let openapi = "3.1.0"
        let info: Info
        let paths: [String: [String: Operation]]
        let components: Components
    }

    private struct Operation: Encodable {
        let operationId: String
        let summary: String
        let parameters: [Parameter]
        let requestBody: Body?
        let responses: [String: Answer]
        let security: [[String: [String]]]
    }

    private struct Parameter: Encodable {
        let name: String
        let `in`: String
        let required: Bool
        let schema: JSONValue
    }

    private struct Body: Encodable {
        var required: Bool?
        let content: [String: [String: Reference]]
    }

    private struct Answer: Encodable {
        let description: String
        let content: [String: [String: Reference]]?
    }

    private struct Reference: Encodable {
        private enum CodingKeys: String, CodingKey {
            case reference = "$ref"
        }

        let reference: String

        init(_ schema: String) { reference = "#/components/schemas/\(schema)" }
    }

    /// The document.
    static func document(version: String) throws -> JSONValue {
        var paths: [String: [String: Operation]] = [:]
        for route in Route.all {
            paths[route.template, default: [:]][route.method.rawValue.lowercased()] = operation(route)
        }
        let schemas = try Canonical.decode(JSONValue.self, from: Array(Schemas.text.utf8))
        let document = Document(info: .init(version: version), paths: paths, components: .init(schemas: schemas))
        return try Canonical.decode(JSONValue.self, from: Canonical.bytes(of: document))
    }

    private static func operation(_ route: Route) -> Operation {
        var parameters = route.names.map { name in
            let schema = ["id": "ID", "name": "Name", "stage": "Name", "token": "TokenID", "kind": "JournalKind"][name] ?? "Name"
            return Parameter(name: name, in: "path", required: true, schema: reference(schema))
        }
        parameters += route.text.query.map { query in
            Parameter(
                name: query.rawValue, in: "query",
                required: [.reason, .environment, .resource].contains(query) || (query == .attempt && route.isChange),
                schema: query.schema(in: route))
        }
        parameters += headers(of: route)
        let answers = route.statuses.map { status in (String(status), answer(route, status)) }
        let isOpen = if case .everyone = route.access { true } else { false }
        return Operation(
            operationId: route.text.name, summary: route.text.summary, parameters: parameters,
            requestBody: route.text.form.map { Body(required: true, content: [route.text.takes: ["schema": Reference($0)]]) },
            responses: Dictionary(uniqueKeysWithValues: answers), security: isOpen ? [] : [["token": []]])
    }

    /// The headers that mean something to a route beside those that mean something everywhere.
    private static func headers(of route: Route) -> [Parameter] {
        func header(_ name: String, required: Bool = false, _ schema: JSONValue) -> Parameter {
            Parameter(name: name, in: "header", required: required, schema: schema)
        }
        func text(_ pattern: String) -> JSONValue { .object(["type": .text("string"), "pattern": .text(pattern)]) }
        return switch route {
        case .stream: [header("Last-Event-ID", reference("Position"))]
        // Any text: what is not understood is passed over (RFC 9110, section 14.2).
        case .log: [header("Range", .object(["type": .text("string")]))]
        case .growLog:
            [
                header(
                    "Upload-Offset", required: true,
                    .object(["type": .text("integer"), "minimum": .number(0), "maximum": .number(LogLimits.log)]))
            ]
        default: route.keepsAnswers ? [header("Idempotency-Key", text("^[!#-~]{1,128}$"))] : []
        }
    }

    private static func answer(_ route: Route, _ status: Int) -> Answer {
        let phrase = HTTPResponse.Status(code: status).reasonPhrase
        return switch status {
        case 204, 304: Answer(description: phrase, content: nil)
        case 200..<300:
            Answer(
                description: phrase,
                content: [route.text.type: ["schema": Reference(route.text.answer)]])
        default: Answer(description: phrase, content: ["application/problem+json": ["schema": Reference("Problem")]])
        }
    }

    fileprivate static func reference(_ schema: String) -> JSONValue {
        .object(["$ref": .text("#/components/schemas/\(schema)")])
    }
}

extension Route {
    /// The path as OpenAPI writes it.
    fileprivate var template: String {
        path.split(separator: "/").map { $0.first == ":" ? "/{\($0.dropFirst())}" : "/\($0)" }.joined()
    }

    /// What the path names.
    fileprivate var names: [String] {
        path.split(separator: "/").filter { $0.first == ":" }.map { String($0.dropFirst()) }
    }

    /// Every status that the route answers with.
    var statuses: [Int] {
        var statuses = Set(text.statuses)
        statuses.insert(text.success)
        if access != .everyone { statuses.formUnion([401, 403, 429, 503]) }
        if !names.isEmpty || !text.query.isEmpty || body != nil { statuses.insert(400) }
        if text.isTagged { statuses.insert(304) }
        if body != nil { statuses.formUnion([408, 413, 415]) }
        if keepsAnswers { statuses.formUnion([409, 422]) }
        return statuses.sorted()
    }
}

extension Route.Text.Query {
    fileprivate func schema(in route: Route) -> JSONValue {
        switch self {
        case .limit:
            .object([
                "type": .text("integer"), "minimum": .number(1),
                "maximum": .number(route.isOfStore ? Int64(RemoteForm.page) : 200),
            ])
        case .before:
            switch route {
            case .accesses: .object(["type": .text("integer"), "minimum": .number(1), "maximum": .number(.max)])
            case .tokens: OpenAPI.reference("TokenPlace")
            default: OpenAPI.reference("ID")
            }
        case .after: OpenAPI.reference("Position")
        case .reason: OpenAPI.reference("Reason")
        case .status: OpenAPI.reference("Statuses")
        case .from, .to, .run: OpenAPI.reference("ID")
        case .environment: OpenAPI.reference("Name")
        case .waiting, .all: .object(["type": .text("boolean")])
        case .timeout: .object(["type": .text("integer"), "minimum": .number(0), "maximum": .number(RemoteForm.wait)])
        case .resource: OpenAPI.reference("Resource")
        case .attempt: .object(["type": .text("integer"), "minimum": .number(1), "maximum": .number(1_000_000)])
        case .days: .object(["type": .text("integer"), "minimum": .number(1), "maximum": .number(366)])
        }
    }
}
