import Dispatch
import Foundation
import Glibc

/// One connection over the loopback interface, byte by byte: for what an HTTP library would put right or refuse to send.
public final class Wire: Sendable {
    private let descriptor: Int32

    /// Connects to `port`; the system takes about so many bytes for us that we do not read, or as many as it likes.
    public init(to port: Int, holding bytes: Int32? = nil) throws {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        self.descriptor = descriptor
        if var bytes { _ = unsafe setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &bytes, socklen_t(MemoryLayout<Int32>.size)) }
        var address = loopback(port: UInt16(port))
        let size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isConnected = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe connect(descriptor, $0, size) == 0 }
        }
        guard isConnected else { throw POSIXError(.ECONNREFUSED) }
        bound()
    }

    /// Takes over a connection that was accepted.
    init(taking descriptor: Int32) {
        self.descriptor = descriptor
        bound()
    }

    /// A test that waits for what never comes fails, and does not hang.
    private func bound() {
        var patience = timeval(tv_sec: 120, tv_usec: 0)
        _ = unsafe setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
    }

    deinit { close(descriptor) }

    /// Sends `text` as it is.
    public func send(_ text: String) {
        let bytes = Array(text.utf8)
        _ = unsafe bytes.withUnsafeBytes { unsafe Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
    }

    /// Sends of `bytes` what the other side takes, and answers how many those are.
    ///
    /// Returns once it has taken all, has taken nothing more for `pause` milliseconds, or has closed.
    public func offer(_ bytes: [UInt8], pause: Int32) async -> Int {
        await withCheckedContinuation { done in
            DispatchQueue.global().async { [self] in
                var sent = 0
                while sent < bytes.count {
                    var ready = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                    guard unsafe poll(&ready, 1, pause) == 1 else { break }
                    let count = unsafe bytes.withUnsafeBytes {
                        unsafe Glibc.send(
                            descriptor, $0.baseAddress.map { unsafe $0 + sent }, $0.count - sent,
                            Int32(MSG_NOSIGNAL | MSG_DONTWAIT))
                    }
                    guard count > 0 else { break }
                    sent += count
                }
                done.resume(returning: sent)
            }
        }
    }

    /// All bytes until the other side closes, or until nothing has come for two minutes.
    public func rest() async -> [UInt8] {
        await withCheckedContinuation { done in
            DispatchQueue.global().async { [self] in
                var bytes: [UInt8] = []
                while let part = part() { bytes += part }
                done.resume(returning: bytes)
            }
        }
    }

    /// What there is, once there is something; nil when nothing will come.
    private func part() -> [UInt8]? {
        let part = unsafe [UInt8](unsafeUninitializedCapacity: 65_536) { buffer, count in
            count = unsafe max(0, recv(descriptor, buffer.baseAddress, buffer.count, 0))
        }
        return part.isEmpty ? nil : part
    }

    /// Everything until the other side closes, until `end` has come, or until nothing has come for two minutes.
    public func receive(until end: String? = nil) async -> String {
        await withCheckedContinuation { done in
            DispatchQueue.global().async { [self] in
                var bytes: [UInt8] = []
                while true {
                    let part = part()
                    bytes += part ?? []
                    let text = String(decoding: bytes, as: UTF8.self)
                    if part == nil || end.map(text.contains) ?? false { return done.resume(returning: text) }
                }
            }
        }
    }

    /// Sends one request whose first line and headers are exactly these, and returns the whole answer.
    public static func exchange(_ port: Int, _ lines: String...) async throws -> String {
        let wire = try Wire(to: port)
        wire.send((lines + ["Host: test", "Connection: close", "", ""]).joined(separator: "\r\n"))
        return await wire.receive()
    }
}

/// A server that does nothing by itself: a test takes each connection and says what it answers, or nothing.
public final class QuietPeer: Sendable {
    /// Where it listens.
    public let port: Int
    private let descriptor: Int32

    /// Listens on a free port.
    public init() throws {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = loopback(port: 0)
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe bind(descriptor, $0, size) == 0 && getsockname(descriptor, $0, &size) == 0
            }
        }
        guard isBound, listen(descriptor, 16) == 0 else { throw POSIXError(.EADDRINUSE) }
        self.descriptor = descriptor
        port = Int(UInt16(bigEndian: address.sin_port))
    }

    deinit { close(descriptor) }

    /// The next connection, once somebody makes one.
    public func accept() async -> Wire {
        await withCheckedContinuation { done in
            DispatchQueue.global().async { [self] in
                done.resume(returning: Wire(taking: Glibc.accept(descriptor, nil, nil)))
            }
        }
    }
}

private func loopback(port: UInt16) -> sockaddr_in {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(INADDR_LOOPBACK).bigEndian
    return address
}
