import Glibc

/// One question and its answer over the network, on the calling thread, with a time limit.
struct Exchange: Sendable {
    enum Transport: Sendable { case udp, tcp }

    enum Failure: Error, Hashable {
        /// The server's name has no address; what the resolver says.
        case isUnresolvable(String)
        /// Nothing was sent, or nothing can have arrived; why.
        case isUnreachable(String)
        /// It was sent, and no answer came in time.
        case hasNoAnswer
        /// It was sent, and the connection ended before the answer; why.
        case wasCutOff(String)
    }

    let message: [UInt8]
    let server: ServerAddress
    let transport: Transport
    let limit: Duration

    /// Sends the message and waits for an answer to it.
    ///
    /// - Parameter isAnswer: whether a message is the answer, and not one that somebody else sent.
    func run(_ isAnswer: (_ bytes: [UInt8]) -> Bool) -> Result<[UInt8], Failure> {
        let start = ContinuousClock.now
        let addresses: [SocketAddress]
        switch SocketAddress.resolve(server) {
        case .success(let found): addresses = found
        case .failure(let failure): return .failure(failure)
        }
        var failure = Failure.isUnresolvable("it has no address")
        for (index, address) in addresses.enumerated() {
            // The time that is left is shared by the addresses that are left.
            let left = limit - (ContinuousClock.now - start)
            let deadline = ContinuousClock.now + left / (addresses.count - index)
            let result =
                transport == .tcp ? overTCP(address, deadline, isAnswer) : overUDP(address, deadline, isAnswer)
            switch result {
            case .success: return result
            // What may have arrived at one address is not sent to another.
            case .failure(.hasNoAnswer) where transport == .tcp, .failure(.wasCutOff): return result
            case .failure(let reason): failure = reason
            }
        }
        return .failure(failure)
    }

    // MARK: UDP

