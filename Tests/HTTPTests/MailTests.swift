import HTTP
import Synchronization
import TestSupport
import Testing

@Suite("Mails to a server") struct MailTests {
    private let client = HTTPClient()

    private func mail(to server: LoopbackServer, _ recipients: [String] = ["ops@example.org"]) -> MailRequest {
        MailRequest(
            server: "smtp://127.0.0.1:\(server.port)", sender: "switchback@example.org", recipients: recipients,
            message: Array("Subject: it moved\r\n\r\n.a dot\r\nend\r\n".utf8))
    }

    @Test func `a mail arrives whole at each recipient`() async throws {
        let (server, received) = try MailServer.start()
        try await client.sendMail(mail(to: server, ["ops@example.org", "anna@example.org"]))
        #expect(
            received.all == [
                .init(
                    sender: "switchback@example.org", recipients: ["ops@example.org", "anna@example.org"],
                    text: "Subject: it moved\r\n\r\n.a dot\r\nend\r\n", login: nil)
            ])
    }

    @Test func `a recipient that is refused is an error with the server's words`() async throws {
        let (server, received) = try MailServer.start(refuses: "nobody@example.org")
        let error = await #expect(throws: HTTPError.self) {
            try await client.sendMail(mail(to: server, ["nobody@example.org"]))
        }
        #expect(error?.description.contains("550") ?? false)
        #expect(received.all.isEmpty)
        // One wrong address keeps it from nobody else.
        try await client.sendMail(mail(to: server, ["nobody@example.org", "ops@example.org"]))
        #expect(received.all.map(\.recipients) == [["ops@example.org"]])
    }

    @Test func `a server without TLS is refused where TLS must be`() async throws {
        let (server, received) = try MailServer.start()
        var mail = mail(to: server)
        mail.security = .always
        mail.credentials = ("anna", "wordsecret")
        let error = await #expect(throws: HTTPError.self) { try await client.sendMail(mail) }
        #expect(error?.kind == .tls)
        #expect(received.all.isEmpty)
    }

    @Test func `credentials are given where they are wanted, and a silent server ends with the time`() async throws {
        let (server, received) = try MailServer.start(wantsLogin: true)
        var mail = mail(to: server)
        mail.credentials = ("anna", "wordsecret")
        try await client.sendMail(mail)
        #expect(received.all.map(\.login) == ["\0anna\0wordsecret"])
        let silent = try LoopbackServer { $0.waitForEnd() }
        mail.server = "smtp://127.0.0.1:\(silent.port)"
        mail.limit = .milliseconds(200)
        let error = await #expect(throws: HTTPError.self) { try await client.sendMail(mail) }
        #expect(error?.kind == .timeout)
        #expect(!"\(error!)\(mail)".contains("wordsecret"))
    }
}
