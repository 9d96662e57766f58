import LeaseModel
import Testing

/// The rules of leases and appends, searched to their end; see docs/leases.md.
@Suite struct LeaseModelTests {
    @Test(arguments: [
        LeaseMachine(), LeaseMachine(lifetime: 1, deadline: 3), LeaseMachine(lifetime: 4, deadline: 1, margin: 2),
        LeaseMachine(writers: 3),
    ])
    func `no order of events breaks a rule, and from everywhere something leads on`(machine: LeaseMachine) {
        let finding = search(machine)
        print("\(finding.states) states, \(finding.steps) steps: \(finding.broken ?? "no rule is broken")")
        #expect(finding.broken == nil, "\(finding.trace.joined(separator: "\n"))")
        #expect(finding.states > 5000)
    }

    @Test(arguments: Mutation.allCases)
    func `every rule is needed`(mutation: Mutation) {
        let finding = search(LeaseMachine(without: mutation))
        print(
            """
            when \(mutation.rawValue), it is not so that \(finding.broken ?? "-"), after \(finding.trace.count) steps \
            (\(finding.states) states):
            \(finding.trace.enumerated().map { "  \($0.offset + 1). \($0.element)" }.joined(separator: "\n"))
            """)
        #expect(finding.broken != nil)
    }
}
