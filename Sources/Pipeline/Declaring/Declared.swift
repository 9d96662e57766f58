/// A stage that Swift code declares, typed by the artifact it hands on: what takes an image cannot be given a schema.
///
/// It holds whom it waits for, so that a pipeline needs to name only its last stages. Made by ``Stage/build(_:file:line:column:)`` and
/// its neighbours.
public struct Declared<Output: Artifact>: Sendable {
    let declaration: Declaration

    /// The same stage under another name than the one it has by its kind and subject, such as `build-api`.
    public func named(_ name: String) -> Declared {
        Declared(declaration: declaration.with { $0.name = name })
    }

    /// The same stage, which also waits for `stages`, whatever they hand on.
    public func needs<each Other: Artifact>(_ stages: repeat Declared<each Other>) -> Declared {
        Declared(
            declaration: declaration.with {
                for stage in repeat each stages { $0.needs.append(stage.declaration) }
            })
    }

    /// The same stage, one attempt of which may take as long as `timeout`, as in `10m`.
    public func timeout(_ timeout: String) -> Declared { option("timeout", timeout) }

    /// The same stage, which is tried up to `count` times more after a failure that may pass.
    ///
    /// - Parameters:
    ///   - count: 0 to 20.
    ///   - backoff: the pause before the first of them, as in `2s`; it doubles each time.
    public func retries(_ count: Int, backoff: String? = nil) -> Declared {
        let retried = option("retries", String(count))
        return backoff.map { retried.option("backoff", $0) } ?? retried
    }

    private func option(_ key: String, _ text: String) -> Declared {
        Declared(declaration: declaration.with { $0.set(key, .scalar(text)) })
    }
}

/// A stage as it would stand in a pipeline file, with the stages it refers to themselves instead of their names.
///
/// A class, so that a stage that many refer to is one; it never changes.
final class Declaration: Sendable {
    /// What a declaration is made of.
    struct Form: Sendable {
        var name: String
        /// The kind's own keys and the common ones, but for `needs` and `inputs`.
        var keys: [(key: String, value: YAMLNode.Value)]
        /// What fills which input.
        var inputs: [(port: String, stage: Declaration)] = []
        var needs: [Declaration] = []

        mutating func set(_ key: String, _ value: YAMLNode.Value) {
            keys.removeAll { $0.key == key }
            keys.append((key, value))
        }
    }

    let form: Form
    /// The port that its artifact fills: `image.api`, `schema`, `approval`, `release`; nil for one that hands on nothing.
    let port: String?
    /// Where it stands in Swift.
    let location: SourceLocation

    init(_ form: Form, fills port: String?, at location: SourceLocation) {
        self.form = form
        self.port = port
        self.location = location
    }

    /// Whom it waits for by declaration.
    var before: [Declaration] { form.inputs.map(\.stage) + form.needs }

    /// The same with another form.
    func with(_ change: (inout Form) -> Void) -> Declaration {
        var form = form
        change(&form)
        return Declaration(form, fills: port, at: location)
    }

    /// The stage as the file would have it.
    var field: YAMLNode.Field {
        func node(_ value: YAMLNode.Value) -> YAMLNode { YAMLNode(location: location, value: value) }
        func field(_ key: String, _ value: YAMLNode.Value) -> YAMLNode.Field {
            .init(key: key, keyLocation: location, value: node(value))
        }
        var fields = form.keys.map { field($0.key, $0.value) }
        if !form.inputs.isEmpty {
            fields.append(field("inputs", .mapping(form.inputs.map { field($0.port, .scalar($0.stage.form.name)) })))
        }
        if !form.needs.isEmpty {
            fields.append(field("needs", .sequence(form.needs.map { node(.scalar($0.form.name)) })))
        }
        return field(form.name, .mapping(fields))
    }
}
