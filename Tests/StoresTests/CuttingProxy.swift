import Foundation
import Glibc
import PostgresServer
import Synchronization

/// Stands between a store and its server, and cuts the connection at chosen moments.
final class CuttingProxy: Sendable {
    /// When the connection is cut.
    enum Moment: CaseIterable {
        /// The server never hears of it.
        case before
        /// The server has done it, and the store never hears of that.
        case after
    }

    private let port: ReservedPort
    private let server: UInt16
    private let moment: @Sendable ([UInt8]) -> Moment?
    /// The statement and the zero byte it ends with on the wire; `READ COMMITTED` is another thing.
    static let commit = Array("COMMIT\0".utf8)
    /// How many connections are still to be cut.
    private let left: Mutex<Int>

    /// Cuts `times` connections to the server on port `server` of this machine, each when something with these bytes is sent.
    convenience init(to server: UInt16, cutting moment: Moment, at bytes: [UInt8] = commit, times: Int) throws {
        try self.init(to: server, times: times) { $0.firstRange(of: bytes) == nil ? nil : moment }
    }

    /// Cuts `times` connections to the server on port `server` of this machine, each when `moment` names one for what is sent.
    init(to server: UInt16, times: Int = .max, _ moment: @escaping @Sendable ([UInt8]) -> Moment?) throws {
        port = try ReservedPort(isListening: true)
        self.server = server
        self.moment = moment
        left = Mutex(times)
        Thread.detachNewThread { [self] in
            while let client = port.accept() { serve(client) }
        }
    }

    /// Where the store is to connect to.
    var number: Int { Int(port.number) }

    /// How many cuts were not made.
    var cutsLeft: Int { left.withLock { $0 } }

    /// Takes no more connections.
    func stop() { port.stop() }

    private func serve(_ client: Int32) {
        guard let upstream = Self.connect(server) else {
            close(client)
            return
        }
        Thread.detachNewThread { [self] in
            pump(client, upstream)
            close(client)
            close(upstream)
        }
    }

    /// Carries bytes both ways until one side ends or the moment has come.
    private func pump(_ client: Int32, _ upstream: Int32) {
        var isCommitting = false
        while true {
            var ready = [
                pollfd(fd: client, events: Int16(POLLIN), revents: 0), pollfd(fd: upstream, events: Int16(POLLIN), revents: 0),
            ]
            guard unsafe poll(&ready, 2, -1) > 0 else { return }
            if ready[0].revents != 0 {
                guard let bytes = Self.read(client) else { return }
                if let moment = moment(bytes), takeCut() {
                    if moment == .before { return }
                    isCommitting = true
                }
                guard Self.write(bytes, to: upstream) else { return }
            }
            if ready[1].revents != 0 {
                guard let bytes = Self.read(upstream), !isCommitting, Self.write(bytes, to: client) else { return }
            }
        }
    }

    private func takeCut() -> Bool {
        left.withLock { left in
            guard left > 0 else { return false }
            left -= 1
            return true
        }
    }

    private static func connect(_ port: UInt16) -> Int32? {
        let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(INADDR_LOOPBACK).bigEndian
        let connected = unsafe withUnsafePointer(to: address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                unsafe Glibc.connect(socket, generic, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        return connected == 0 ? socket : nil
    }

    private static func read(_ socket: Int32) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: 65536)
        let count = unsafe Glibc.read(socket, &bytes, bytes.count)
        return count > 0 ? Array(bytes.prefix(count)) : nil
    }

    private static func write(_ bytes: [UInt8], to socket: Int32) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes {
                unsafe send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }
}
