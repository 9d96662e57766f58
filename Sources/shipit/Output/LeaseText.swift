import Journal

/// Who holds a lease, since when, and what for: for the person who has to wait.
struct LeaseText {
    let text: String

    init(_ lease: Lease) {
        let holder = lease.holder
        text = "\(holder.user) on \(holder.host) since \(Moment.text(lease.acquired)): \(holder.purpose)"
    }
}
