import Foundation
import Glibc
import Peers
import Shops
import Synchronization

/// A registry of a shop's own, which can be frozen, killed and started again; and what it wrote about what it was asked: its access
/// log, one line for every answered request, and its storage.
actor RegistryHouse {
    /// `HOST:PORT`, the same after every start.
    nonisolated let address: String
    private let folder: String
    nonisolated let storage: RegistryStorage
    /// How many of its files were torn when it was killed.
    private(set) var torn = 0
    private var peer: Peer?
    /// The logs of the starts before.
    private var earlier = ""

    init() async throws {
        folder = NSTemporaryDirectory() + "shipit-chaos-registry-" + String(UInt32.random(in: .min ... .max), radix: 36)
        storage = RegistryStorage(folder: "\(folder)/data/docker/registry/v2")
        let peer = try await Self.start(folder)
        self.peer = peer
        address = "localhost:\(peer.facts["port"] ?? "0")"
    }

    private static func start(_ folder: String) async throws -> Peer {
        // It waits for the registry, which is no work for the shared pool of threads.
        try await withCheckedThrowingContinuation { done in
            DispatchQueue.global().async { done.resume(with: Result { try Peer([Peer.support("registry"), folder]) }) }
        }
    }

    private static func end(_ peer: consuming Peer?) async {
        let held = Mutex(peer)
        await withCheckedContinuation { (done: CheckedContinuation<Void, Never>) in
            DispatchQueue.global().async {
                held.withLock { $0 = nil }
                done.resume()
            }
        }
    }

    private func signal(_ signal: Int32) {
        guard let pid = peer?.facts["pid"].flatMap({ pid_t($0) }) else { return }
        kill(pid, signal)
    }

    /// It answers nobody until it is thawed.
    func freeze() { signal(SIGSTOP) }
    func thaw() { signal(SIGCONT) }

    /// It is killed: nobody can connect until it is started again, with what the kill tore put right.
    func fell() async {
        signal(SIGKILL)
        await Self.end(peer.take())
        earlier += log
    }

    func rise() async throws {
        guard peer == nil else { return }
        torn += try storage.mend()
        let peer = try await Self.start(folder)
        guard "localhost:\(peer.facts["port"] ?? "")" == address else {
            throw World.BadEnd(text: "The registry came back on another port than \(address).")
        }
        self.peer = peer
    }

    /// Ends it for good.
    func remove() async {
        await Self.end(peer.take())
        try? FileManager.default.removeItem(atPath: folder)
    }

    private var log: String {
        (try? Data(contentsOf: URL(filePath: "\(folder)/registry.log"))).map { String(decoding: $0, as: UTF8.self) } ?? ""
    }

    /// How often the manifest of each `REPOSITORY:TAG` was put and taken (status 201), by the access log.
    func puts() -> [String: Int] {
        var puts: [String: Int] = [:]
        for line in (earlier + log).split(separator: "\n") {
            guard let match = line.firstMatch(of: #/"PUT \/v2\/(\S+)\/manifests\/(\S+) HTTP\/[0-9.]+" 201 /#) else { continue }
            puts["\(match.1):\(match.2)", default: 0] += 1
        }
        return puts
    }
}

extension Optional {
    /// The value, which is gone from here afterwards.
    fileprivate mutating func take() -> Self {
        defer { self = nil }
        return self
    }
}
