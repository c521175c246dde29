import Foundation
import Glibc
import Postgres
import TestSupport
import Testing

/// What goes wrong with the names while the site moves: every run ends done, undone, or stopped with the command that goes on.
@Suite("A plan and the names (P11)", .serialized, .enabled(if: Tool.named != nil)) struct PlanNamesTests {
    /// The provider does not take the change: the plan stops at the names, the new site serves, and once the provider is
    /// mended the plan goes on.
    @Test(arguments: ["a wrong key", "a server that is down"])
    func `a failover stops at the names, tells a person what to do, and goes on when it is mended`(_ fault: String)
        async throws
    {
        try await MovingSite.with { site in
            if fault == "a wrong key" {
                try MovingSite.key("d3Jvbmc=").write(toFile: site.folder + "/tsig", atomically: false, encoding: .utf8)
            } else {
                try site.write(dns: MovingSite.dns(try closedPort(), servers: site.names.port))
            }
            let stopped = try await site.expect(1, "failover", "--yes")
            for text in [
                "failover from primary to secondary: STOPPED at dns",
                fault == "a wrong key" ? "the same key, with name, algorithm and secret" : "start the server",
                "by hand, at the DNS provider:", "to go on:   switchback failover resume --yes",
                "to undo it: switchback failover abort --yes", "127.0.0.12",
            ] { #expect(stopped.output.contains(text), "\(text) is not in \(stopped.output)") }
            #expect(try await site.led() == "primary")
            #expect(await site.takesWrites("secondary"))
            #expect(await !site.takesWrites("primary"))
            let status = try await site.document("status")
            let dns = try #require(status["dns"] as? [String: Any])
            #expect(dns["right"] as? Bool == false && dns["site"] as? String == "primary", "\(dns)")
            #expect((status["site"] as? [String: Any])?["state"] as? String == "stopped")
            let why = try await site.expect(3, "why")
            #expect(why.output.contains("stopped at dns: ") && why.output.contains("switchback failover resume --yes"))
            #expect(site.told.contains("site.alarm: failover from primary to secondary stopped at dns"), "\(site.told)")
            #expect(try await site.run("failover", "resume", "--yes").status == 1)

            try site.write()
            let done = try await site.expect(0, "failover", "resume", "--yes")
            #expect(done.output.contains("failover from primary to secondary: done"))
            #expect(try await site.led() == "secondary")
            try await site.expect(0, "why")
        }
    }

    @Test func `edits by hand are enough while the provider stays away`() async throws {
        try await MovingSite.with { site in
            try site.write(dns: MovingSite.dns(try closedPort(), servers: site.names.port))
            try await site.expect(1, "failover", "--yes")
            for name in ["example.org", "www.example.org"] {
                try await site.change(name, to: MovingSite.addresses["secondary"]!)
            }
            let done = try await site.expect(0, "failover", "resume", "--yes")
            #expect(
                done.output.contains("leads to secondary already; the provider could not be asked"), "\(done.output)")
            try await site.expect(0, "why")
        }
    }

    /// A hook of the plan's own changes a record, long after the plan was made and just before its names are moved.
    private static func intrude(_ site: MovingSite) throws {
        let update = MovingSite.update("www.example.org", MovingSite.elsewhere, site.names.port)
        try site.program(
            "intrude",
            "#!/bin/sh\n[ -e \(site.folder)/intruded ] && exit 0\ntouch \(site.folder)/intruded\nnsupdate -y hmac-sha256:switchback:\(NameServer.secret) <<END\n\(update)END\n"
        )
        try site.write(failover: "hooks: { start: [\(site.folder)/intrude] }")
    }

    @Test func `what somebody else changed meanwhile is not overwritten, and a person decides`() async throws {
        try await MovingSite.with { site in
            try Self.intrude(site)
            let stopped = try await site.expect(1, "failover", "--yes")
            let says = "www.example.org A in zone example.org changed since the plan was made; nothing was done"
            #expect(stopped.output.contains(says), "\(stopped.output)")
            #expect(stopped.output.contains("\"switchback dns apply --site secondary\" leads them there"))
            #expect(try await site.names.addresses() == [MovingSite.elsewhere])
            #expect(try await site.names.addresses(of: NameServer.zone) == ["127.0.0.11"], "nothing half done")
            #expect(try await site.run("failover", "resume", "--yes").status == 1)
            try await site.expect(0, "dns", "apply", "--site", "secondary", "--yes")
            try await site.expect(0, "failover", "resume", "--yes")
            #expect(try await site.led() == "secondary")
        }
    }

    @Test func `a switchover that finds the names changed is undone, and leaves them alone`() async throws {
        try await MovingSite.with { site in
            try Self.intrude(site)
            let undone = try await site.expect(1, "switchover", "--yes")
            #expect(undone.output.contains("undone; everything is as it was before"), "\(undone.output)")
            #expect(undone.output.contains("www.example.org A was changed by somebody else and stays as it is"))
            #expect(try await site.names.addresses() == [MovingSite.elsewhere])
            #expect(await site.takesWrites("primary"))
            #expect(await !site.takesWrites("secondary"))
        }
    }

    /// The program is killed by its own DNS provider, just before the change or just after it.
    @Test(arguments: ["before", "after"]) func `killed around the change of the names, it is gone on with`(
        _ moment: String
    )
        async throws
    {
        try await MovingSite.with { site in
            let wrapper = site.folder + "/our-dns"
            try site.program("our-dns", Self.striking(site, moment))
            let dns = MovingSite.dns(site.names.port).replacing(
                "rfc2136: { server: \"127.0.0.1:\(site.names.port)\", zone: example.org, key: \"file:tsig\" }",
                with: "exec: { command: [\(wrapper)], zone: example.org }"
            ).replacing(
                "timeout: 1s", with: "timeout: 6s")
            try site.write(dns: dns)
            let killed = try await site.run("failover", "--yes")
            try #require(killed.status == 128 + SIGKILL, "\(killed)")
            #expect(try await site.led() == (moment == "before" ? "primary" : "secondary"))
            #expect(await site.takesWrites("secondary"))
            let why = try await site.expect(3, "why")
            #expect(why.output.contains("is under way or was cut off, at dns"), "\(why.output)")
            let resumed = try await eventually(within: .seconds(30)) {
                // The server may take a moment to see that the killed one is gone.
                try await site.run("failover", "resume", "--yes").status == 0
            }
            #expect(resumed)
            #expect(try await site.led() == "secondary")
            let changes = (try? String(contentsOfFile: site.folder + "/changes", encoding: .utf8)) ?? ""
            #expect(changes == "secondary\n", "it is changed once: \(changes)")
        }
    }

    /// A provider for the one zone: it looks with dig and changes with nsupdate, and notes each change.
    private static func striking(_ site: MovingSite, _ moment: String) -> String {
        """
        #!/usr/bin/env python3
        import json, os, signal, subprocess, sys
        request = json.load(sys.stdin)
        names = ["example.org", "www.example.org"]
        server = ["-p", "\(site.names.port)", "@127.0.0.1"]
        def look(name):
            answer = subprocess.run(["dig", "+short"] + server + [name, "A"], capture_output=True, text=True).stdout.split()
            return [{"name": name, "type": "A", "ttl": 60, "values": answer}] if answer else []
        def strike():
            if not os.path.exists("\(site.folder)/struck"):
                open("\(site.folder)/struck", "w").close()
                os.kill(os.getppid(), signal.SIGKILL)
                sys.exit(1)
        if request["action"] == "show":
            print(json.dumps({"records": sum([look(name) for name in names], [])}))
        else:
            if "\(moment)" == "before": strike()
            lines = ["server 127.0.0.1 \(site.names.port)", "zone example.org"]
            for change in request["changes"]:
                after = change["after"]
                lines += ["update delete %s. A" % change["name"], "update add %s. 60 A %s" % (change["name"], after["values"][0])]
            subprocess.run(["nsupdate", "-y", "hmac-sha256:switchback:\(NameServer.secret)"], input="\\n".join(lines + ["send", ""]), text=True, check=True)
            with open("\(site.folder)/changes", "a") as notes: notes.write("secondary\\n")
            if "\(moment)" == "after": strike()
            print(json.dumps({"done": True}))

        """
    }

    @Test func `a failback past its budget is undone by itself, says why, and leaves the names`() async throws {
        try await MovingSite.with(failover: "freeze_budget: 800ms") { site in
            try await site.expect(0, "failover", "--yes")
            let writer = try await site.base.secondary.connect()
            try await writer.run { try $0.execute("BEGIN; UPDATE tally SET n = 7") }
            let undone = try await site.expect(1, "failback", "--yes")
            #expect(
                undone.output.contains("failback from secondary to primary: undone; everything is as it was before"))
            #expect(undone.output.contains("because: the freeze budget of 800 ms was used up at"), "\(undone.output)")
            try await writer.run { try $0.execute("COMMIT") }
            await writer.close()
            #expect(await site.takesWrites("secondary"))
            #expect(await !site.takesWrites("primary"))
            #expect(try await site.led() == "secondary")
            let why = try await site.expect(0, "why")
            #expect(why.output.contains("the site is at secondary: the failback") && why.output.contains("was undone"))
            #expect(site.told.contains("site.warning: failback from secondary to primary was undone"), "\(site.told)")
            try await site.expect(0, "failback", "--yes")
            #expect(try await site.led() == "primary")
        }
    }
}
