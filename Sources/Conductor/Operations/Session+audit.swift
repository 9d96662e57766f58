import CanonicalJSON
import Journal
public import Records
import SystemPackage

extension Session {
    /// Verifies every journal, against the heads that `file` remembers as well, and remembers the new ones there if all is whole.
    ///
    /// A missing file remembers nothing; the first walk makes it.
    public func audit(remembering file: String) async throws(Refusal) -> AuditReport {
        let remembered = try RememberedHeads(file)
        let report = try await ledger { () async throws(LedgerError) in
            try await ledger.audit(remembering: remembered.journals)
        }
        if report.isIntact { try await RememberedHeads(report.marks).write(to: file) }
        return report
    }
}

/// Where journals ended when they were last found whole, in a file.
private struct RememberedHeads: Codable {
    var format = 1
    var heads: [String: Mark] = [:]

    var journals: [JournalName: Mark] {
        Dictionary(uniqueKeysWithValues: heads.compactMap { name, mark in JournalName(name).map { ($0, mark) } })
    }

    init(_ marks: [JournalName: Mark]) {
        heads = Dictionary(uniqueKeysWithValues: marks.map { ($0.description, $1) })
    }

    init(_ file: String) throws(Refusal) {
        do {
            self = try Canonical.decode(Self.self, from: try FileContent.read(file, limit: 1 << 30))
        } catch Errno.noSuchFileOrDirectory {
            return
        } catch {
            throw Refusal(
                .badInput, "The remembered heads in \(file) cannot be read: \(error).",
                remedy: "Without them a shortened journal cannot be told. Restore the file, or name another with --heads.")
        }
        guard format == 1 else {
            throw Refusal(
                .badInput, "\(file) has format \(format), which this shipit does not know.", remedy: "Use the newest shipit.")
        }
    }

    func write(to file: String) async throws(Refusal) {
        do {
            let folder = FilePath(file).removingLastComponent().string
            if !folder.isEmpty { try PrivateFile.makeFolder(folder) }
            try await LineFile.write(file) { try $0.write(Canonical.bytes(of: self) + [UInt8(ascii: "\n")]) }
        } catch {
            throw Refusal(.failed, "The heads cannot be kept in \(file): \(error).", remedy: "Name another file with --heads.")
        }
    }
}
