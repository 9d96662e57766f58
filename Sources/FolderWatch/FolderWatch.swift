import CLinux
import Executors
import Glibc

/// Tells that something in some folders has changed, without asking them again and again: inotify(7).
///
/// A bell only. What has changed is for the caller to look up, so that no event that the kernel drops or that comes late can leave
/// anybody with a wrong idea of the files.
public final class FolderWatch: Sendable {
    private let descriptor: Int32
    private let readiness: Readiness

    /// What tells of files as they are left behind, not of each write on the way.
    private static let events =
        UInt32(IN_CREATE) | UInt32(IN_CLOSE_WRITE) | UInt32(IN_MOVED_FROM) | UInt32(IN_MOVED_TO) | UInt32(IN_DELETE)
        | UInt32(IN_ATTRIB) | UInt32(IN_DELETE_SELF) | UInt32(IN_MOVE_SELF) | UInt32(IN_ONLYDIR)

    /// A watch over nothing yet.
    public init() throws(FolderWatchError) {
        descriptor = inotify_init1(Int32(IN_NONBLOCK) | Int32(IN_CLOEXEC))
        guard descriptor >= 0 else { throw FolderWatchError(number: errno) }
        readiness = Readiness(of: descriptor)
    }

    deinit {
        readiness.stop()
        close(descriptor)
    }

    /// Watches a folder, but not those below it; one that is watched already stays so, and one that is gone is none.
    public func add(_ folder: String) throws(FolderWatchError) {
        guard unsafe inotify_add_watch(descriptor, folder, Self.events) < 0 else { return }
        let number = errno
        guard [ENOENT, ENOTDIR, EACCES].contains(number) else { throw FolderWatchError(number: number) }
    }

    /// Waits until something has changed since the last answer; answers false when the task is cancelled, and from then on.
    public func next() async -> Bool {
        while !hasChanged() {
            let isReady = await withTaskCancellationHandler {
                await readiness.wait()
            } onCancel: {
                readiness.stop()
            }
            guard isReady else { return false }
        }
        return true
    }

    /// Whether something has changed since the last answer, without waiting.
    public func hasChanged() -> Bool {
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        var found = false
        while unsafe read(descriptor, &buffer, buffer.count) > 0 { found = true }
        return found
    }
}

/// Why folders cannot be watched.
public struct FolderWatchError: Error, CustomStringConvertible {
    /// What happened.
    public let description: String
    /// What to do.
    public let remedy: String?

    init(number: Int32) {
        switch number {
        case ENOSPC:
            description = "The kernel watches no further folder for this user."
            remedy = "Raise the limit: sysctl fs.inotify.max_user_watches=524288"
        case EMFILE:
            description = "The kernel begins no further watch over folders for this user."
            remedy = "Raise the limit: sysctl fs.inotify.max_user_instances=512"
        default:
            description = "Folders cannot be watched: \(unsafe String(cString: strerror(number)))."
            remedy = nil
        }
    }
}
