/// An answer whose content comes bit by bit, as long as both sides like.
public struct HTTPFollowing: Sendable {
    /// The status.
    public let status: Int
    /// The header fields.
    public let headers: HTTPHeaders
    /// The content as it comes; ends with an `HTTPError` where the connection does before the content.
    ///
    /// Whoever stops reading ends the transfer.
    public let content: AsyncThrowingStream<[UInt8], any Error>
}

extension HTTPClient {
    /// Sends `request` and returns once the header of the answer is there; its content follows as it comes.
    ///
    /// The request's deadline is for the header; afterwards there is none for the whole, but for each pause. Who reads more slowly than
    /// the answer comes is let go: some hundred pieces are kept for them.
    /// - Parameters:
    ///   - request: what to send; its limit on the length of the answer does not count.
    ///   - idle: how long nothing may come, in whole seconds.
    public func follow(_ request: HTTPRequest, idle: Duration) async throws(HTTPError) -> HTTPFollowing {
        let (contents, content) = AsyncThrowingStream.makeStream(of: [UInt8].self, bufferingPolicy: .bufferingOldest(512))
        let (heads, head) = AsyncStream.makeStream(of: Result<HTTPFollowing, HTTPError>.self)
        let tap = Tap(idle: idle) { status, headers in
            head.yield(.success(HTTPFollowing(status: status, headers: headers, content: contents)))
        } bytes: { bytes in
            if case .enqueued = content.yield(bytes) { true } else { false }
        }
        let transfer = Task {
            do throws(HTTPError) {
                _ = try await send(request, through: tap)
                content.finish()
            } catch {
                head.yield(.failure(error))
                content.finish(throwing: error)
            }
            head.finish()
        }
        content.onTermination = { _ in transfer.cancel() }
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
        case .success(let following): return following
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
    let bytes: @Sendable ([UInt8]) -> Bool
}
