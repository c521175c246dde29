import Console
import Foundation
import TestSupport
import Testing

@Suite("switchback health") struct HealthCommandTests {
    private func site(_ lines: String) async throws -> CommandSite {
        let site = try await CommandSite()
        let file = site.folder + "/switchback.yaml"
        let yaml = try String(contentsOfFile: file, encoding: .utf8)
        try (yaml + "\n" + lines).write(toFile: file, atomically: false, encoding: .utf8)
        return site
    }

    private func json(_ outcome: Program.Outcome) throws -> [String: Any] {
        let object = try JSONSerialization.jsonObject(with: Data(outcome.output.utf8))
        return try #require(object as? [String: Any])
    }

    private static let well = "health: { every: 200ms, fall: 2, recheck: 100ms, checks: [ { sql: { node: here } } ] }\n"

    @Test func `without health in the configuration there is nothing to show`() async throws {
        let outcome = try await CommandSite().expect(2, "health")
        #expect(outcome.errors.contains("the configuration has no health"))
        try await site(Self.well).expect(2, "health", "--watch", "--observe")
    }

    @Test func `check tells what of health could never work, and what one should know`() async throws {
        let site = try await site(
            """
            health: { observer: office, observers: [east, west], checks: [ { exec: { command: [/nowhere/check] } } ] }
            notify: [ { exec: { command: [/etc/passwd] } } ]
            """)
        try await site.expect(0, "schema", "install")
        let text = try await site.expect(3, "check").output
        for line in [
            "health: 1 checks, 2 observers have a say", "/nowhere/check cannot be run",
            "notify: /etc/passwd cannot be run",
            "this process is called office, and is not among the observers", "a site that is silent is unknown",
        ] { #expect(text.contains(line), "\(line): \(text)") }
        #expect(!text.contains("does not act on it"))
    }

    @Test func `where nobody watches, it looks itself`() async throws {
        let site = try await site(
            "health: { fall: 2, recheck: 100ms, checks: [ { sql: { node: here } }, { exec: { command: [/bin/sh, -c, 'echo \"bad | a=1\"; exit 2'] }, name: plug } ] }"
        )
        let text = try await site.expect(3, "health")
        #expect(
            text.output.contains("no daemon watches") && text.output.contains("library  degraded"), "\(text.output)")
        let document = try json(try await site.expect(3, "health", "--json"))
        #expect(document["source"] as? String == "own look")
        let checks = try #require(document["checks"] as? [[String: Any]])
        #expect(checks.map { $0["state"] as? String } == ["up", "down"])
        #expect(checks[1]["name"] as? String == "plug" && checks[1]["failures_in_row"] as? Int == 2)
        #expect(checks[1]["reason"] as? String == "bad" && (checks[1]["performance"] as? [[String: Any]])?.count == 2)
        let sites = try #require(document["sites"] as? [[String: Any]])
        #expect(
            sites[0]["state"] as? String == "degraded" && (sites[0]["reason"] as? String)?.contains("plug") ?? false)
    }

    @Test func `what a daemon found is shown, and who is to be told is told`() async throws {
        let folder = try Program.folder()
        let site = try await site(
            """
            health: { every: 200ms, fall: 2, rise: 2, observer: office, vote_age: 2s, checks: [ { file_age: { path: \(folder)/alive, max_age: 1h } } ] }
            notify: [ { exec: { command: [/bin/sh, -c, 'echo "$SWITCHBACK_KIND $SWITCHBACK_SITE" >> \(folder)/told'] } } ]
            """)
        try "".write(toFile: folder + "/alive", atomically: false, encoding: .utf8)
        try await site.begin()
        let daemon = try await site.daemon()
        func shows(_ state: String) async throws -> Bool {
            try await eventually {
                let document = try json(try await site.run("health", "--json"))
                return document["source"] as? String == "observers"
                    && (document["sites"] as? [[String: Any]])?.first?["state"] as? String == state
            }
        }
        #expect(try await shows("up"))
        try await site.expect(0, "health")
        try FileManager.default.removeItem(atPath: folder + "/alive")
        #expect(try await shows("down"))
        #expect(try await site.expect(3, "health").output.contains("office") == false)
        try "".write(toFile: folder + "/alive", atomically: false, encoding: .utf8)
        #expect(try await shows("up"))
        #expect(
            try await eventually {
                (try? String(contentsOfFile: folder + "/told", encoding: .utf8))
                    == "health.down library\nhealth.up library\n"
            })
        daemon.signal(SIGTERM)
        #expect(try await daemon.end().status == 0)
    }

    @Test func `an observer votes until it is ended, and carries nothing`() async throws {
        let site = try await site(Self.well.replacing("every", with: "observer: office, every"))
        try await site.begin()
        let observer = try await RunningProgram(["health", "--observe", "--json"], in: site.folder)
        #expect(
            try await eventually {
                try await site.target.value("SELECT state FROM switchback.vote WHERE observer = 'office'") == "up"
            })
        #expect(
            try await site.target.value(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'switchback main%'"
            ) == "0")
        observer.signal(SIGTERM)
        let outcome = try await observer.end()
        #expect(outcome.status == 0 && outcome.output.contains("\"observer\" : \"office\""), "\(outcome)")
    }

    @Test func `watching shows a document a line, and Ctrl-C is no failure`() async throws {
        let site = try await site(Self.well)
        let running = try await RunningProgram(["health", "--watch", "--json", "--interval", "0.1"], in: site.folder)
        #expect(try await eventually { running.outputSoFar.contains("\"state\":\"up\"") })
        running.signal(SIGINT)
        let outcome = try await running.end()
        #expect(outcome.status == 0)
        for line in outcome.output.split(separator: "\n") {
            _ = try JSONSerialization.jsonObject(with: Data(line.utf8))
        }
    }
}