    private func overUDP(
        _ address: SocketAddress, _ deadline: ContinuousClock.Instant, _ isAnswer: ([UInt8]) -> Bool
    ) -> Result<[UInt8], Failure> {
        guard let socket = Socket(address, SOCK_DGRAM) else { return .failure(.isUnreachable(Socket.reason())) }
        guard address.with({ connect(socket.descriptor, $0, $1) }) == 0 else {
            return .failure(.isUnreachable(Socket.reason()))
        }
        // A datagram may get lost: it is sent three times.
        let pause = (deadline - ContinuousClock.now) / 3
        for attempt in 1...3 {
            guard send(socket.descriptor, message, message.count, Int32(MSG_NOSIGNAL)) == message.count else {
                return .failure(.isUnreachable(Socket.reason()))
            }
            let end = attempt == 3 ? deadline : ContinuousClock.now + pause
            while socket.wait(for: POLLIN, until: end) {
                var buffer = [UInt8](repeating: 0, count: 65535)
                let count = recv(socket.descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT))
                if count < 0 {
                    if errno == EAGAIN || errno == EINTR { continue }
                    return .failure(.isUnreachable(Socket.reason()))
                }
                let bytes = Array(buffer.prefix(count))
                if isAnswer(bytes) { return .success(bytes) }
            }
        }
        return .failure(.hasNoAnswer)
    }

    // MARK: TCP

    private func overTCP(
        _ address: SocketAddress, _ deadline: ContinuousClock.Instant, _ isAnswer: ([UInt8]) -> Bool
    ) -> Result<[UInt8], Failure> {
        guard let socket = Socket(address, SOCK_STREAM) else { return .failure(.isUnreachable(Socket.reason())) }
        if let failure = socket.connect(address, until: deadline) { return .failure(failure) }
        var rest = ([UInt8(message.count >> 8), UInt8(message.count & 0xFF)] + message)[...]
        while !rest.isEmpty {
            guard socket.wait(for: POLLOUT, until: deadline) else { return .failure(.hasNoAnswer) }
            let count = rest.withUnsafeBytes { send(socket.descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            if count < 0 && (errno == EAGAIN || errno == EINTR) { continue }
            guard count > 0 else { return .failure(.wasCutOff(Socket.reason())) }
            rest = rest.dropFirst(count)
        }
        while true {
            switch socket.readMessage(until: deadline) {
            case .success(let bytes): if isAnswer(bytes) { return .success(bytes) }
            case .failure(let failure): return .failure(failure)
            }
        }
    }
}

/// A socket that is closed with its owner.
private struct Socket: ~Copyable {
    let descriptor: Int32

    init?(_ address: borrowing SocketAddress, _ type: __socket_type) {
        let flags = Int32(SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        descriptor = socket(address.family, Int32(type.rawValue) | flags, 0)
        if descriptor < 0 { return nil }
    }

    deinit { close(descriptor) }

    static func reason() -> String { String(cString: strerror(errno)) }

    /// Whether it can be read or written by then.
    func wait(for events: Int32, until deadline: ContinuousClock.Instant) -> Bool {
        while true {
            let left = deadline - ContinuousClock.now
            guard left > .zero else { return false }
            let (seconds, attoseconds) = left.components
            let milliseconds = min(seconds, 1_000_000) * 1000 + attoseconds / 1_000_000_000_000_000 + 1
            var entry = pollfd(fd: descriptor, events: Int16(events), revents: 0)
            let ready = poll(&entry, 1, Int32(milliseconds))
            if ready > 0 { return true }
            if ready < 0 && errno != EINTR { return false }
        }
    }

    func connect(_ address: SocketAddress, until deadline: ContinuousClock.Instant) -> Exchange.Failure? {
        let status = address.with { Glibc.connect(descriptor, $0, $1) }
        if status == 0 { return nil }
        guard errno == EINPROGRESS else { return .isUnreachable(Self.reason()) }
        guard wait(for: POLLOUT, until: deadline) else { return .isUnreachable("it does not answer") }
        var error: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        guard getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &length) == 0, error == 0 else {
            return .isUnreachable(String(cString: strerror(error == 0 ? errno : error)))
        }
        return nil
    }

    /// The next message of a stream: its length in two bytes, and itself.
    func readMessage(until deadline: ContinuousClock.Instant) -> Result<[UInt8], Exchange.Failure> {
        read(2, until: deadline).flatMap { head in
            read(Int(head[0]) << 8 | Int(head[1]), until: deadline)
        }
    }

    private func read(_ count: Int, until deadline: ContinuousClock.Instant) -> Result<[UInt8], Exchange.Failure> {
        var bytes: [UInt8] = []
        while bytes.count < count {
            guard wait(for: POLLIN, until: deadline) else { return .failure(.hasNoAnswer) }
            var buffer = [UInt8](repeating: 0, count: count - bytes.count)
            let received = recv(descriptor, &buffer, buffer.count, 0)
            if received < 0 && (errno == EAGAIN || errno == EINTR) { continue }
            if received < 0 { return .failure(.wasCutOff(Self.reason())) }
            if received == 0 { return .failure(.wasCutOff("the server closed the connection")) }
            bytes += buffer.prefix(received)
        }
        return .success(bytes)
    }
}

/// An address as the socket calls take it.
private struct SocketAddress {
    let family: Int32
    private let bytes: [UInt8]

    private init(family: Int32, bytes: [UInt8]) { (self.family, self.bytes) = (family, bytes) }

    func with<R>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> R) -> R {
        bytes.withUnsafeBytes { raw in
            // The bytes came from getaddrinfo as a sockaddr; an aligned copy is handed out.
            var storage = sockaddr_storage()
            withUnsafeMutableBytes(of: &storage) { $0.copyMemory(from: raw) }
            return withUnsafePointer(to: &storage) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(bytes.count)) }
            }
        }
    }

    static func resolve(_ server: ServerAddress) -> Result<[SocketAddress], Exchange.Failure> {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_flags = AI_NUMERICSERV
        var list: UnsafeMutablePointer<addrinfo>?
        let status = getaddrinfo(server.host, "\(server.port)", &hints, &list)
        guard status == 0 else { return .failure(.isUnresolvable(String(cString: gai_strerror(status)))) }
        defer { freeaddrinfo(list) }
        var found: [SocketAddress] = []
        var next = list
        while let entry = next?.pointee {
            if let address = entry.ai_addr, Int(entry.ai_addrlen) <= MemoryLayout<sockaddr_storage>.size {
                let bytes = UnsafeRawBufferPointer(start: address, count: Int(entry.ai_addrlen))
                found.append(SocketAddress(family: entry.ai_family, bytes: Array(bytes)))
            }
            next = entry.ai_next
        }
        return found.isEmpty ? .failure(.isUnresolvable("it has no address")) : .success(found)
    }
}
