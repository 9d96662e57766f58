/// An answer whose content comes bit by bit, as long as both sides like.
public struct HTTPFollowing: Sendable {
    /// The status.
    public let status: Int
    /// The header fields.
    public let headers: HTTPHeaders
    /// The content as it comes; ends with an `HTTPError` where the connection does before the content.
    ///
    /// For one reader. Whoever stops reading ends the transfer.
    public let content: AsyncThrowingStream<[UInt8], any Error>
}

extension HTTPClient {
    /// Sends `request` and returns once the header of the answer is there; its content follows as it comes.
    ///
    /// The request's deadline is for the header; afterwards there is none for the whole, but for each pause. Who reads more slowly than
    /// the answer comes is waited for, and so is the other side, which is read from no further: some 80 KiB are kept.
    /// - Parameters:
    ///   - request: what to send; its limit on the length of the answer does not count.
    ///   - idle: how long nothing may come, in whole seconds.
    ///   - patience: how long whoever reads may take nothing of what has come.
    public func follow(_ request: HTTPRequest, idle: Duration, patience: Duration) async throws(HTTPError) -> HTTPFollowing {
        let ticket = loop.ticket()
        let basin = Basin { [loop] in loop.resume(ticket) }
        let (heads, head) = AsyncStream.makeStream(of: Result<(status: Int, headers: HTTPHeaders), HTTPError>.self)
        let tap = Tap(idle: idle) { status, headers in
            head.yield(.success((status, headers)))
        } bytes: { bytes in
            basin.fill(bytes)
        }
        let transfer = Task {
            do throws(HTTPError) {
                _ = try await send(request, as: ticket, through: tap)
                basin.end(.success(()))
            } catch {
                head.yield(.failure(error))
                basin.end(.failure(error))
            }
            head.finish()
        }
        let waiting = Task {
            do { try await Task.sleep(for: request.deadline) } catch { return }
            head.yield(.failure(HTTPError(.timedOut, "\(request.method) was ended: no answer began within \(request.deadline).")))
        }
        defer { waiting.cancel() }
        let first = await withTaskCancellationHandler {
            await heads.first { _ in true }
        } onCancel: {
            transfer.cancel()
        }
        switch first {
        case .success(let (status, headers)):
            let reading = Reading(of: basin, transfer, patience: patience, method: request.method)
            return HTTPFollowing(
                status: status, headers: headers, content: AsyncThrowingStream { try await reading.basin.next() })
        case .failure(let error):
            transfer.cancel()
            throw error
        case nil:
            transfer.cancel()
            throw HTTPError(.cancelled, "\(request.method) was cancelled.")
        }
    }
}

/// Where an answer goes while it comes, instead of being kept; called on the loop's thread.
struct Tap: Sendable {
    let idle: Duration
    /// Told once, when the header is complete.
    let head: @Sendable (_ status: Int, _ headers: HTTPHeaders) -> Void
    /// Takes what has come; answers whether it could.
    ///
    /// What it could not take comes again once the transfer is resumed.
    let bytes: @Sendable ([UInt8]) -> Bool
}

/// What a reader holds while it reads: a transfer that nobody reads from ends, because the reader let go of it or takes nothing.
private final class Reading: Sendable {
    let basin: Basin
    private let transfer: Task<Void, Never>
    private let watch: Task<Void, any Error>

    init(of basin: Basin, _ transfer: Task<Void, Never>, patience: Duration, method: String) {
        self.basin = basin
        self.transfer = transfer
        // libcurl counts no time while a transfer waits.
        watch = Task {
            while let due = basin.waits(atMost: patience) { try await Task.sleep(until: due, clock: .continuous) }
            let late = HTTPError(.timedOut, "\(method) was ended: nothing of what came was read within \(patience).")
            basin.end(.failure(late), isEmptied: true)
            transfer.cancel()
        }
    }

    deinit {
        watch.cancel()
        transfer.cancel()
    }
}
