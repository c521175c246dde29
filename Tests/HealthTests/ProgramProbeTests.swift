import Foundation
import Glibc
import Model
import Settings
import TestSupport
import Testing

@testable import Health

@Suite("Looks by programs and at files") struct ProgramProbeTests {
    private func shell(_ line: String, _ rest: String = "", timeout: String = "60s") async throws -> CheckFinding {
        try await HealthFixture.look("{ exec: { command: [/bin/sh, -c, '\(line)']\(rest) } }", timeout: timeout)
    }

    @Test(arguments: [
        (0, CheckOutcome.up), (1, .up), (2, .down), (3, .unknown), (4, .unknown), (126, .unknown), (255, .unknown),
    ]) func `the exit status decides as it does for Nagios`(_ status: Int, _ outcome: CheckOutcome) async throws {
        let finding = try await shell("echo \"WORD - so it is | time=0.5s;1;2\"; exit \(status)")
        #expect(finding.outcome == outcome && finding.reason.contains("WORD - so it is"))
        if status < 3 {
            #expect(
                finding.result?.performance.first
                    == PerformanceDatum("time", 0.5, unit: "s", warning: "1", critical: "2"))
        }
    }

    @Test func `a warning can count as down`() async throws {
        #expect(try await shell("exit 1", ", warning: down").outcome == .down)
    }

    @Test func `what is not there, is ended, or does not end is unknown`() async throws {
        #expect(try await HealthFixture.look("{ exec: { command: [/nowhere/check] } }").outcome == .unknown)
        #expect(try await HealthFixture.look("{ exec: { command: [/etc/passwd] } }").outcome == .unknown)
        #expect(try await shell("kill -9 $$").outcome == .unknown)
        let stuck = try await shell("sleep 600", timeout: "200ms")
        #expect(stuck.outcome == .unknown && stuck.reason.contains("still running"), "\(stuck)")
    }

    @Test func `a secret reaches the program, and no reason`() async throws {
        let finding = try await shell("echo \"$KEY\"; test \"$KEY\" = geheim", ", environment: { KEY: geheim }")
        #expect(finding.outcome == .up && finding.reason == "…")
        let name = try HealthFixture.check("{ exec: { command: [/usr/bin/check, geheim] } }").name
        #expect(name == "exec check")
    }

    private static let plugins = "/usr/lib/nagios/plugins"

    @Test(.enabled(if: access("\(plugins)/check_dummy", X_OK) == 0, "monitoring-plugins-basic is not installed"))
    func `the plug-ins of the monitoring project work as they are`() async throws {
        let outcomes: [CheckOutcome] = [.up, .up, .down, .unknown]
        for (status, outcome) in outcomes.enumerated() {
            let finding = try await HealthFixture.look(
                "{ exec: { command: [\(Self.plugins)/check_dummy, \"\(status)\", well] } }")
            #expect(finding.outcome == outcome && finding.reason.contains("well"), "\(finding)")
        }
        let server = try LoopbackServer { connection in
            _ = connection.request()
            connection.answer(body: "Search results")
        }
        func http(_ text: String) async throws -> CheckFinding {
            try await HealthFixture.look(
                "{ exec: { command: [\(Self.plugins)/check_http, -I, 127.0.0.1, -p, \"\(server.port)\", -s, \(text)] } }"
            )
        }
        let found = try await http("Search")
        #expect(found.outcome == .up, "\(found)")
        #expect(found.result?.performance.map(\.label).prefix(2) == ["time", "size"])
        #expect(try await http("Nothing").outcome == .down)
        let refused = try await HealthFixture.look(
            "{ exec: { command: [\(Self.plugins)/check_tcp, -H, 127.0.0.1, -p, \"\(try closedPort())\"] } }")
        #expect(refused.outcome == .down, "\(refused)")
    }

    @Test func `a file's age decides`() async throws {
        let path = try Program.folder() + "/copied"
        func look() async throws -> CheckFinding {
            try await HealthFixture.look("{ file_age: { path: \(path), max_age: 10m } }")
        }
        #expect(try await look().outcome == .down)
        try "".write(toFile: path, atomically: false, encoding: .utf8)
        #expect(try await look().outcome == .up)
        for (age, outcome) in [(3600.0, CheckOutcome.down), (300, .up), (-3600, .unknown)] {
            let times = [FileAttributeKey.modificationDate: Date(timeIntervalSinceNow: -age)]
            try FileManager.default.setAttributes(times, ofItemAtPath: path)
            let finding = try await look()
            #expect(finding.outcome == outcome && finding.result?.performance.first?.label == "age", "\(finding)")
        }
        // A part of the path that is no folder: not that the file is gone.
        let odd = try await HealthFixture.look("{ file_age: { path: \(path)/x, max_age: 10m } }")
        #expect(odd.outcome == .unknown)
    }
}
