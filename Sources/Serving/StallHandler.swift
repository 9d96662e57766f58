import Glibc
import NIOCore

/// Closes a connection whose other side takes nothing of what is sent to it, so that nobody holds memory by not reading.
///
/// A channel takes 64 KiB beyond what the system holds; then it is not writable, and becomes so again when half of that is gone.
final class StallHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = NIOAny

    private let limit: TimeAmount
    private var closing: Scheduled<Void>?

    /// Closes what was not writable for so long.
    init(after limit: Duration) {
        self.limit = TimeAmount(limit)
    }

    func handlerAdded(context: ChannelHandlerContext) {
        // Of what is not on its way yet the system would otherwise hold megabytes.
        _ = context.channel.setOption(.tcpOption(NIOBSDSocket.Option(rawValue: TCP_NOTSENT_LOWAT)), value: 1 << 16)
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        closing?.cancel()
        closing =
            context.channel.isWritable
            ? nil : context.eventLoop.scheduleTask(in: limit) { [channel = context.channel] in channel.close(promise: nil) }
        context.fireChannelWritabilityChanged()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        closing?.cancel()
    }
}
