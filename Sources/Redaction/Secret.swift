/// A value that must never be printed.
///
/// Whoever prints it all the same, prints ``mask``.
public struct Secret: Sendable, Hashable {
    /// What stands for a secret in any text.
    public static let mask = "•••"
    /// The fewest bytes a secret may have: shorter ones would occur by chance, and masking them would garble every text.
    public static let minimumLength = 8

    private let value: [UInt8]

    /// Takes a secret over; `reference` says where it came from (a variable, a file) and is all an error will name.
    public init(_ value: [UInt8], from reference: String) throws(SecretError) {
        guard value.count >= Self.minimumLength else { throw SecretError(reference: reference) }
        self.value = value
    }

    /// Takes a secret over from text; see ``init(_:from:)-([UInt8],_)``.
    public init(_ value: String, from reference: String) throws(SecretError) {
        try self.init(Array(value.utf8), from: reference)
    }

    /// The value itself, for the one place that hands it to its user.
    ///
    /// Never to be printed, stored or put into arguments.
    public var revealed: [UInt8] { value }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Only dots.
    public var description: String { Self.mask }
    /// Only dots.
    public var debugDescription: String { Self.mask }
    /// Nothing inside, so that `dump` shows dots too.
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}

/// A value refused as a secret.
///
/// It holds no part of the value.
public struct SecretError: Error, Hashable, CustomStringConvertible {
    /// Where the value came from.
    public let reference: String

    /// What is wrong and what to do.
    public var description: String {
        "The secret from \(reference) is shorter than \(Secret.minimumLength) bytes: it could not be kept out of the logs without "
            + "garbling them. Use a longer secret."
    }
}
