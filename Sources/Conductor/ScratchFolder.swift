import Glibc
import SystemPackage

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A folder of our own that only we may read, gone after use.
struct ScratchFolder: Sendable {
    let path: String

    /// Makes a folder; `purpose` is part of its name.
    init(_ purpose: String) throws(StageFailure) {
        let parent = unsafe getenv("TMPDIR").map { unsafe String(cString: $0) } ?? "/tmp"
        var template = Array("\(parent)/shipit-\(purpose)-XXXXXX".utf8CString)
        // mkdtemp makes it with mode 0700.
        guard unsafe mkdtemp(&template) != nil else {
            throw StageFailure(
                "scratch-failed", "No folder can be made in \(parent): \(Errno(rawValue: errno)).",
                remedy: "Make room, or set TMPDIR.")
        }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Makes a symbolic link in the folder.
    func link(_ target: String, as name: String) throws {
        guard unsafe symlink(target, "\(path)/\(name)") == 0 else { throw Errno(rawValue: errno) }
    }

    /// Removes the folder with all that is in it.
    func remove() {
        // What cannot be removed is in a folder that only we may read.
        try? FileManager.default.removeItem(atPath: path)
    }
}

/// Names of the files in a folder of the work tree.
enum DirectoryListing {
    /// The names, sorted; none when the folder cannot be read.
    static func files(in folder: String) -> [String] {
        guard let handle = unsafe opendir(folder) else { return [] }
        defer { unsafe closedir(handle) }
        var names: [String] = []
        while let entry = unsafe readdir(handle) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                unsafe pointer.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }
}
