/// Header fields in the order they are sent or were received; a name may occur more than once.
///
/// Looking up ignores case (RFC 9110, section 5.1). Printing shows names only: a value may be a credential.
public struct HTTPHeaders: Sendable, Equatable {
    /// One field.
    public struct Field: Sendable, Equatable {
        /// The name, in the spelling it was given or received in.
        public let name: String
        /// The value, without white space around it.
        public let value: String

        /// A field of this name and value.
        public init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }

        func isNamed(_ other: String) -> Bool {
            name.utf8.elementsEqual(other.utf8) { Self.lowered($0) == Self.lowered($1) }
        }

        private static func lowered(_ byte: UInt8) -> UInt8 {
            (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
        }
    }

    /// All fields, in order.
    public private(set) var fields: [Field]

    /// No fields, or these.
    public init(_ fields: [Field] = []) {
        self.fields = fields
    }

    /// The value of the first field of this name.
    public func first(_ name: String) -> String? {
        fields.first { $0.isNamed(name) }?.value
    }

    /// The values of all fields of this name, in order.
    public func all(_ name: String) -> [String] {
        fields.filter { $0.isNamed(name) }.map(\.value)
    }

    /// Adds a field behind the others.
    public mutating func append(_ name: String, _ value: String) {
        fields.append(Field(name, value))
    }
}

extension HTTPHeaders: ExpressibleByDictionaryLiteral {
    /// The pairs in the order they are written; a name may be repeated.
    public init(dictionaryLiteral elements: (String, String)...) {
        self.init(elements.map { Field($0.0, $0.1) })
    }
}

extension HTTPHeaders.Field: CustomStringConvertible, CustomReflectable {
    /// The name alone.
    public var description: String { "\(name): …" }
    /// The name alone, so that `dump` and a debugger's log show no value either.
    public var customMirror: Mirror { Mirror(self, children: ["name": name]) }
}
