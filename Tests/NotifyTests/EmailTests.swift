import Foundation
import Settings
import TestSupport
import Testing

@testable import Notify

@Suite("Mails of what happens") struct EmailTests {
    private func settings(_ port: Int, _ rest: String = "") throws -> [NotifySettings] {
        try Settings.parse(
            """
            cluster: c
            nodes: { a: { dsn: "dbname=a" }, b: { dsn: "dbname=b" } }
            syncs: { s: { nodes: { a: source, b: target }, tables: ["public.*"] } }
            notify:
              - email: { server: "127.0.0.1:\(port)", from: switchback@example.org, to: [ops@example.org, anna@example.org]\(rest) }
                tries: 2
            """
        ).notify
    }

    @Test func `a mail arrives with its text, whatever is in it`() async throws {
        let (server, received) = try MailServer.start()
        let notifier = Notifier(try settings(server.port), logger: NoteLog().logger)
        let text = String(repeating: "für alle ", count: 200) + "\n.\n"
        notifier.send(
            NotifyEvent(
                kind: "k", cluster: "bücherei", site: "p", title: "it\r\nBcc: x@y.z moved", text: text,
                details: ["a": "b"]))
        await notifier.finish(within: .seconds(60))
        let mail = try #require(received.all.first)
        #expect(received.all.count == 1 && mail.recipients == ["ops@example.org", "anna@example.org"])
        let parts = mail.text.components(separatedBy: "\r\n\r\n")
        let head = parts[0].components(separatedBy: "\r\n")
        // A line break in a title begins no header.
        #expect(!head.contains { $0.hasPrefix("Bcc:") })
        for name in ["From: switchback@example.org", "To: ops@example.org, anna@example.org", "MIME-Version: 1.0"] {
            #expect(head.contains(name))
        }
        #expect(head.allSatisfy { $0.utf8.count <= 78 })
        let body = try #require(Data(base64Encoded: parts[1].replacing("\r\n", with: "")))
        let lines = String(decoding: body, as: UTF8.self).replacing("\r\n", with: "\n")
        #expect(lines.contains(text) && lines.contains("\nsite: p\n") && lines.contains("\na: b\n"))
    }

    @Test(arguments: [
        "plain", "[c] site primary is down", "ü", "", "=?utf-8?B?x?=", String(repeating: "日本語 ", count: 40),
    ])
    func `a subject can be read again`(_ subject: String) throws {
        let coded = Email.encodedWords(subject)
        guard coded != subject else { return }
        var bytes = Data()
        for word in coded.components(separatedBy: "\r\n ") {
            #expect(word.hasPrefix("=?utf-8?B?") && word.hasSuffix("?=") && word.utf8.count <= 75)
            bytes += try #require(Data(base64Encoded: String(word.dropFirst(10).dropLast(2))))
        }
        #expect(String(decoding: bytes, as: UTF8.self) == subject)
    }

    @Test func `a password is not given to a server without TLS, unless that is wanted`() async throws {
        let (server, received) = try MailServer.start(wantsLogin: true)
        let log = NoteLog()
        let careful = Notifier(
            try settings(server.port, ", user: u, password: geheim"), logger: log.logger, pause: .milliseconds(1))
        careful.send(NotifyEvent(kind: "k", cluster: "c", title: "t"))
        await careful.finish(within: .seconds(60))
        #expect(received.all.isEmpty && log.all.contains { $0.contains("was not delivered") })
        let careless = Notifier(
            try settings(server.port, ", user: u, password: geheim, tls: never"), logger: log.logger)
        careless.send(NotifyEvent(kind: "k", cluster: "c", title: "t"))
        await careless.finish(within: .seconds(60))
        #expect(received.all.map(\.login) == ["\0u\0geheim"])
        for line in log.all { #expect(!line.contains("geheim"), "\(line)") }
    }
}
