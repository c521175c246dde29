import DNSWire
import Foundation
import Glibc
import LocalCluster
import Model

/// A name server for machines that have none: it answers, over UDP, for the one name of the demo with the address that
/// stands in a file, and looks there for each question.
final class ZoneFileServer: Sendable {
    let address: ServerAddress
    private let datagrams: Int32

    /// - Parameter file: holds the address, and nothing else.
    init(file: String, name: DNSName, ttlSeconds: Int) throws {
        var found: (Int32, Int)?
        for _ in 0..<20 where found == nil {
            let port = try FreePort.find()
            found = LoopbackSocket.bound(SOCK_DGRAM, address: "127.0.0.1", port: port).map { ($0, port) }
        }
        guard let found else { throw DemoError("could not find a free port for a name server") }
        datagrams = found.0
        address = ServerAddress(host: "127.0.0.1", port: UInt16(found.1))
        let datagrams = found.0
        Thread.detachNewThread { Self.serve(datagrams, file, name, ttlSeconds) }
    }

    func stop() { shutdown(datagrams, Int32(SHUT_RDWR)) }

    private static func serve(_ socket: Int32, _ file: String, _ name: DNSName, _ ttlSeconds: Int) {
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            var peer = sockaddr_in()
            var length = socklen_t(MemoryLayout<sockaddr_in>.size)
            let count = withUnsafeMutablePointer(to: &peer) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    recvfrom(socket, &buffer, buffer.count, 0, $0, &length)
                }
            }
            if count < 0 && errno == EINTR { continue }
            // Nothing at all comes when it is to end.
            guard count > 0 else { break }
            guard let question = try? DNSMessage(bytes: Array(buffer.prefix(count))) else { continue }
            let bytes = answer(question, name, ttlSeconds, address: try? String(contentsOfFile: file, encoding: .utf8))
                .bytes
            _ = withUnsafePointer(to: &peer) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    sendto(socket, bytes, bytes.count, 0, $0, length)
                }
            }
        }
        close(socket)
    }

    /// What the file's content answers to a question: authoritatively the address, or nothing.
    static func answer(_ question: DNSMessage, _ name: DNSName, _ ttlSeconds: Int, address: String?) -> DNSMessage {
        var answers: [DNSMessage.Resource] = []
        let value = (address ?? "").trimmingCharacters(in: .whitespacesAndNewlines)
        if let asked = question.questions.first, asked.name == name, RecordType.name(of: asked.type) == "A",
            let data = try? RecordData.bytes(value, .a)
        {
            answers = [.init(name, type: asked.type, ttl: UInt32(ttlSeconds), data: data)]
        }
        return DNSMessage(
            id: question.id, flags: .init(bits: 0x8400), questions: question.questions, answers: answers)
    }
}
