/// Collects the stages of a pipeline that is declared in Swift.
///
/// An expression is a stage, and brings along all that it waits for; what is bound with `let` and reached by none is no part of the pipeline.
@resultBuilder public enum StagesBuilder {
    /// What was collected so far.
    public struct Part: Sendable {
        var declarations: [Declaration]
    }

    /// One stage.
    public static func buildExpression<Output>(_ stage: Declared<Output>) -> Part { Part(declarations: [stage.declaration]) }
    /// Several stages of one type.
    public static func buildExpression<Output>(_ stages: [Declared<Output>]) -> Part {
        Part(declarations: stages.map(\.declaration))
    }
    /// One after the other.
    public static func buildBlock(_ parts: Part...) -> Part { joined(parts) }
    /// The stages of a loop.
    public static func buildArray(_ parts: [Part]) -> Part { joined(parts) }
    /// The stages of an `if` without `else`.
    public static func buildOptional(_ part: Part?) -> Part { part ?? Part(declarations: []) }
    /// The stages of an `if`.
    public static func buildEither(first part: Part) -> Part { part }
    /// The stages of its `else`.
    public static func buildEither(second part: Part) -> Part { part }

    private static func joined(_ parts: [Part]) -> Part { Part(declarations: parts.flatMap(\.declarations)) }
}

/// The stages of a pipeline that is declared in Swift instead of YAML; ``Planner/plan(_:of:named:source:)`` makes a plan of them.
///
/// ```swift
/// let stages = Stages {
///     let api = Stage.build("api")
///     let staging = Stage.deploy("staging", images: [api])
///     Stage.verify(staging)
/// }
/// ```
///
/// They are read as a file's stages are: the same rules, the same defaults, the same words about what is wrong.
public struct Stages: Sendable {
    /// Each after those that it waits for, otherwise as they were written.
    private let declarations: [Declaration]
    private let location: SourceLocation

    /// The stages that `stages` lists, and those they wait for.
    ///
    /// - Parameters:
    ///   - file: where they are declared, for what is wrong with them as a whole.
    ///   - line: the line in it, from 1.
    ///   - column: the column in it, from 1.
    ///   - stages: the stages.
    public init(
        file: String = #fileID, line: Int = #line, column: Int = #column, @StagesBuilder _ stages: () -> StagesBuilder.Part
    ) {
        location = SourceLocation(file: file, line: line, column: column)
        declarations = Self.reached(from: stages().declarations)
    }

    /// The roots with all that they wait for, each once and after its own; without recursion, since a chain may be long.
    private static func reached(from roots: [Declaration]) -> [Declaration] {
        var order: [Declaration] = []
        var seen: Set<ObjectIdentifier> = []
        for root in roots {
            var open: [(declaration: Declaration, isEntered: Bool)] = [(root, false)]
            while let (declaration, isEntered) = open.popLast() {
                if isEntered {
                    order.append(declaration)
                } else if seen.insert(ObjectIdentifier(declaration)).inserted {
                    open.append((declaration, true))
                    open += declaration.before.reversed().map { ($0, false) }
                }
            }
        }
        return order
    }

    /// The pipeline as its file would have it; two stages of one name are reported.
    func root(reporting collector: DiagnosticCollector) -> YAMLNode {
        var places: [String: SourceLocation] = [:]
        var fields: [YAMLNode.Field] = []
        for declaration in declarations {
            let name = declaration.form.name
            if let first = places.updateValue(places[name] ?? declaration.location, forKey: name) {
                collector.report(
                    .duplicate, at: declaration.location, "two stages are called '\(name)'", offending: name,
                    remedy: "give one another name with .named(\"…\"); the first is at \(first)")
            } else {
                fields.append(declaration.field)
            }
        }
        let stages = YAMLNode(location: location, value: .mapping(fields))
        return YAMLNode(
            location: location, value: .mapping([.init(key: "stages", keyLocation: location, value: stages)]))
    }
}
