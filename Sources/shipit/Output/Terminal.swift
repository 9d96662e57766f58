import Glibc

/// The terminal that standard output is.
enum Terminal {
    /// Whether standard output is a terminal.
    static var isOutput: Bool { isatty(STDOUT_FILENO) == 1 }

    /// Whether standard error is a terminal too.
    static var isError: Bool { isatty(STDERR_FILENO) == 1 }

    /// Its size now; 80 × 24 where it does not say.
    static var size: (columns: Int, rows: Int) {
        guard let told, told.ws_row > 0 else { return (80, 24) }
        return (Int(told.ws_col), Int(told.ws_row))
    }

    /// Its columns now; nil where there is no terminal, or one that does not say.
    static var columns: Int? { told.map { Int($0.ws_col) } }

    private static var told: winsize? {
        var size = winsize()
        guard unsafe ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
        return size
    }

    /// Whether we may draw: not while a shell has put us into the background.
    static var isOurs: Bool {
        let group = tcgetpgrp(STDOUT_FILENO)
        return group == -1 || group == getpgrp()
    }

    /// Writes all of it; what cannot be written is dropped, since a reader that went away is no reason to stop what we do.
    static func write(_ bytes: [UInt8], to descriptor: Int32) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count > 0 { rest = rest.dropFirst(count) } else if count < 0, !isPassing(errno, of: descriptor) { return }
        }
    }

    /// Whether what kept us from writing is over, or was waited for: whoever we share a pipe with may have made it one that does not block.
    private static func isPassing(_ error: Int32, of descriptor: Int32) -> Bool {
        guard error == EAGAIN else { return error == EINTR }
        var waiting = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        return unsafe poll(&waiting, 1, -1) == 1 || errno == EINTR
    }
}
