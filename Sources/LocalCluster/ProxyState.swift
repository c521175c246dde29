import Glibc

/// The connections of a proxy, and how it treats them.
struct ProxyState: Sendable {
    var stalled: Set<TCPProxy.Direction> = []
    var latency: Duration = .zero
    var isStopped = false
    private(set) var links: [ProxyLink] = []
    /// -1 when new connections are refused.
    private var listener: Int32
    private let port: Int
    private let target: Int

    init(listener: Int32, port: Int, target: Int) {
        self.listener = listener
        self.port = port
        self.target = target
    }

    mutating func cut() {
        for link in links { link.reset() }
        links = []
        if listener >= 0 {
            disconnectNow(listener)
            close(listener)
        }
        listener = -1
    }

    mutating func restore() -> Bool {
        guard !isStopped, listener < 0 else { return !isStopped }
        listener = FreePort.listen(on: port) ?? -1
        return listener >= 0
    }

    private var accepts: Bool { listener >= 0 && stalled.count < 2 }

    /// What the thread waits for; nil when it is to end.
    func watched() -> [pollfd]? {
        guard !isStopped else { return nil }
        var all = links.flatMap { $0.watched(stalled: stalled) }
        if accepts { all.append(pollfd(fd: listener, events: Int16(POLLIN), revents: 0)) }
        return all
    }

    /// How long the thread may wait before delayed bytes are due; -1 for as long as it takes.
    func timeoutMilliseconds(now: ContinuousClock.Instant) -> Int32 {
        let due = links.compactMap { $0.nextDue(stalled: stalled) }.min()
        guard let due else { return -1 }
        let (seconds, attoseconds) = (due - now).components
        return Int32(max(0, min(60_000, seconds * 1000 + attoseconds / 1_000_000_000_000_000 + 1)))
    }

    mutating func work(now: ContinuousClock.Instant) {
        while accepts {
            // The module Glibc has no accept4, which would do these three calls in one.
            let client = accept(listener, nil, nil)
            guard client >= 0 else { break }
            _ = fcntl(client, F_SETFD, FD_CLOEXEC)
            _ = fcntl(client, F_SETFL, O_NONBLOCK)
            if let link = ProxyLink(client: client, target: target) { links.append(link) }
        }
        for index in links.indices {
            links[index].work(now: now, latency: latency, stalled: stalled)
        }
        for link in links where link.isOver { link.reset() }
        links.removeAll(where: \.isOver)
    }
}

/// Resets a connection, or ends a listener, at once. `close` alone takes effect only when the poll that the proxy's thread
/// may be in, and which holds the descriptor too, has ended.
private func disconnectNow(_ descriptor: Int32) {
    var nowhere = sockaddr()
    nowhere.sa_family = sa_family_t(AF_UNSPEC)
    connect(descriptor, &nowhere, socklen_t(MemoryLayout<sockaddr>.size))
}

/// One client's connection, and the one to the server that stands for it.
struct ProxyLink: Sendable {
    private let client: Int32
    private let server: Int32
    private var toServer = ProxyPipe()
    private var toClient = ProxyPipe()
    private var isBroken = false

