package import Journal

/// Why a store behind an API did not do what it was asked: `StoreError.Code` on the wire, in the member `store` of a problem.
package struct RemoteFault: Codable, Sendable {
    private enum Word: String, Codable {
        case conflict, full, unreachable, refused, corrupt, busy, failed
        case leaseLost = "lease-lost"
        case newerSchema = "newer-schema"
        case readOnly = "read-only"
    }

    private let code: Word
    private var journal: JournalName?
    private var expected: Int64?
    private var actual: Int64?
    private var resource: String?
    private var heldBy: Lease?
    private var found: Int?
    private var known: Int?

    /// A code as it is sent.
    package init(_ code: StoreError.Code) {
        switch code {
        case .conflict(let journal, let expected, let actual):
            self.code = .conflict
            (self.journal, self.expected, self.actual) = (journal, expected, actual)
        case .leaseLost(let resource, let heldBy):
            self.code = .leaseLost
            (self.resource, self.heldBy) = (resource, heldBy)
        case .newerSchema(let found, let known):
            self.code = .newerSchema
            (self.found, self.known) = (found, known)
        case .full: self.code = .full
        case .unreachable: self.code = .unreachable
        case .refused: self.code = .refused
        case .corrupt: self.code = .corrupt
        case .readOnly: self.code = .readOnly
        case .busy: self.code = .busy
        case .failed: self.code = .failed
        }
    }

    /// The code that was sent; one that lacks something is a failure and no more.
    package var restored: StoreError.Code {
        switch (code, journal, expected, actual, resource, found, known) {
        case (.conflict, let journal?, let expected?, let actual?, _, _, _):
            .conflict(journal, expected: expected, actual: actual)
        case (.leaseLost, _, _, _, let resource?, _, _): .leaseLost(resource: resource, heldBy: heldBy)
        case (.newerSchema, _, _, _, _, let found?, let known?): .newerSchema(found: found, known: known)
        case (.full, _, _, _, _, _, _): .full
        case (.unreachable, _, _, _, _, _, _): .unreachable
        case (.refused, _, _, _, _, _, _): .refused
        case (.corrupt, _, _, _, _, _, _): .corrupt
        case (.readOnly, _, _, _, _, _, _): .readOnly
        case (.busy, _, _, _, _, _, _): .busy
        default: .failed
        }
    }
}
