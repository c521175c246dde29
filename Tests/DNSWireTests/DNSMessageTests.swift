import DNSWire
import Model
import TestSupport
import Testing

@Suite("DNS messages") struct DNSMessageTests {
    private static let www = DNSName("www.example.org")!

    @Test func `a question travels as RFC 1035 has it`() {
        let question = DNSMessage(
            id: 0x1234, flags: .init(opcode: .query, wantsRecursion: true), questions: [.init(Self.www, type: 1)])
        let wanted: [UInt8] =
            [0x12, 0x34, 0x01, 0x00, 0, 1, 0, 0, 0, 0, 0, 0, 3] + Array("www".utf8) + [7] + Array("example".utf8) + [3]
            + Array("org".utf8) + [0, 0, 1, 0, 1]
        #expect(question.bytes == wanted)
    }

    /// www.example.org CNAME web.example.org, with names that point back.
    private static let compressed: [UInt8] =
        [0, 7, 0x84, 0, 0, 1, 0, 1, 0, 0, 0, 0, 3] + Array("www".utf8) + [7] + Array("example".utf8) + [3]
        + Array("org".utf8) + [0, 0, 5, 0, 1, 0xC0, 12, 0, 5, 0, 1, 0, 0, 0, 60, 0, 6, 3] + Array("web".utf8)
        + [0xC0, 16]

    @Test func `names that point back are written out`() throws {
        let message = try DNSMessage(bytes: Self.compressed)
        #expect(message.flags.isResponse && message.flags.isAuthoritative && !message.flags.isTruncated)
        #expect(message.questions == [.init(Self.www, type: 5)])
        let answer = try #require(message.answers.first)
        #expect(answer.name == Self.www && answer.ttl == 60)
        #expect(RecordData.text(answer.data, .cname) == "web.example.org.")
    }

    @Test func `whatever is written is read back`() throws {
        let seed = testSeed()
        var random = RandomMessage(seed)
        for round in 0..<2000 {
            let message = random.message()
            let read = try DNSMessage(bytes: message.bytes)
            guard read == message else {
                Issue.record("seed \(seed), round \(round): \(message) became \(read)")
                return
            }
        }
    }

    /// Each of these was made of the message above, or of nothing.
    @Test func `what is no message is told as such`() {
        let broken: [(String, [UInt8])] = [
            ("empty", []), ("a head that is too short", Array(Self.compressed.prefix(11))),
            ("a missing end", Array(Self.compressed.dropLast())), ("more than a message", Self.compressed + [0]),
            ("a pointer to itself", Self.compressed.replacing([0xC0, 16], with: [0xC0, 53])),
            ("a pointer forward", Self.compressed.replacing([0xC0, 12], with: [0xC0, 60])),
            ("a label of an unknown kind", Self.compressed.replacing([0xC0, 12], with: [0x80, 12])),
            ("more records than bytes", Array(Self.compressed.prefix(4)) + [0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0]),
            ("data that is longer than said", Self.compressed.replacing([0, 6, 3], with: [0, 4, 3])),
            ("data that is shorter than said", Self.compressed.replacing([0, 6, 3], with: [0, 9, 3])),
        ]
        for (what, bytes) in broken {
            #expect(throws: WireError.self, "\(what)") { try DNSMessage(bytes: bytes) }
        }
    }

    /// A chain of pointers makes a name of more than 255 bytes out of few.
    @Test func `names do not grow without end`() {
        var bytes: [UInt8] = [0, 1, 0x80, 0, 0, 2, 0, 0, 0, 0, 0, 0]
        for _ in 0..<2 { bytes += [UInt8](repeating: 63, count: 64) }
        #expect(throws: WireError.self) { try DNSMessage(bytes: bytes + [UInt8](repeating: 63, count: 400)) }
    }

    @Test func `no bytes make the reader crash, hang or take what it did not read`() {
        let seed = testSeed()
        var random = RandomMessage(seed)
        var readable = 0
        for _ in 0..<20000 {
            var bytes = random.random.once(in: 4) ? random.bytes(random.random.number(0...80)) : random.message().bytes
            for _ in 0..<random.random.number(0...3) where !bytes.isEmpty {
                let at = random.random.number(0...bytes.count - 1)
                switch random.random.number(0...2) {
                case 0: bytes[at] = UInt8(random.random.number(0...255))
                case 1: bytes.remove(at: at)
                default: bytes.insert(UInt8(random.random.number(0...255)), at: at)
                }
            }
            guard let message = try? DNSMessage(bytes: bytes) else { continue }
            readable += 1
            // What could be read can be written, and is the same message.
            if (try? DNSMessage(bytes: message.bytes)) != message { Issue.record("seed \(seed): \(bytes)") }
        }
        #expect(readable > 100)
    }
}
