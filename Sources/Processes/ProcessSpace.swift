import Glibc
import SystemPackage

/// What process numbers mean something in: a namespace of a boot of a machine.
public struct ProcessSpace: Hashable, Sendable {
    /// `/etc/machine-id`, which outlasts the boot: 32 hexadecimal digits, not to be shown to others (machine-id(5)); nil without one.
    public let machineID: String?
    /// `/proc/sys/kernel/random/boot_id`.
    public let bootID: String
    /// The number in `/proc/self/ns/pid`, see pid_namespaces(7).
    public let namespace: UInt64

    /// Ours; nil where `/proc` does not tell.
    public static let current: ProcessSpace? = {
        // `pid:[4026531836]`
        guard let bootID = ProcessIdentity.thisBoot,
            let link = linkTarget(of: "/proc/self/ns/pid"), link.hasPrefix("pid:["), link.hasSuffix("]"),
            let namespace = UInt64(link.dropFirst(5).dropLast())
        else { return nil }
        // Before its first boot an image has the word `uninitialized` there, or nothing.
        let machineID = firstLine(of: "/etc/machine-id").flatMap { $0.utf8.count == 32 ? $0 : nil }
        return ProcessSpace(machineID: machineID, bootID: bootID, namespace: namespace)
    }()
}

private func linkTarget(of path: String) -> String? {
    var buffer = [CChar](repeating: 0, count: 64)
    let count = unsafe readlink(path, &buffer, buffer.count)
    return count > 0 ? String(decoding: buffer.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self) : nil
}
