import Foundation
import Glibc

/// A port of the loopback interface that nobody else gets: silent when it listens, and refusing whoever comes when not.
public final class ReservedPort {
    private let socket: Int32
    /// The port.
    public let number: UInt16

    /// Takes a free port.
    public init(isListening: Bool = false) throws {
        let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(INADDR_LOOPBACK).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                unsafe bind(socket, generic, length) == 0 && getsockname(socket, generic, &length) == 0
            }
        }
        self.socket = socket
        number = UInt16(bigEndian: address.sin_port)
        guard bound, !isListening || listen(socket, 4) == 0 else { throw POSIXError(.EADDRINUSE) }
    }

    deinit {
        close(socket)
    }
}
