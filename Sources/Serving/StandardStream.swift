import Glibc

/// The process's standard output and error, unbuffered: what was written stays written when the process is killed.
enum StandardStream: Int32 {
    case output = 1
    case error = 2

    /// Writes in one call, so that lines of different threads do not mix.
    ///
    /// What the reader does not take is lost, as there is no better place to say so.
    func write(_ bytes: [UInt8]) {
        _ = unsafe bytes.withUnsafeBytes { unsafe Glibc.write(rawValue, $0.baseAddress, $0.count) }
    }
}
