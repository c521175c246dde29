import DNSWire
import Model
import Synchronization
import Testing

@testable import TestSupport

/// How name servers are asked, held against one that does as the test says.
@Suite("Questions to name servers") struct DNSClientTests {
    private static let www = NameServer.www
    private static let address = DNSRecordSet(www, .a, ttlSeconds: 60, values: ["192.0.2.10"])
    private let client = DNSClient(limit: .milliseconds(900))

    private func failure(_ server: StubNameServer, key: TSIGKey? = nil) async -> DNSClientError? {
        do throws(DNSClientError) {
            _ = try await client.ask(Self.www, .a, at: server.address, key: key)
            return nil
        } catch { return error }
    }

    @Test func `what does not fit into a datagram is asked for again over a connection`() async throws {
        let many = DNSRecordSet(
            Self.www, .txt, ttlSeconds: 1, values: (0..<200).map { "\"text number \($0) of many that fill a message\"" }
        )
        let server = try StubNameServer { message, transport in
            var answer = message.answer(transport == .tcp ? [many] : [])
            if transport == .udp { answer.flags.bits |= 0x0200 }
            return [answer.bytes]
        }
        let answer = try await client.ask(Self.www, .txt, at: server.address)
        #expect(answer.answers.count == 200 && answer.bytes.count > 4096)
        #expect(server.heard.map(\.1) == [.udp, .tcp])
    }

    @Test func `a datagram that gets lost is sent again`() async throws {
        let count = Mutex(0)
        let server = try StubNameServer { message, _ in
            let number = count.withLock {
                $0 += 1
                return $0
            }
            return number < 3 ? [] : [message.answer([Self.address]).bytes]
        }
        #expect(try await client.ask(Self.www, .a, at: server.address).answers.count == 1)
        #expect(server.heard.count == 3)
    }

    @Test func `answers to other questions, and what is none, are passed over`() async throws {
        let server = try StubNameServer { message, _ in
            var other = message.answer([Self.address])
            other.id &+= 1
            var foreign = message.answer([Self.address])
            foreign.questions[0].name = NameServer.zone
            return [[1, 2, 3], message.bytes, other.bytes, foreign.bytes, message.answer([Self.address]).bytes]
        }
        let answer = try await client.ask(Self.www, .a, at: server.address)
        #expect(answer.questions == [.init(Self.www, type: 1)] && answer.answers.count == 1)
    }

    @Test func `what goes wrong is told apart`() async throws {
        let silent = try StubNameServer { _, _ in [] }
        #expect(await failure(silent)?.kind == .hasNoAnswer)
        let damaged = try StubNameServer { message, _ in [Array(message.answer([Self.address]).bytes.dropLast(2))] }
        guard case .isBad = await failure(damaged)?.kind else {
            Issue.record("a damaged answer was taken")
            return
        }
        let unsigned = try StubNameServer { message, _ in [message.answer([Self.address]).bytes] }
        #expect(await failure(unsigned, key: NameServer.key)?.kind == .isUnproved(.isMissing, NameServer.key))
        let closed = ServerAddress(host: "127.0.0.1", port: UInt16(try closedPort()))
        do {
            _ = try await client.ask(Self.www, .a, at: closed)
            Issue.record("a closed port answered")
        } catch { #expect(error.kind == .isUnreachable) }
    }

    @Test func `an update is sent once, and never told as undone when it may have arrived`() async throws {
        let server = try StubNameServer { _, _ in [] }
        let update = DNSMessage(id: 5, flags: .init(opcode: .update), questions: [.init(NameServer.zone, type: 6)])
        do {
            _ = try await client.send(update, to: server.address, key: nil)
            Issue.record("nobody answered")
        } catch { #expect(error.kind == .hasNoAnswer) }
        #expect(server.heard.map(\.1) == [.tcp])
    }

    @Test func `waiting ends when the task is cancelled`() async throws {
        let server = try StubNameServer { _, _ in [] }
        let task = Task { try await DNSClient(limit: .seconds(60)).ask(Self.www, .a, at: server.address) }
        #expect(try await eventually { !server.heard.isEmpty })
        task.cancel()
        await #expect(throws: DNSClientError.self) { try await task.value }
    }
}
