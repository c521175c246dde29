import Glibc
import Synchronization
import Testing

@testable import LocalCluster

/// A server that sends back what it gets, one connection at a time on a thread each.
private final class EchoServer: Sendable {
    let port: Int
    /// How many bytes have reached it.
    let received = Atomic(0)
    private let listener: Int32

    init() throws {
        (listener, port) = try FreePort.listen()
        _ = fcntl(listener, F_SETFL, 0)
        let listener = listener
        startThread { [self] in
            while true {
                let client = accept(listener, nil, nil)
                guard client >= 0 else { return }
                startThread { [self] in
                    var bytes = [UInt8](repeating: 0, count: 65536)
                    while true {
                        let count = recv(client, &bytes, bytes.count, 0)
                        guard count > 0 else { break }
                        received.add(count, ordering: .relaxed)
                        guard send(client, bytes, count, Int32(MSG_NOSIGNAL)) == count else { break }
                    }
                    shutdown(client, Int32(SHUT_RDWR))
                    close(client)
                }
            }
        }
    }

    func stop() {
        shutdown(listener, Int32(SHUT_RDWR))
        close(listener)
    }
}

private final class Work: Sendable {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
}

private func runWork(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let context else { return nil }
    Unmanaged<Work>.fromOpaque(context).takeRetainedValue().body()
    return nil
}

private func startThread(_ body: @escaping @Sendable () -> Void) {
    var thread = pthread_t()
    pthread_create(&thread, nil, runWork, Unmanaged.passRetained(Work(body)).toOpaque())
    pthread_detach(thread)
}

/// A client that never blocks for long.
private struct Client {
    let descriptor: Int32

    /// nil when the connection is refused.
    init?(port: Int) {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var limit = timeval(tv_sec: 30, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        let descriptor = descriptor
        guard FreePort.withLoopback(port, { connect(descriptor, $0, $1) }) == 0 else {
            close(descriptor)
            return nil
        }
    }

    func say(_ text: String) { _ = send(descriptor, text, text.utf8.count, Int32(MSG_NOSIGNAL)) }

    /// What comes next: nil when nothing does within half a minute (or at once, when not `waiting`), "" at the end.
    func hear(waiting: Bool = true) -> String? {
        var bytes = [UInt8](repeating: 0, count: 65536)
        let count = recv(descriptor, &bytes, bytes.count, Int32(waiting ? 0 : Int(MSG_DONTWAIT)))
        if count < 0 { return errno == EAGAIN ? nil : "error \(errno)" }
        return String(decoding: bytes[..<count], as: UTF8.self)
    }

    func leave() { close(descriptor) }
}

private func withProxy(_ body: (TCPProxy, EchoServer) async throws -> Void) async throws {
    let server = try EchoServer()
    let proxy = try TCPProxy.start(to: server.port)
    defer {
        proxy.stop()
        server.stop()
    }
    try await body(proxy, server)
}

/// Long enough for bytes that are wrongly let through to arrive. A wait that is too short hides a fault; it makes none.
private func giveItTime() async throws { try await Task.sleep(for: .milliseconds(100)) }

@Suite("The misbehaving proxy") struct TCPProxyTests {
    @Test func `forwards both ways, and passes on an end`() async throws {
        try await withProxy { proxy, _ in
            let client = try #require(Client(port: proxy.port))
            client.say("hello")
            #expect(client.hear() == "hello")
            shutdown(client.descriptor, Int32(SHUT_WR))
            #expect(client.hear() == "")
            #expect(await eventually { proxy.connections == 0 })
            client.leave()
        }
    }

