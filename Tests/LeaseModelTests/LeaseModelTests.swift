import LeaseModel
import Testing

/// The rules of leases and appends, searched to their end; see docs/leases.md.
@Suite struct LeaseModelTests {
    @Test(arguments: [
        LeaseMachine(), LeaseMachine(lifetime: 1, deadline: 3, delaysCalls: false),
        LeaseMachine(lifetime: 4, deadline: 1, margin: 2, delaysCalls: false), LeaseMachine(writers: 3, delaysCalls: false),
    ])
    func `no order of events breaks a rule, and from everywhere something leads on`(machine: LeaseMachine) {
        let finding = search(machine)
        print("\(finding.states) states, \(finding.steps) steps: \(finding.broken ?? "no rule is broken")")
        #expect(finding.broken == nil, "\(finding.trace.joined(separator: "\n"))")
        #expect(finding.states > 4000)
    }

    /// What the search of one state for many relies on.
    @Test func `who is called what makes no difference`() {
        let machine = LeaseMachine(delaysCalls: false)
        var seen: Set = [machine.start]
        var open = [machine.start]
        while let state = open.popLast() {
            let representative = machine.representative(of: state)
            let next = machine.steps(from: state).map(\.state)
            let renamed = machine.steps(from: representative).map(\.state)
            guard Set(next.map(machine.representative)) == Set(renamed.map(machine.representative)),
                machine.isGoal(state) == machine.isGoal(representative)
            else {
                Issue.record("what may follow is not the same under other names: \(state)")
                return
            }
            open += next.filter { seen.insert($0).inserted }
        }
        print("\(seen.count) states with names, \(Set(seen.map(machine.representative)).count) without")
        #expect(seen.count > 9000)
    }

    @Test(arguments: Mutation.allCases)
    func `every rule is needed`(mutation: Mutation) {
        // The others are found sooner without.
        let needsDelay: Set<Mutation> = [.lateRenewalShortens, .releaseIsNotConfirmed]
        let finding = search(LeaseMachine(delaysCalls: needsDelay.contains(mutation), without: mutation))
        print(
            """
            when \(mutation.rawValue), it is not so that \(finding.broken ?? "-"), after \(finding.trace.count) steps \
            (\(finding.states) states):
            \(finding.trace.enumerated().map { "  \($0.offset + 1). \($0.element)" }.joined(separator: "\n"))
            """)
        #expect(finding.broken != nil)
    }
}
