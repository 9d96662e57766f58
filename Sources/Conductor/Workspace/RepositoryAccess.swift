import Git
import Synchronization

/// A repository that is opened when something is first asked of it.
final class RepositoryAccess: Sendable {
    private let path: String
    /// A lock, since stages ask at the same time; whoever comes second waits for the opening, which is what they want.
    private let state: Mutex<Repository?>

    /// The repository that `path` belongs to, or one that is open already.
    init(_ path: String, opened: Repository? = nil) {
        self.path = path
        state = Mutex(opened)
    }

    /// The repository.
    var repository: Repository {
        get throws(GitError) {
            try state.withLock { known throws(GitError) in
                if let known { return known }
                let repository = try Repository.discover(from: path)
                known = repository
                return repository
            }
        }
    }
}
