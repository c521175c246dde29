import Foundation
import Settings
import Synchronization
import TestSupport
import Testing

@testable import Notify

@Suite("Notifiers") struct NotifierTests {
    private static let event = NotifyEvent(
        kind: "health.down", cluster: "library", site: "primary", title: "site primary is down",
        text: "no answer\nat all",
        at: Date(timeIntervalSince1970: 1_700_000_000), details: ["to": "down"])

    private func receivers(_ lines: String) throws -> [NotifySettings] {
        try Settings.parse(
            """
            cluster: c
            nodes: { a: { dsn: "dbname=a" }, b: { dsn: "dbname=b" } }
            syncs: { s: { nodes: { a: source, b: target }, tables: ["public.*"] } }
            notify:
            \(lines)
            """
        ).notify
    }

    /// Sends one event and waits for its end.
    private func tell(_ lines: String, _ event: NotifyEvent = event) async throws -> NoteLog {
        let log = NoteLog()
        let notifier = Notifier(try receivers(lines), logger: log.logger, pause: .milliseconds(1))
        notifier.send(event)
        await notifier.finish(within: .seconds(120))
        for line in log.all { #expect(!line.contains("geheim"), "\(line)") }
        return log
    }

    /// A web server that gives each status in turn, the last one for ever, and keeps what it is sent.
    private func server(_ statuses: [String], _ heard: Heard) throws -> LoopbackServer {
        try LoopbackServer { connection in
            let text = connection.request()
            connection.answer(statuses[min(heard.add(text), statuses.count - 1)])
        }
    }

    private final class Heard: Sendable {
        private let texts = Mutex<[String]>([])
        var all: [String] { texts.withLock { $0 } }
        func add(_ text: String) -> Int {
            texts.withLock {
                $0.append(text)
                return $0.count - 1
            }
        }
    }

    @Test func `a webhook gets the event as JSON`() async throws {
        let heard = Heard()
        let server = try server(["204 No Content"], heard)
        let log = try await tell(
            "  - webhook: { url: \"http://127.0.0.1:\(server.port)/geheim\", headers: { Authorization: geheim } }")
        let request = try #require(heard.all.first)
        #expect(heard.all.count == 1 && request.hasPrefix("POST /geheim HTTP/1.1\r\n"))
        #expect(
            request.contains("\r\nContent-Type: application/json\r\n")
                && request.contains("\r\nAuthorization: geheim\r\n"))
        #expect(
            request.hasSuffix(
                #"{"at":"2023-11-14T22:13:20Z","cluster":"library","details":{"to":"down"},"kind":"health.down","site":"primary","text":"no answer\nat all","title":"site primary is down"}"#
            ))
        #expect(log.all.count { $0.contains("was delivered") } == 1)
    }

    @Test func `what fails is tried again, a bounded number of times; what is refused is not`() async throws {
        for (statuses, tries, attempts, isDelivered) in [
            (["503 Busy", "500 Oh", "200 OK"], 4, 3, true), (["503 Busy"], 3, 3, false),
            (["429 Slow", "200 OK"], 2, 2, true),
            (["404 Not Found"], 4, 1, false), (["302 Found"], 4, 1, false), (["500 Oh"], 1, 1, false),
        ] {
            let heard = Heard()
            let server = try server(statuses, heard)
            let log = try await tell("  - webhook: { url: \"http://127.0.0.1:\(server.port)/\" }\n    tries: \(tries)")
            #expect(heard.all.count == attempts, "\(statuses)")
            #expect(log.all.contains { $0.contains("was delivered") } == isDelivered, "\(statuses)")
            #expect(log.all.contains { $0.hasPrefix("warning:") && $0.contains("was not delivered") } != isDelivered)
        }
    }

    @Test func `who cannot be reached is named without what must not be seen`() async throws {
        let log = try await tell(
            "  - webhook: { url: \"http://u:geheim@127.0.0.1:\(try closedPort())/geheim\" }\n    tries: 2")
        #expect(log.all.contains { $0.contains("at 127.0.0.1:") && $0.contains("attempt 1 of 2") }, "\(log.all)")
    }

    @Test func `nobody waits for one who is slow`() async throws {
        let slow = try LoopbackServer { $0.waitForEnd() }
        let heard = Heard()
        let quick = try server(["200 OK"], heard)
        let log = NoteLog()
        let notifier = Notifier(
            try receivers(
                "  - webhook: { url: \"http://127.0.0.1:\(slow.port)/\" }\n    timeout: 1h\n  - webhook: { url: \"http://127.0.0.1:\(quick.port)/\" }"
            ),
            logger: log.logger)
        for number in 0..<20 {
            var event = Self.event
            event.title = "event \(number)"
            notifier.send(event)
        }
        #expect(try await eventually { heard.all.count == 20 })
        // In their order.
        for (number, text) in heard.all.enumerated() { #expect(text.contains("\"event \(number)\"")) }
        await notifier.finish(within: .milliseconds(100))
        #expect(log.all.contains { $0.contains("was not delivered") })
    }

    @Test func `what waits is bounded, and what is dropped is told`() async throws {
        let slow = try LoopbackServer { $0.waitForEnd() }
        let log = NoteLog()
        let notifier = Notifier(
            try receivers("  - webhook: { url: \"http://127.0.0.1:\(slow.port)/\" }\n    timeout: 1h"),
            logger: log.logger)
        for _ in 0..<Notifier.queueMax + 10 { notifier.send(Self.event) }
        #expect((9...10).contains(log.all.count { $0.contains("was dropped") }))
        await notifier.finish(within: .zero)
    }

    @Test func `a program gets the event in its environment and on its input`() async throws {
        let file = try Program.folder() + "/told"
        let line = "env > \(file); cat >> \(file); test \"$KEY\" = geheim"
        let log = try await tell("  - exec: { command: [/bin/sh, -c, '\(line)'], environment: { KEY: geheim } }")
        let told = try String(contentsOfFile: file, encoding: .utf8)
        for text in [
            "SWITCHBACK_KIND=health.down\n", "SWITCHBACK_CLUSTER=library\n", "SWITCHBACK_SITE=primary\n",
            "SWITCHBACK_TITLE=site primary is down\n", "SWITCHBACK_TEXT=no answer\nat all\n",
            "SWITCHBACK_AT=2023-11-14T22:13:20Z\n", "\"title\":\"site primary is down\"",
        ] { #expect(told.contains(text), "\(told)") }
        #expect(log.all.contains { $0.contains("was delivered") })
    }

    @Test func `a program that fails, hangs or is not there is told of, without its secrets`() async throws {
        let failing = try await tell(
            "  - exec: { command: [/bin/sh, -c, 'echo no $KEY >&2; exit 4'], environment: { KEY: geheim } }\n    tries: 2"
        )
        #expect(failing.all.contains { $0.contains("was not delivered: status 4: no …") }, "\(failing.all)")
        let hanging = try await tell(
            "  - exec: { command: [/bin/sh, -c, 'sleep 600'] }\n    tries: 1\n    timeout: 100ms")
        #expect(hanging.all.contains { $0.contains("still running after") })
        let missing = try await tell("  - exec: { command: [/nowhere/page] }\n    tries: 1")
        #expect(
            missing.all.contains { $0.contains("was not delivered: could not run /nowhere/page") }, "\(missing.all)")
    }
}
