import Foundation
import Glibc
import LocalCluster
import Replication
import TestSupport
import Testing

/// A whole site, moved by the daemon and by a person: real databases, web servers, a real name server.
@Suite("A whole site moves and comes back (P5, P8, P11)", .serialized, .enabled(if: Tool.named != nil))
struct WholeSiteTests {
    /// The site as people see it by its name, and each site by its own address and database.
    private static let health = """
        health:
          every: 250ms
          recheck: 100ms
          timeout: 2s
          fall: 3
          rise: 2
          observer: here
          checks:
            - { name: the name, exec: { command: [FOLDER/by-name] } }
            - { name: home page, site: primary, http: { url: "http://www.example.org:WEB/", address: 127.0.0.11, contains: served by } }
            - { name: other page, site: secondary, http: { url: "http://www.example.org:WEB/", address: 127.0.0.12, contains: served by } }
            - { name: raleigh, sql: { node: raleigh, write: true } }
        """

    /// Follows the name server, as a resolver without a memory would.
    private static func byName(_ site: MovingSite) -> String {
        """
        #!/bin/sh
        place=$(dig +short +time=1 +tries=1 -p \(site.names.port) @127.0.0.1 www.example.org A)
        curl -sf --max-time 1 --resolve "www.example.org:\(site.webPort):$place" http://www.example.org:\(site.webPort)/ && exit 0
        exit 2

        """
    }

