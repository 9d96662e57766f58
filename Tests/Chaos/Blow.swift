import Randomness

/// What is done to shipit, and when.
struct Blow {
    /// When it falls, counted from the start of the command.
    enum Moment {
        /// As soon as the ledger has been written to so many times.
        case writes(Int)
        /// As soon as so many lines have been printed: they come right before and right after effects.
        case lines(Int)
        /// After a time, in milliseconds.
        case delay(Int)
    }

    /// What is done.
    enum Sort: String, CaseIterable {
        /// shipit is killed; its children live on.
        case kill
        /// shipit is killed, and its children with it.
        case killAll
        /// Its children are killed; it lives on.
        case killChildren
        /// Its sessions with PostgreSQL are cut.
        case cutSessions
        /// The disk under `.shipit` is full for a while.
        case fillDisk
        /// The registry stands still for a while.
        case freezeRegistry
        /// The registry is killed and started again.
        case killRegistry

        /// How it is told of.
        var words: String {
            switch self {
            case .kill: "killed shipit"
            case .killAll: "killed shipit with its children"
            case .killChildren: "killed shipit's children"
            case .cutSessions: "cut shipit's sessions with PostgreSQL"
            case .fillDisk: "filled the disk"
            case .freezeRegistry: "froze the registry"
            case .killRegistry: "killed the registry"
            }
        }
    }

    var moment: Moment
    var sort: Sort
    /// How long the world stays broken, in milliseconds.
    var lasting: Int
    /// After how many milliseconds more shipit is killed as well; nil where it lives on.
    var killedAfter: Int?

    /// Seven of ten are kills; half of the others are followed by one.
    init(_ random: inout SplitMix) {
        // Most fall early, so that a commit meets many; some late, so that it arrives.
        let reach = Int.random(in: 0..<6, using: &random) > 0 ? 1 : 4
        moment =
            switch Int.random(in: 0..<10, using: &random) {
            case 0..<3: .writes(.random(in: 1...2 * reach, using: &random))
            case 3..<6: .lines(.random(in: 1...22 * reach, using: &random))
            default: .delay(.random(in: 0...1500 * reach, using: &random))
            }
        sort =
            switch Int.random(in: 0..<100, using: &random) {
            case 0..<50: .kill
            case 50..<70: .killAll
            case 70..<78: .killChildren
            case 78..<86: .cutSessions
            case 86..<91: .fillDisk
            case 91..<96: .freezeRegistry
            default: .killRegistry
            }
        lasting = .random(in: 100...1200, using: &random)
        let isFollowed = Bool.random(using: &random)
        let pause = Int.random(in: 0...1500, using: &random)
        killedAfter = isFollowed ? pause : nil
    }

    /// A kill at a given moment.
    init(killAt moment: Moment) {
        self.moment = moment
        sort = .kill
        lasting = 0
        killedAfter = nil
    }
}

extension Blow.Moment: CustomStringConvertible {
    var description: String {
        switch self {
        case .writes(let count): "after \(count) writes"
        case .lines(let count): "after \(count) lines"
        case .delay(let time): "after \(time) ms"
        }
    }
}
