import Foundation
import Glibc
import Processes
import Shops

/// Deals the blows.
struct Hand: Sendable {
    let ledger: LedgerWitness
    let registry: RegistryHouse
    let disk: Disk
    /// The target database.
    let target: URLComponents

    /// What a blow came to.
    struct Deed {
        /// Whether it met a living shipit, and, where it was for its children, one of them.
        var isMet = false
    }

    /// Waits for the moment, does it, and puts the world right again.
    ///
    /// A task that is cancelled, since shipit has ended, does nothing any more, or puts the world right at once.
    /// - Returns: nil when the moment did not come.
    func deal(_ blow: Blow, to shipit: ProcessIdentity, lines: AsyncStream<Int>) async -> Deed? {
        switch blow.moment {
        case .delay(let time): try? await Task.sleep(for: .milliseconds(time))
        case .writes(let count): try? await ledger.writes(count)
        case .lines(let count): for await printed in lines where printed >= count { break }
        }
        guard !Task.isCancelled, shipit.isAlive else { return nil }
        var deed = Deed(isMet: true)
        switch blow.sort {
        case .kill:
            kill(shipit.pid, SIGKILL)
            return deed
        case .killAll:
            let children = Self.descendants(of: shipit.pid)
            for pid in [shipit.pid] + children { kill(pid, SIGKILL) }
            return deed
        case .killChildren:
            let children = Self.descendants(of: shipit.pid)
            for pid in children { kill(pid, SIGKILL) }
            deed.isMet = !children.isEmpty
        case .cutSessions: try? await ledger.cutSessions(with: target)
        case .fillDisk: try? await disk.fill()
        case .freezeRegistry: await registry.freeze()
        case .killRegistry: await registry.fell()
        }
        async let killing: Void = killLater(blow, shipit)
        try? await Task.sleep(for: .milliseconds(blow.lasting))
        switch blow.sort {
        case .fillDisk: disk.free()
        case .freezeRegistry: await registry.thaw()
        case .killRegistry: try? await registry.rise()
        default: break
        }
        await killing
        return deed
    }

    private func killLater(_ blow: Blow, _ shipit: ProcessIdentity) async {
        guard let pause = blow.killedAfter else { return }
        try? await Task.sleep(for: .milliseconds(pause))
        if !Task.isCancelled, shipit.isAlive { kill(shipit.pid, SIGKILL) }
    }

    /// The process's children and theirs.
    private static func descendants(of pid: pid_t) -> [pid_t] {
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: "/proc") else { return [] }
        var children: [pid_t: [pid_t]] = [:]
        for child in names.compactMap({ pid_t($0) }) {
            // "PID (NAME) STATE PARENT …", and the name may hold anything: see proc(5).
            guard let status = try? String(contentsOfFile: "/proc/\(child)/stat", encoding: .utf8),
                let end = status.lastIndex(of: ")"),
                let parent = status[end...].split(separator: " ").dropFirst(2).first.flatMap({ pid_t($0) })
            else { continue }
            children[parent, default: []].append(child)
        }
        var found: [pid_t] = []
        var next = [pid]
        while let parent = next.popLast() {
            let its = children[parent] ?? []
            found += its
            next += its
        }
        return found
    }
}
