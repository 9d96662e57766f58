import HTTP
import Journal

/// What stages printed, behind an API.
struct RemoteLogs: LogStore {
    /// How the API lists the logs of a run.
    private struct List: Decodable {
        struct Log: Decodable {
            let stage: String
            let attempt: Int
            let size: Int64
        }

        let logs: [Log]
    }

    let store: RemoteStore

    /// See `LogStore.append`.
    func append(_ bytes: [UInt8], to log: LogName, at offset: Int64) async throws(StoreError) -> LogGrowth {
        // 409 says where it ends instead.
        let answer = try await call("PATCH", log).with(bytes: bytes).adding("Upload-Offset", "\(offset)").response(or: [409])
        guard answer.status == 409 else { return .added }
        guard let end = answer.headers.first("Upload-Offset").flatMap({ Int64($0) }) else {
            throw StoreError(.failed, "The API does not say where the log of \(log.stage) in run \(log.run) ends.")
        }
        return .ends(at: end)
    }

    /// See `LogStore.sizes`.
    func sizes(ofRun run: String, stage: String?) async throws(StoreError) -> [LogName: Int64] {
        let list = try await store.call("GET", "/\(run)/logs", below: "/runs").value(List.self)
        var sizes: [LogName: Int64] = [:]
        for log in list.logs where stage == nil || log.stage == stage {
            sizes[LogName(run: run, stage: log.stage, attempt: log.attempt)] = log.size
        }
        return sizes
    }

    /// See `LogStore.read`.
    func read(_ log: LogName, from offset: Int64, limit: Int) async throws(StoreError) -> [UInt8] {
        guard limit > 0, offset >= 0 else { return [] }
        let range = "bytes=\(offset)-\(offset + Int64(limit) - 1)"
        let answer = try await call("GET", log).adding("Range", range).response(or: [404, 416])
        return answer.status == 206 ? answer.body : []
    }

    private func call(_ method: String, _ log: LogName) throws(StoreError) -> RemoteCall {
        try store.call(
            method, "/\(log.run)/stages/\(log.stage)/log", below: "/runs", query: [("attempt", "\(log.attempt)")])
    }
}
