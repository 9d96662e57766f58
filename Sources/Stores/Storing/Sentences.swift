package import Journal

/// What every store says in the same words.
extension StoreError {
    package static func conflict(_ journal: JournalName, expected: Int64, actual: Int64) -> StoreError {
        StoreError(
            .conflict(journal, expected: expected, actual: actual),
            """
            The journal \(journal) is at position \(actual) and not \(expected): somebody else wrote to it first. \
            Read it again and decide again.
            """)
    }

    package static func leaseLost(_ lease: Lease, heldBy other: Lease?) -> StoreError {
        let now =
            if let other {
                "\(other.holder.user)@\(other.holder.host) holds it for \(other.holder.purpose)"
            } else {
                "it expired or was released"
            }
        return StoreError(
            .leaseLost(resource: lease.resource, heldBy: other),
            "The lease on \(lease.resource) (token \(lease.token)) is lost: \(now). Nothing was written; acquire it again.")
    }

    package static func newerSchema(_ place: String, found: Int, known: Int) -> StoreError {
        StoreError(
            .newerSchema(found: found, known: known),
            """
            The ledger \(place) has schema version \(found); this shipit knows versions up to \(known). \
            Use the newer shipit that wrote it.
            """)
    }
}

extension Lease {
    /// Whether this, the stored lease, still is what `lease` says it is, at `now`.
    package func covers(_ lease: Lease, at now: Int64) -> Bool {
        token == lease.token && expires > now
    }
}

extension Duration {
    /// Whole milliseconds, rounded down.
    package var milliseconds: Int64 { components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000 }
}
