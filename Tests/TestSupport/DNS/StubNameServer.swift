import DNSWire
import Foundation
import Glibc
import Model
import Synchronization

/// A name server that answers as a test says, over UDP and TCP on one port of 127.0.0.1. It is gone when the test lets go
/// of it.
final class StubNameServer: Sendable {
    enum Transport: Sendable { case udp, tcp }

    /// What is sent back: each of the texts of bytes, in order; nothing at all; or, over TCP, an end.
    typealias Script = @Sendable (DNSMessage, Transport) -> [[UInt8]]

    let port: UInt16
    private let datagrams: Int32
    private let streams: LoopbackServer
    var address: ServerAddress { ServerAddress(host: "127.0.0.1", port: port) }

    init(_ script: @escaping Script) throws {
        let log = Log()
        let streams = try LoopbackServer { connection in
            let head = connection.bytes(2)
            guard head.count == 2 else { return }
            guard let message = try? DNSMessage(bytes: connection.bytes(Int(head[0]) << 8 | Int(head[1]))) else {
                return
            }
            log.add(message, .tcp)
            for bytes in script(message, .tcp) {
                connection.write(bytes: [UInt8(bytes.count >> 8), UInt8(bytes.count & 0xFF)] + bytes)
            }
        }
        self.streams = streams
        port = UInt16(streams.port)
        let socket = socket(AF_INET, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var own = sockaddr_in()
        own.sin_family = sa_family_t(AF_INET)
        own.sin_port = port.bigEndian
        own.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let bound = withUnsafePointer(to: &own) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard bound == 0 else { throw Failed() }
        datagrams = socket
        self.log = log
        Thread.detachNewThread { Self.serve(socket, script, log) }
    }

    struct Failed: Error {}

    private let log: Log

    final class Log: Sendable {
        private let entries = Mutex<[(DNSMessage, Transport)]>([])
        func add(_ message: DNSMessage, _ transport: Transport) { entries.withLock { $0.append((message, transport)) } }
        var all: [(DNSMessage, Transport)] { entries.withLock { $0 } }
    }

    /// What was asked, in order.
    var heard: [(DNSMessage, Transport)] { log.all }

    private static func serve(_ socket: Int32, _ script: Script, _ log: Log) {
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            var peer = sockaddr_in()
            var length = socklen_t(MemoryLayout<sockaddr_in>.size)
            let count = withUnsafeMutablePointer(to: &peer) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    recvfrom(socket, &buffer, buffer.count, 0, $0, &length)
                }
            }
            // A datagram without bytes comes from the test's own end.
            guard count > 0 else { break }
            guard let message = try? DNSMessage(bytes: Array(buffer.prefix(count))) else { continue }
            log.add(message, .udp)
            for bytes in script(message, .udp) {
                _ = withUnsafePointer(to: &peer) {
                    $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                        sendto(socket, bytes, bytes.count, 0, $0, length)
                    }
                }
            }
        }
        close(socket)
    }

    deinit { shutdown(datagrams, Int32(SHUT_RDWR)) }
}

extension DNSMessage {
    /// An authoritative answer to it.
    func answer(
        _ sets: [DNSRecordSet] = [], authority: [DNSRecordSet] = [], code: UInt16 = 0, isAuthoritative: Bool = true
    ) -> DNSMessage {
        func records(_ sets: [DNSRecordSet]) -> [Resource] {
            sets.flatMap { set in
                set.values.map {
                    Resource(
                        set.name, type: RecordType.number(of: set.type)!, ttl: UInt32(set.ttlSeconds),
                        data: try! RecordData.bytes($0, set.type))
                }
            }
        }
        let bits: UInt16 = 0x8000 | (isAuthoritative ? 0x0400 : 0) | code
        return DNSMessage(
            id: id, flags: .init(bits: bits), questions: questions, answers: records(sets),
            authority: records(authority))
    }

    /// The one record set that it asks for.
    var wanted: DNSRecordSet.Key { .init(questions[0].name, DNSType(RecordType.name(of: questions[0].type))) }

    /// What of a zone answers it.
    func answer(from sets: [DNSRecordSet], isAuthoritative: Bool = true) -> [UInt8] {
        answer(sets.filter { $0.key == wanted }, isAuthoritative: isAuthoritative).bytes
    }
}