    @Test func `the primary is killed, the site moves by itself, and everything comes back`() async throws {
        let server = try await TestServers.own("raleigh")
        do {
            try await MovingSite.with(failover: "mode: automatic", more: Self.health, primaryServer: server) { site in
                try site.program("by-name", Self.byName(site))
                let people = People()
                let daemon = try await RunningProgram(["run"], in: site.folder)
                do {
                    try await withThrowingTaskGroup(of: Void.self) { group in
                        group.addTask { try await people.run(site) }
                        try await Self.tell(site, server, daemon, people)
                        people.end()
                        try await group.waitForAll()
                    }
                } catch {
                    people.end()
                    daemon.signal(SIGKILL)
                    let end = try? await daemon.end()
                    Issue.record("\(end?.errors.suffix(6000) ?? "")")
                    throw error
                }
                daemon.signal(SIGTERM)
                let end = try await daemon.end()
                #expect(end.status == 0)
                #expect(end.errors.contains("failover begins by itself: primary is down"))
                try await site.base.catchUp()
                try await site.base.expectEqual()
                try await people.expectAll(site)
                #expect(
                    try await site.base.primary.value("SELECT count(*) FROM item WHERE v LIKE 'never left%'") == "3")
            }
        } catch {
            await server.destroy()
            throw error
        }
        await server.destroy()
    }

    private static func tell(
        _ site: MovingSite, _ server: LocalCluster, _ daemon: RunningProgram, _ people: People
    ) async throws {
        try #require(
            try await eventually {
                let well = try await site.run("health")
                return well.status == 0 && people.count(at: "primary") > 10
            })
        let calm = try await site.expect(0, "why")
        #expect(calm.output.contains("primary is up"), "\(calm.output)")

        // What is committed while the daemon stands still never leaves.
        daemon.signal(SIGSTOP)
        try await site.base.primary.run(
            "INSERT INTO item (v) SELECT 'never left ' || n FROM generate_series(1, 3) AS n")
        try await server.kill9()
        try site.webs["primary"]?.kill9()
        daemon.signal(SIGCONT)
        try #require(try await eventually { try await site.led() == "secondary" })
        try #require(try await eventually { try await site.place()["state"] as? String == "away" })
        let place = try await site.place()
        #expect(place["active"] as? String == "secondary" && place["epoch"] as? Int ?? 0 > 0)
        let before = people.count(at: "secondary")
        try #require(try await eventually { people.count(at: "secondary") > before + 10 })
        try await away(site)

        try await server.start()
        try await site.webs["primary"]?.start(text: "served by primary")
        try #require(
            try await eventually { try await site.run("journal").output.contains("stranded at raleigh: public.item") })
        #expect(await !site.takesWrites("primary"))
        try #require(try await eventually { try await site.run("health").status == 0 })
        #expect(try await site.led() == "secondary", "it does not return because a check turned green")

        let back = try await site.document("failback", "--yes")
        try #require(back["outcome"] as? String == "done", "\(back)")
        #expect(back["seconds_without_writes"] as? Double ?? 99 < 30)
        #expect(try await site.led() == "primary")
        #expect(try await site.place()["state"] as? String == "home")
        #expect(await !site.takesWrites("secondary"))
        let last = people.count(at: "primary")
        try #require(try await eventually { people.count(at: "primary") > last + 5 })
        // The check by the name begins anew where the site has moved: until its first looks nobody can tell how primary is.
        var why = ""
        #expect(
            try await eventually {
                why = try await site.expect(0, "why").output
                return why.contains("the site is at primary: the failback") && why.contains("primary is up")
            }, "\(why)")
        for line in [
            "health.down: site primary is down", "site.information: failover from primary to secondary is done",
            "site.warning: primary is back and was fenced",
            "site.information: failback from secondary to primary is done",
        ] { #expect(site.told.contains(line), "\(site.told)") }
    }

    /// What is told while the primary is gone.
    private static func away(_ site: MovingSite) async throws {
        let status = try await site.document("status")
        let dns = try #require(status["dns"] as? [String: Any])
        #expect(dns["right"] as? Bool == true && dns["site"] as? String == "secondary", "\(dns)")
        let why = try await site.run("why")
        #expect(why.output.contains("the site is at secondary: the failover"), "\(why.output)")
        #expect(why.output.contains("(by itself: primary is down"))
        #expect(why.output.contains("it stays at secondary until a person says \"switchback failback --yes\""))
        // What is checked by the name is the secondary's now.
        var states: [String] = []
        #expect(
            try await eventually {
                let sites = try #require(try await site.document("health")["sites"] as? [[String: Any]])
                states = sites.map { "\($0["site"] ?? "") \($0["state"] ?? "") \($0["active"] as? Bool == true)" }
                return states.sorted() == ["primary down false", "secondary up true"]
            }, "\(states)")
        // What people have written since is not to be written over with what the lost site had.
        for command in [["repair", "--dry-run"], ["copy", "--repair"]] {
            let refused = try await Program.run(command, in: site.folder)
            #expect(refused.status == 2 && refused.errors.contains("the site is at secondary"), "\(refused.errors)")
        }
        let lines = try await site.run("journal").output
        #expect(lines.contains("passed fence"), "\(lines)")
        #expect(lines.contains("done dns ") && lines.contains("done dns_verify"), "\(lines)")
    }

    @Test func `neither one observer's word nor checks that flap move the site, and why says so`() async throws {
        func health(_ observer: String, _ address: String) -> String {
            """
            health:
              every: 300ms
              recheck: 200ms
              fall: 2
              rise: 1
              observer: \(observer)
              observers: [here, there]
              checks: [ { name: page, site: primary, http: { url: "http://www.example.org:WEB/", address: \(address) } } ]
            """
        }
        try await MovingSite.with(failover: "mode: automatic", more: health("here", "127.0.0.11")) { site in
            // Of two observers one finds the site down; the other one is led to a place that is well.
            try site.write(failover: "mode: automatic", more: health("there", "127.0.0.12"), to: "there.yaml")
            let other = try await RunningProgram(["--config", "there.yaml", "health", "--observe"], in: site.folder)
            let daemon = try await RunningProgram(["run"], in: site.folder)
            let said = try await {
                try site.webs["primary"]?.kill9()
                var last = ""
                let told = try await eventually {
                    last = try await site.run("why").output
                    return last.contains(
                        "primary is degraded, which is not down (1 of 2 observers find it down, 2 needed")
                }
                #expect(told, "\(last)")
                // Several looks later still.
                try await Task.sleep(for: .seconds(1))
                return last
            }()
            for process in [daemon, other] {
                process.signal(SIGTERM)
                _ = try await process.end()
            }
            #expect(said.contains("there says up") && said.contains("here says down"), "\(said)")
            #expect(try await site.led() == "primary")
            #expect(try await site.run("journal").output == "no plan was ever run\n")
            #expect(!site.told.contains { $0.contains("is down") })
            try await Self.flap(site)
        }
    }

    private static func flap(_ site: MovingSite) async throws {
        let health = """
            health:
              every: 100ms
              recheck: 100ms
              fall: 3
              rise: 2
              observer: here
              checks: [ { name: flapping, site: primary, exec: { command: [FOLDER/flap] } } ]
            """
        try site.write(failover: "mode: automatic", more: health)
        // Down at every other look.
        try site.program(
            "flap",
            "#!/bin/sh\necho . >> \(site.folder)/looks\n[ $(( $(wc -l < \(site.folder)/looks) % 2 )) = 1 ] && exit 0\nexit 2\n"
        )
        let daemon = try await RunningProgram(["run"], in: site.folder)
        let looked = try await eventually {
            let looks = (try? String(contentsOfFile: site.folder + "/looks", encoding: .utf8)) ?? ""
            return looks.count > 40
        }
        let why = try await site.run("why").output
        daemon.signal(SIGTERM)
        _ = try await daemon.end()
        #expect(looked)
        #expect(try await site.led() == "primary")
        #expect(try await site.run("journal").output == "no plan was ever run\n")
        #expect(why.contains("primary is degraded, which is not down") || why.contains("unknown is not down"), "\(why)")
    }

    /// Both sites are up, and whoever moves the site cannot see one of them.
    @Test func `a site that is cut off is left under another epoch, and fenced when it is seen again`() async throws {
        try await MovingSite.with { site in
            let primary = site.base.primary
            let proxy = try TCPProxy.start(to: primary.server.port)
            defer { proxy.stop() }
            let file = site.folder + "/switchback.yaml"
            let yaml = try String(contentsOfFile: file, encoding: .utf8).replacing(
                primary.dsn, with: primary.server.dsn(database: primary.name, port: proxy.port))
            try yaml.write(toFile: file, atomically: false, encoding: .utf8)
            proxy.cut()
            // With both sites needed nothing is begun.
            let refused = try await site.expect(1, "switchover", "--yes")
            #expect(refused.errors.contains("raleigh") || refused.output.contains("raleigh"), "\(refused)")
            #expect(await site.takesWrites("primary"))
            #expect(await !site.takesWrites("secondary"))

            try await site.expect(0, "failover", "--yes")
            try await primary.run("INSERT INTO item (v) VALUES ('cut off')")
            try await site.base.secondary.run("INSERT INTO item (v) VALUES ('taken over')")
            let epochs = [
                try await site.base.fence("raleigh").state()?.epoch, try await site.base.fence("durham").state()?.epoch,
            ]
            #expect(epochs[0] != epochs[1], "\(epochs)")
            let why = try await site.expect(0, "why")
            #expect(why.output.contains("primary (raleigh): UNREACHABLE"), "\(why.output)")

            try proxy.restore()
            let seen = try await site.expect(3, "why")
            #expect(seen.output.contains("it takes writes and is not to"), "\(seen.output)")
            let daemon = try await RunningProgram(["run"], in: site.folder)
            #expect(try await eventually { await !site.takesWrites("primary") })
            #expect(try await eventually { try await site.run("journal").output.contains("public.item 1") })
            let back = try await site.run("failback", "--yes")
            daemon.signal(SIGTERM)
            _ = try await daemon.end()
            try #require(back.status == 0, "\(back)")
            #expect(back.output.contains("failback from secondary to primary: done"))
            for name in ["primary", "secondary"] {
                #expect(
                    try await site.database(name).value(
                        "SELECT count(*) FROM item WHERE v IN ('cut off', 'taken over')") == "2")
            }
            #expect(try await site.led() == "primary")
            #expect(await !site.takesWrites("secondary"))
        }
    }

    /// The program that stops the secondary's services, in the middle of the way back, takes the primary with it.
    @Test func `a node that is lost during a failback undoes it, and later it is done`() async throws {
        let server = try await TestServers.own("raleigh")
        do {
            try await MovingSite.with(primaryServer: server) { site in
                try await site.expect(0, "failover", "--yes")
                try await site.base.secondary.run("INSERT INTO item (v) VALUES ('while away')")
                let file = "\(server.dataDirectory)/postmaster.pid"
                try site.program(
                    "strike",
                    "#!/bin/sh\n[ \"$SWITCHBACK_SITE\" = secondary ] && kill -9 $(head -n 1 \(file))\nexit 0\n")
                try site.write(failover: "hooks: { stop: [\(site.folder)/strike] }")
                let undone = try await site.expect(1, "failback", "--yes")
                #expect(
                    undone.output.contains("failback from secondary to primary: undone")
                        || undone.output.contains("failback from secondary to primary: STOPPED"), "\(undone.output)")
                #expect(try await site.led() == "secondary")
                try site.write()
                try await server.kill9()
                try await server.start()
                if undone.output.contains("STOPPED") { try await site.expect(0, "failback", "abort", "--yes") }
                #expect(await site.takesWrites("secondary"))
                #expect(await !site.takesWrites("primary"))
                try await site.expect(0, "failback", "--yes")
                #expect(try await site.led() == "primary")
                #expect(try await site.base.primary.value("SELECT count(*) FROM item WHERE v = 'while away'") == "1")
            }
        } catch {
            await server.destroy()
            throw error
        }
        await server.destroy()
    }
}
