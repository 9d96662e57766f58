import FoundationEssentials
import Hashing
package import Journal

/// What goes over the wire between a ledger's API and who uses it as a store; both ends are made of these.
package enum RemoteForm {
    /// The longest request, in bytes.
    package static let requestLimit = 8 << 20
    /// How many bytes of bodies and summaries an answer holds, the last of them not counted; the rest is asked for again.
    package static let answerSize = 4 << 20
    /// How many entries or heads may be asked for at once.
    package static let page = 1000
    /// How long one question may wait for a journal to grow, in milliseconds.
    package static let wait: Int64 = 20_000
    /// How long a lease may be taken for, in milliseconds: five minutes, ten times what a driver asks for.
    package static let lease: Int64 = 5 * 60_000
    /// How long it may be kept for at once: a week, since it outlasts the attempt that is about to begin, and no stage takes longer.
    package static let renewal: Int64 = 7 * 86_400_000

    /// Any bytes, in base64.
    package struct Bytes: Codable, Sendable {
        package let bytes: [UInt8]

        package init(_ bytes: [UInt8]) { self.bytes = bytes }

        package init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            guard let data = Data(base64Encoded: try container.decode(String.self)) else {
                throw DecodingError.dataCorruptedError(in: container, debugDescription: "base64 is wanted")
            }
            bytes = Array(data)
        }

        package func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            try container.encode(Data(bytes).base64EncodedString())
        }
    }

    /// One journal's part of an append.
    package struct Part: Codable, Sendable {
        let journal: JournalName
        let expected: Int64
        let bodies: [Bytes]
        let summary: Bytes?
        let isWaiting: Bool?
        let removing: [Removal]?

        init(_ append: Append) {
            journal = append.journal
            expected = append.expected
            bodies = append.bodies.map(Bytes.init)
            summary = append.summary.map(Bytes.init)
            isWaiting = append.isWaiting
            removing = append.removing.isEmpty ? nil : append.removing
        }

        package var append: Append {
            Append(
                journal, expected: expected, bodies: bodies.map(\.bytes), summary: summary?.bytes, isWaiting: isWaiting,
                removing: removing ?? [])
        }
    }

    /// The question of `Store.append`.
    package struct Batch: Codable, Sendable {
        package let batch: [Part]
        package let leases: [Lease]
    }

    /// A head.
    package struct End: Codable, Sendable {
        let journal: JournalName
        let position: Int64
        let hash: SHA256Sum
        let summary: Bytes?
        let isWaiting: Bool
        let updated: Int64

        package init(_ head: Head) {
            journal = head.journal
            position = head.position
            hash = head.hash
            summary = head.summary.map(Bytes.init)
            isWaiting = head.isWaiting
            updated = head.updated
        }

        var head: Head {
            Head(
                journal: journal, position: position, hash: hash, summary: summary?.bytes, isWaiting: isWaiting, updated: updated)
        }
    }

    /// The answer of `Store.head`.
    package struct MaybeEnd: Codable, Sendable {
        package let head: End?

        package init(_ head: Head?) { self.head = head.map(End.init) }
    }

    /// The answer of `Store.append`, `heads` and `waiting`.
    package struct Ends: Codable, Sendable {
        package let heads: [End]
        /// Whether there is more than an answer holds.
        package let isCut: Bool

        package init(_ heads: [Head], isCut: Bool = false) {
            self.heads = heads.map(End.init)
            self.isCut = isCut
        }
    }

    /// An entry; its journal is the question's.
    package struct Line: Codable, Sendable {
        let position: Int64
        let body: Bytes
        let previous: SHA256Sum
        let hash: SHA256Sum

        init(_ entry: Entry) {
            position = entry.position
            body = Bytes(entry.body)
            previous = entry.previous
            hash = entry.hash
        }

        func entry(of journal: JournalName) -> Entry {
            Entry(journal: journal, position: position, body: body.bytes, previous: previous, hash: hash)
        }
    }

    /// The answer of `Store.read`.
    package struct Lines: Codable, Sendable {
        package let entries: [Line]
        /// Whether there is more than an answer holds.
        package let isCut: Bool

        package init(_ entries: [Entry], isCut: Bool) {
            self.entries = entries.map(Line.init)
            self.isCut = isCut
        }
    }

    /// The answer of `Store.wait`.
    package struct Growth: Codable, Sendable {
        package let isThere: Bool

        package init(isThere: Bool) { self.isThere = isThere }
    }

    /// The question of `Store.acquire`; times to live are in milliseconds.
    package struct Wish: Codable, Sendable {
        package let resource: String
        package let holder: LeaseHolder
        package let ttl: Int64
    }

    /// The answer of `Store.acquire`: one of the two leases.
    package struct Grant: Codable, Sendable {
        let granted: Lease?
        let from: LeaseHolder?
        let held: Lease?

        package init(_ answer: LeaseAnswer) {
            switch answer {
            case .granted(let lease, let former): (granted, from, held) = (lease, former, nil)
            case .held(let lease): (granted, from, held) = (nil, nil, lease)
            }
        }

        var answer: LeaseAnswer? { granted.map { .granted($0, from: from) } ?? held.map { .held($0) } }
    }

    /// The question of `Store.renew`.
    package struct Renewal: Codable, Sendable {
        package let lease: Lease
        package let ttl: Int64
    }

    /// The question of `Store.release`, and the answer of `Store.renew`.
    package struct Held: Codable, Sendable {
        package let lease: Lease

        package init(_ lease: Lease) { self.lease = lease }
    }

    /// The answer of `Store.lease`, and of `Store.release`, after which there is none.
    package struct MaybeHeld: Codable, Sendable {
        package let lease: Lease?

        package init(_ lease: Lease?) { self.lease = lease }
    }

    /// The answer of `Store.now`.
    package struct Clock: Codable, Sendable {
        package let now: Int64

        package init(_ now: Int64) { self.now = now }
    }

    /// Who the API says we are, and which roles may decide what.
    struct Identity: Decodable, Sendable {
        let name: String?
        let role: String?
        let roles: [String: [String]]?
    }
}
