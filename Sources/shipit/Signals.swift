import Dispatch
import Glibc

/// Ctrl-C and its kin, counted.
///
/// Unchecked: the sources and the count are touched only on the queue, which runs one block at a time.
final class Signals: @unchecked Sendable {
    private let queue = DispatchQueue(label: "shipit.signals")
    private var sources: [any DispatchSourceSignal] = []
    private var count = 0
    private var isIgnoring = false

    /// Calls `handle` on a queue of its own with the signal's name and how many there were so far.
    init(_ handle: @escaping @Sendable (_ name: String, _ count: Int) -> Void) {
        for (number, name) in [(SIGINT, "SIGINT"), (SIGTERM, "SIGTERM"), (SIGHUP, "SIGHUP")] {
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
            // Held by its own handler: see `ignore`.
            source.setEventHandler { [self] in
                guard !isIgnoring else { return }
                count += 1
                handle(name, count)
            }
            source.resume()
            sources.append(source)
        }
    }

    /// Tells nobody any more.
    ///
    /// The sources stay until the process ends: Dispatch's event loop may still follow a pointer to one that was cancelled.
    func ignore() {
        queue.async { [self] in isIgnoring = true }
    }
}