    init?(client: Int32, target: Int) {
        let type = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        self.client = client
        self.server = socket(AF_INET, type, 0)
        guard server >= 0 else {
            close(client)
            return nil
        }
        for descriptor in [client, server] {
            var yes: Int32 = 1
            setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &yes, socklen_t(MemoryLayout<Int32>.size))
        }
        // Still under way when this returns; a refusal comes out of the first read.
        _ = FreePort.withLoopback(target) { connect(server, $0, $1) }
    }

    /// Both sides have said all they had to say, or one has failed.
    var isOver: Bool { isBroken || (toServer.isDone && toClient.isDone) }

    /// Closes both sides. A side that has not been closed in order sees a reset.
    func reset() {
        for descriptor in [client, server] {
            if !(toServer.isDone && toClient.isDone) { disconnectNow(descriptor) }
            close(descriptor)
        }
    }

    func watched(stalled: Set<TCPProxy.Direction>) -> [pollfd] {
        var events: (client: Int32, server: Int32) = (0, 0)
        if !stalled.contains(.toServer) {
            if toServer.wantsMore { events.client |= POLLIN }
            if toServer.isBlocked { events.server |= Int32(POLLOUT) }
        }
        if !stalled.contains(.toClient) {
            if toClient.wantsMore { events.server |= POLLIN }
            if toClient.isBlocked { events.client |= Int32(POLLOUT) }
        }
        // Without events a socket is left out: poll would report its end again and again.
        return [(client, events.client), (server, events.server)].filter { $0.1 != 0 }
            .map { pollfd(fd: $0.0, events: Int16($0.1), revents: 0) }
    }

    func nextDue(stalled: Set<TCPProxy.Direction>) -> ContinuousClock.Instant? {
        let pipes = [(TCPProxy.Direction.toServer, toServer), (.toClient, toClient)]
        return pipes.filter { !stalled.contains($0.0) }.compactMap { $0.1.nextDue }.min()
    }

    mutating func work(now: ContinuousClock.Instant, latency: Duration, stalled: Set<TCPProxy.Direction>) {
        var succeeded = true
        if !stalled.contains(.toServer) {
            succeeded = toServer.move(from: client, to: server, now: now, latency: latency)
        }
        if succeeded && !stalled.contains(.toClient) {
            succeeded = toClient.move(from: server, to: client, now: now, latency: latency)
        }
        if !succeeded { isBroken = true }
    }
}

/// The bytes on their way in one direction of a link.
struct ProxyPipe: Sendable {
    private static let bytesMax = 1 << 20

    private var chunks: [(due: ContinuousClock.Instant, bytes: ArraySlice<UInt8>)] = []
    private var waiting = 0
    private var sawEnd = false
    /// Whether the receiving side took no more when last asked.
    private(set) var isBlocked = false
    /// Whether the sender's end has been passed on, after all of its bytes.
    private(set) var isDone = false

    var wantsMore: Bool { !sawEnd && waiting < Self.bytesMax }

    /// When the next delayed bytes are to go out; nil when the receiving side is what they wait for, or there are none.
    var nextDue: ContinuousClock.Instant? { isBlocked ? nil : chunks.first?.due }

    /// Moves what can be moved. False when a side has failed.
    mutating func move(from: Int32, to: Int32, now: ContinuousClock.Instant, latency: Duration) -> Bool {
        take(from: from, due: now + latency) && give(to: to, now: now)
    }

    private mutating func take(from: Int32, due: ContinuousClock.Instant) -> Bool {
        while wantsMore {
            var received = 0
            let bytes = [UInt8](unsafeUninitializedCapacity: 65536) { buffer, count in
                received = recv(from, buffer.baseAddress, buffer.count, 0)
                count = max(0, received)
            }
            if received < 0 { return Self.isTemporary(errno) }
            // An empty chunk stands for the sender's end, which is as late as its bytes are.
            if received == 0 { sawEnd = true }
            chunks.append((due, bytes[...]))
            waiting += received
        }
        return true
    }

    private mutating func give(to: Int32, now: ContinuousClock.Instant) -> Bool {
        isBlocked = false
        while let chunk = chunks.first, chunk.due <= now {
            if chunk.bytes.isEmpty {
                shutdown(to, Int32(SHUT_WR))
                isDone = true
                chunks = []
                return true
            }
            let sent = chunk.bytes.withUnsafeBytes { send(to, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            if sent < 0 {
                isBlocked = Self.isTemporary(errno)
                return isBlocked
            }
            waiting -= sent
            chunks[0].bytes.removeFirst(sent)
            if chunks[0].bytes.isEmpty { chunks.removeFirst() }
        }
        return true
    }

    private static func isTemporary(_ error: Int32) -> Bool { error == EAGAIN || error == EINTR }
}