    @Test func `carries more than it holds`() async throws {
        try await withProxy { proxy, _ in
            let client = try #require(Client(port: proxy.port))
            let total = 20_000_000
            let descriptor = client.descriptor
            startThread {
                let bytes = (0..<1_000_000).map { UInt8(truncatingIfNeeded: $0 / 7) }
                for _ in 0..<(total / bytes.count) {
                    var left = bytes[...]
                    while !left.isEmpty {
                        let sent = left.withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, 0) }
                        if sent <= 0 { return }
                        left = left.dropFirst(sent)
                    }
                }
            }
            var heard = 0
            var wrong = 0
            var bytes = [UInt8](repeating: 0, count: 65536)
            while heard < total {
                let count = recv(descriptor, &bytes, bytes.count, 0)
                guard count > 0 else { break }
                for index in 0..<count where bytes[index] != UInt8(truncatingIfNeeded: (heard + index) % 1_000_000 / 7)
                {
                    wrong += 1
                }
                heard += count
            }
            #expect(heard == total)
            #expect(wrong == 0)
            client.leave()
        }
    }

    @Test func `a stall keeps bytes and newcomers waiting, and resume delivers them`() async throws {
        try await withProxy { proxy, _ in
            let client = try #require(Client(port: proxy.port))
            client.say("before ")
            #expect(client.hear() == "before ")
            proxy.stall()
            client.say("during")
            let newcomer = try #require(Client(port: proxy.port))
            newcomer.say("new")
            try await giveItTime()
            #expect(client.hear(waiting: false) == nil)
            #expect(newcomer.hear(waiting: false) == nil)
            proxy.resume()
            #expect(client.hear() == "during")
            #expect(newcomer.hear() == "new")
            client.leave()
            newcomer.leave()
        }
    }

    @Test(arguments: [TCPProxy.Direction.toServer, .toClient])
    func `a half stall holds one way only`(_ direction: TCPProxy.Direction) async throws {
        try await withProxy { proxy, server in
            let client = try #require(Client(port: proxy.port))
            client.say("first")
            #expect(client.hear() == "first")
            proxy.halfStall(direction)
            client.say("second")
            let wouldReach = direction == .toClient ? "firstsecond".utf8.count : "first".utf8.count
            #expect(await eventually { server.received.load(ordering: .relaxed) == wouldReach })
            try await giveItTime()
            #expect(server.received.load(ordering: .relaxed) == wouldReach)
            #expect(client.hear(waiting: false) == nil)
            proxy.resume()
            #expect(client.hear() == "second")
            client.leave()
        }
    }

    @Test func `a cut resets and refuses, and restore accepts on the same port`() async throws {
        try await withProxy { proxy, _ in
            let client = try #require(Client(port: proxy.port))
            client.say("hello")
            #expect(client.hear() == "hello")
            proxy.cut()
            #expect(client.hear() == "error \(ECONNRESET)")
            #expect(Client(port: proxy.port) == nil)
            #expect(proxy.connections == 0)
            try proxy.restore()
            let again = try #require(Client(port: proxy.port))
            again.say("again")
            #expect(again.hear() == "again")
            client.leave()
            again.leave()
        }
    }

    @Test func `a delay holds bytes back, in order`() async throws {
        try await withProxy { proxy, _ in
            proxy.delay(each: .milliseconds(300))
            let client = try #require(Client(port: proxy.port))
            let start = ContinuousClock.now
            client.say("late")
            #expect(client.hear() == "late")
            // Twice the delay at least, by the meaning of it; how much more is not asked.
            #expect(ContinuousClock.now - start >= .milliseconds(600))
            client.leave()
        }
    }

    @Test func `after stop, and when nobody serves behind it, clients learn it`() async throws {
        let closed = try FreePort.find()
        let proxy = try TCPProxy.start(to: closed)
        let client = try #require(Client(port: proxy.port))
        #expect(client.hear() == "error \(ECONNRESET)")
        proxy.stop()
        #expect(Client(port: proxy.port) == nil)
        client.leave()
    }

    @Test func `a server behind it is reached, lost and reached again`() async throws {
        try await withCluster { cluster in
            let proxy = try TCPProxy.start(to: cluster.port)
            let dsn = cluster.dsn(port: proxy.port)
            #expect(await psql(cluster, "SELECT 42", dsn: dsn) == "42")
            proxy.cut()
            #expect(await psql(cluster, "SELECT 42", dsn: dsn).contains("refused"))
            try proxy.restore()
            #expect(await psql(cluster, "SELECT 42", dsn: dsn) == "42")
            proxy.stop()
        }
    }
}
