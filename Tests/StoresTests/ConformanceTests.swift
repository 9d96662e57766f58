import Journal
import Randomness
import Testing

/// What a store answers, as docs/leases.md says it in words: one resource, one journal.
private struct Reference {
    struct Held: Hashable {
        var holder: String
        var token: Int64
        var isAlive: Bool
        /// Tells one end of the lease from another.
        var end = 0
    }

    enum Answer: Hashable {
        case granted(token: Int64, from: String?)
        case held(token: Int64, by: String)
        case renewed
        case lost
        case conflict(actual: Int64)
        case appended(position: Int64)
        case released
    }

    private(set) var held: Held?
    private var token: Int64 = 0
    private(set) var position: Int64 = 0

    mutating func acquire(_ holder: String, isShort: Bool) -> Answer {
        if let held, held.isAlive {
            guard held.holder == holder else { return .held(token: held.token, by: held.holder) }
            // It ends no earlier than it did.
            if !isShort { self.held?.end += 1 }
            return .granted(token: held.token, from: nil)
        }
        token += 1
        let former = held?.holder
        held = Held(holder: holder, token: token, isAlive: !isShort)
        return .granted(token: token, from: former)
    }

    /// `end` is when the lease ended as far as its holder knows.
    mutating func renew(_ token: Int64, knowing end: Int?, isShort: Bool) -> Answer {
        guard let held, held.token == token else { return .lost }
        if isShort, held.isAlive, held.end != end { return .renewed }
        self.held?.isAlive = !isShort
        self.held?.end += 1
        return .renewed
    }

    mutating func release(_ token: Int64) -> Answer {
        if held?.token == token { held = nil }
        return .released
    }

    mutating func append(under token: Int64?, at expected: Int64) -> Answer {
        if let token { guard held?.token == token, held?.isAlive == true else { return .lost } }
        guard expected == position else { return .conflict(actual: position) }
        position += 1
        return .appended(position: position)
    }
}

/// Random conversations of three holders with each store: every answer is the one that the rules give.
@Suite struct ConformanceTests {
    private let resource = "environment/production"
    private let journal = JournalName(.run, "r1")

    @Test(arguments: StoreKind.allCases, [1, 2, 3] as [UInt64])
    func `every answer is the one that the rules give`(kind: StoreKind, seed: UInt64) async throws {
        try await withStore(kind) { store, ledger in
            let other = try await ledger.open()
            var chance = SplitMix(seed: seed)
            var reference = Reference()
            // What each holder last got, be it good or lost, and where it last saw the journal end.
            var leases: [String: Lease] = [:]
            var known: [String: Int] = [:]
            var ends: [String: Int64] = [:]
            var said: [String] = []
            for _ in 0..<120 {
                let holder = ["a", "b", "c"].randomElement(using: &chance) ?? "a"
                let isShort = Int.random(in: 0..<4, using: &chance) == 0
                let ttl = isShort ? Duration.milliseconds(1) : .seconds(60)
                let through = Bool.random(using: &chance) ? store : other
                let (words, expected, answer): (String, Reference.Answer, Reference.Answer)
                switch Int.random(in: 0..<7, using: &chance) {
                case 0, 1:
                    expected = reference.acquire(holder, isShort: isShort)
                    words = "\(holder) acquires for \(ttl)"
                    switch try await through.acquire(resource, for: .named(holder), ttl: ttl) {
                    case .granted(let lease, let former):
                        leases[holder] = lease
                        known[holder] = reference.held?.end
                        answer = .granted(token: lease.token, from: former?.id)
                    case .held(let lease): answer = .held(token: lease.token, by: lease.holder.id)
                    }
                case 2:
                    guard let lease = leases[holder] else { continue }
                    expected = reference.renew(lease.token, knowing: known[holder], isShort: isShort)
                    words = "\(holder) renews \(lease.token) for \(ttl)"
                    var renewed: Lease?
                    answer = try await Self.answer { () throws(StoreError) in
                        renewed = try await through.renew(lease, ttl: ttl)
                        return .renewed
                    }
                    // Some answers are lost.
                    if let renewed, Bool.random(using: &chance) {
                        leases[holder] = renewed
                        known[holder] = reference.held?.end
                    }
                case 3:
                    guard let lease = leases[holder] else { continue }
                    expected = reference.release(lease.token)
                    words = "\(holder) gives \(lease.token) up"
                    try await through.release(lease)
                    answer = .released
                case 4:
                    ends[holder] = reference.position
                    continue
                default:
                    let lease = Int.random(in: 0..<5, using: &chance) == 0 ? nil : leases[holder]
                    let end = ends[holder] ?? 0
                    expected = reference.append(under: lease?.token, at: end)
                    words = "\(holder) appends under \(lease.map { "\($0.token)" } ?? "nothing") after \(end)"
                    let append = Append(journal, expected: end, bodies: [Array("{}".utf8)])
                    answer = try await Self.answer { () throws(StoreError) in
                        let heads = try await through.append([append], under: lease.map { [$0] } ?? [])
                        return .appended(position: heads[0].position)
                    }
                    if case .appended(let position) = answer { ends[holder] = position }
                }
                said.append("\(words): \(answer)")
                guard answer == expected else {
                    Issue.record("seed \(seed): not \(expected)\n\(said.suffix(12).joined(separator: "\n"))")
                    return
                }
                // What lives a millisecond is over before the next word, and no two ends are one.
                try await Task.sleep(for: .milliseconds(5))
            }
            await other.close()
        }
    }

    private static func answer(
        _ body: () async throws(StoreError) -> Reference.Answer
    ) async throws(StoreError) -> Reference.Answer {
        do throws(StoreError) { return try await body() } catch {
            switch error.code {
            case .leaseLost: return .lost
            case .conflict(_, _, let actual): return .conflict(actual: actual)
            default: throw error
            }
        }
    }
}
