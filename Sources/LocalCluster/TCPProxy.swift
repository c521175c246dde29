import CPlatform
import Glibc
import Synchronization

/// A TCP proxy on the loopback address that can be made to misbehave, as networks do.
///
/// All calls take effect before they return. It runs on one thread of its own until ``stop()``, or until the last
/// reference is gone. A client that connects while the target refuses connections is accepted and then reset.
public final class TCPProxy: Sendable {
    /// Which way bytes go.
    public enum Direction: Sendable {
        case toServer, toClient
    }

    /// The address that clients connect to.
    public let host = "127.0.0.1"
    /// The port that clients connect to; it stays the same over ``cut()`` and ``restore()``.
    public let port: Int

    private let core: ProxyCore

    /// Starts a proxy on a free port.
    ///
    /// - Parameter target: The port on 127.0.0.1 that it forwards to.
    /// - Throws: ``LocalClusterError`` when there is no port or no thread to be had.
    public static func start(to target: Int) throws -> TCPProxy {
        let (listener, port) = try FreePort.listen()
        let core = try ProxyCore(listener: listener, port: port, target: target)
        try core.startThread()
        return TCPProxy(port: port, core: core)
    }

    private init(port: Int, core: ProxyCore) {
        self.port = port
        self.core = core
    }

    deinit { core.stop() }

    /// How many clients are connected.
    public var connections: Int { core.state.withLock { $0.links.count } }

    /// Stops forwarding, both ways, and accepting; closes nothing. To a client it looks like a peer that went silent.
    public func stall() { core.change { $0.stalled = [.toServer, .toClient] } }

    /// Stops forwarding one way only, beside what is stalled already.
    ///
    /// - Parameter direction: The way that bytes no longer go.
    public func halfStall(_ direction: Direction) { core.change { $0.stalled.insert(direction) } }

    /// Forwards again, what had piled up first.
    public func resume() { core.change { $0.stalled = [] } }

    /// Resets every connection and refuses new ones.
    public func cut() { core.change { $0.cut() } }

    /// Accepts connections again after ``cut()``.
    ///
    /// - Throws: ``LocalClusterError`` when the port was taken by another program meanwhile.
    public func restore() throws {
        let failed = core.change { $0.restore() == false }
        if failed { throw LocalClusterError("could not restore the proxy: port \(port) is taken") }
    }

    /// Delays every byte, each way.
    ///
    /// - Parameter delay: How long; zero for not at all.
    public func delay(each delay: Duration) { core.change { $0.latency = delay } }

    /// Resets every connection and ends the proxy.
    public func stop() { core.stop() }
}

/// What a proxy and its thread share.
private final class ProxyCore: Sendable {
    let state: Mutex<ProxyState>
    /// An eventfd; counting it up ends a poll.
    private let wake: Int32

    init(listener: Int32, port: Int, target: Int) throws {
        wake = switchback_eventfd()
        guard wake >= 0 else {
            close(listener)
            throw LocalClusterError("could not start a proxy: \(String(cString: strerror(errno)))")
        }
        state = Mutex(ProxyState(listener: listener, port: port, target: target))
    }

    deinit {
        close(wake)
    }

    func startThread() throws {
        let context = Unmanaged.passRetained(self)
        var thread = pthread_t()
        guard pthread_create(&thread, nil, runProxy, context.toOpaque()) == 0 else {
            context.release()
            stop()
            throw LocalClusterError("could not start a thread for a proxy")
        }
        pthread_detach(thread)
    }

    /// Changes the state between two rounds of the thread, and has it look again.
    @discardableResult
    func change<R: Sendable>(_ body: (inout ProxyState) -> R) -> R {
        let result = state.withLock { body(&$0) }
        var one: UInt64 = 1
        _ = write(wake, &one, MemoryLayout<UInt64>.size)
        return result
    }

    func stop() {
        change { state in
            state.cut()
            state.isStopped = true
        }
    }

    func run() {
        while true {
            let (watched, timeout) = state.withLock { ($0.watched(), $0.timeoutMilliseconds(now: .now)) }
            guard var watched else { return }
            watched.append(pollfd(fd: wake, events: Int16(POLLIN), revents: 0))
            poll(&watched, nfds_t(watched.count), timeout)
            var count: UInt64 = 0
            _ = read(wake, &count, MemoryLayout<UInt64>.size)
            // Every socket is non-blocking, so all are simply tried: a descriptor may have been closed, and its number
            // used again, since the poll.
            state.withLock { $0.work(now: .now) }
        }
    }
}

private func runProxy(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let context else { return nil }
    Unmanaged<ProxyCore>.fromOpaque(context).takeRetainedValue().run()
    return nil
}
