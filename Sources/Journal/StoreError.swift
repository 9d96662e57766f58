/// Why a store did not do what it was asked.
public struct StoreError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What kind of failure it is; callers decide on this, never on the text.
    public enum Code: Sendable, Hashable {
        /// The journal's newest position is not what the writer had folded.
        case conflict(JournalName, expected: Int64, actual: Int64)
        /// The lease is not the caller's any more; `heldBy` is the live lease of somebody else, if there is one.
        case leaseLost(resource: String, heldBy: Lease?)
        /// No room left on the device; nothing of the call was written.
        case full
        /// The store could not be reached, or the connection to it was lost.
        case unreachable
        /// The store refused the caller: password or permission.
        case refused
        /// The store was written by a newer shipit.
        case newerSchema(found: Int, known: Int)
        /// What is stored is damaged, or is not a ledger.
        case corrupt
        /// The store can be read and not written.
        case readOnly
        /// Others kept the store locked for longer than a call waits.
        case busy
        /// Anything else; the message says what.
        case failed
    }

    /// What kind of failure it is.
    public let code: Code
    /// What was tried, on what, why it failed and what to do: one or more full sentences, without a secret.
    public let message: String

    /// A failure of kind `code`, told as `message`.
    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// Whether the same call may succeed later without anybody doing anything.
    public var passing: Bool {
        switch code {
        case .unreachable, .busy: true
        case .conflict, .leaseLost, .full, .refused, .newerSchema, .corrupt, .readOnly, .failed: false
        }
    }

    /// The message.
    public var description: String { message }
}
