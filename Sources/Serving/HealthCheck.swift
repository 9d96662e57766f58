import Glibc

/// Asks the service on this machine whether it is alive, as the images' `HEALTHCHECK` does every few seconds.
///
/// One GET over a bare socket: it starts in a few milliseconds and needs no HTTP library.
public enum HealthCheck {
    /// Whether `http://127.0.0.1:PORT/health` answers 200 within `limit`.
    public static func passes(port: Int, within limit: Duration) -> Bool {
        guard let port = UInt16(exactly: port), let socket = LoopbackSocket(), socket.connect(to: port) else { return false }
        let end = ContinuousClock.now + limit
        guard socket.send(Array("GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".utf8)) else {
            return false
        }
        let wanted = Array("HTTP/1.1 200 ".utf8)
        var answer: [UInt8] = []
        while answer.count < wanted.count {
            let bytes = socket.receive(before: end)
            guard !bytes.isEmpty else { return false }
            answer += bytes
        }
        return answer.starts(with: wanted)
    }
}

/// A TCP connection to this machine.
@safe private struct LoopbackSocket: ~Copyable {
    private let descriptor: Int32

    init?() {
        descriptor = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { return nil }
    }

    deinit { close(descriptor) }

    /// Over the loopback interface this is answered at once, by the kernel.
    func connect(to port: UInt16) -> Bool {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let size = socklen_t(MemoryLayout<sockaddr_in>.size)
        return unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe Glibc.connect(descriptor, $0, size) == 0 }
        }
    }

    /// Sends what fits into the kernel's buffer, as a short request does.
    func send(_ bytes: [UInt8]) -> Bool {
        unsafe bytes.withUnsafeBytes { unsafe Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            == bytes.count
    }

    /// What has arrived; empty when nothing came in time or the other side is done.
    func receive(before end: ContinuousClock.Instant) -> [UInt8] {
        let left = (end - ContinuousClock.now).components
        let milliseconds = left.seconds * 1000 + left.attoseconds / 1_000_000_000_000_000
        var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        guard milliseconds > 0, unsafe poll(&waiting, 1, Int32(clamping: milliseconds)) == 1 else { return [] }
        return unsafe [UInt8](unsafeUninitializedCapacity: 256) { buffer, count in
            count = unsafe max(0, recv(descriptor, buffer.baseAddress, buffer.count, 0))
        }
    }
}
