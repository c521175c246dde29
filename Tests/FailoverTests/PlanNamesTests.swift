import Foundation
import Glibc
import Postgres
import TestSupport
import Testing

/// What goes wrong with the names while the site moves: every run ends done, undone, or stopped with the command that goes on.
@Suite("A plan and the names (P11)", .serialized, .enabled(if: Tool.named != nil)) struct PlanNamesTests {
    /// The provider does not take the change: the plan stops at the names, the new site serves, and once the provider is
    /// mended, or a person has changed the records by hand, the plan goes on.
    @Test(arguments: Refusal.allCases)
    func `a failover stops at the names, tells a person what to do, and goes on when it is done`(_ fault: Refusal)
        async throws
    {
        try await MovingSite.with { site in
            try Self.refuse(site, fault)
            let stopped = try await site.expect(1, "failover", "--yes")
            for text in [
                "failover from primary to secondary: STOPPED at dns", fault.rawValue,
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

            if fault == .isDown { try await Self.editByHand(site) } else { try site.write() }
            let done = try await site.expect(0, "failover", "resume", "--yes")
            #expect(done.output.contains("failover from primary to secondary: done"))
            #expect(
                done.output.contains("leads to secondary already; the provider could not be asked")
                    == (fault == .isDown), "\(done.output)")
            #expect(try await site.led() == "secondary")
            try await site.expect(0, "why")
        }
    }

    /// What the report asks of a person: enough while the provider stays away.
    private static func editByHand(_ site: MovingSite) async throws {
        for name in ["example.org", "www.example.org"] {
            try await site.change(name, to: MovingSite.addresses["secondary"]!)
        }
    }

    /// Why a provider does not take the change, by what a person is told to do.
    enum Refusal: String, CaseIterable {
        case wrongKey = "the same key, with name, algorithm and secret"
        case isDown = "start the server"
        case hangs = "look at the zone before trying again, or raise dns.timeout"
    }

    private static func refuse(_ site: MovingSite, _ fault: Refusal) throws {
        switch fault {
        case .wrongKey:
            try MovingSite.key("d3Jvbmc=").write(toFile: site.folder + "/tsig", atomically: false, encoding: .utf8)
        case .isDown: try site.write(dns: MovingSite.dns(try closedPort(), servers: site.names.port))
        case .hangs:
            try site.program("our-dns", "#!/bin/sh\nsleep 600\n")
            try site.write(dns: site.dns(through: "our-dns"))
        }
    }

    /// The provider says that it is done, and one of the authoritative servers still leads people to the old site.
    @Test func `a name server that stays behind undoes a switchover, and stops a failover until it follows`()
        async throws
    {
        let behind = try await NameServer.bind(
            zoneFile: NameServer.zoneFile.replacing("192.0.2.10", with: MovingSite.addresses["primary"]!))
        do {
            try await MovingSite.with { site in
                let both = site.dns().replacing(
                    "servers: [", with: "servers: [\"127.0.0.1:\(behind.port)\", ")
                try site.write(dns: both, verify: "1s")
                let undone = try await site.expect(1, "switchover", "--yes")
                #expect(undone.output.contains("undone; everything is as it was before"), "\(undone.output)")
                #expect(undone.output.contains("127.0.0.1:\(behind.port)"), "\(undone.output)")
                #expect(try await site.led() == "primary")
                #expect(await site.takesWrites("primary"))
                #expect(await !site.takesWrites("secondary"))

                let stopped = try await site.expect(1, "failover", "--yes")
                for text in [
                    "STOPPED at dns_verify", "127.0.0.1:\(behind.port)", "switchback failover resume --yes",
                    "switchback failover abort --yes", "\"switchback dns verify --site secondary\"",
                ] { #expect(stopped.output.contains(text), "\(text) is not in \(stopped.output)") }
                #expect(!stopped.output.contains("by hand"), "the provider has done it: \(stopped.output)")
                #expect(try await site.led() == "secondary")
                #expect(await site.takesWrites("secondary"))
                // It follows.
                try site.write()
                try await site.expect(0, "failover", "resume", "--yes")
                try await site.expect(0, "why")
            }
        } catch {
            await behind.stop()
            throw error
        }
        await behind.stop()
    }

    /// A hook of the plan's own changes a record, long after the plan was made and just before its names are moved.
    private static func intrude(_ site: MovingSite) throws {
        try site.program(
            "intrude",
            "#!/bin/sh\n[ -e \(site.folder)/intruded ] && exit 0\ntouch \(site.folder)/intruded\n"
                + site.names.change("www.example.org", MovingSite.elsewhere)
        )
        try site.write(failover: "hooks: { start: [\(site.folder)/intrude] }")
    }

    @Test func `what others changed meanwhile is not overwritten, and a failback past its budget is undone by itself`()
        async throws
    {
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
            try await Self.exceedBudget(site)
        }
    }

    /// It says why, and leaves the names; then it is done.
    private static func exceedBudget(_ site: MovingSite) async throws {
        try site.write(failover: "freeze_budget: 800ms")
        let writer = try await site.base.secondary.connect()
        try await writer.run { try $0.execute("BEGIN; UPDATE tally SET n = 7") }
        let undone = try await site.expect(1, "failback", "--yes")
        #expect(undone.output.contains("failback from secondary to primary: undone; everything is as it was before"))
        #expect(undone.output.contains("because: the freeze budget of 800 ms was used up at"), "\(undone.output)")
        try await writer.run { try $0.execute("COMMIT") }
        await writer.close()
        #expect(await site.takesWrites("secondary"))
        #expect(await !site.takesWrites("primary"))
        #expect(try await site.led() == "secondary")
        let why = try await site.expect(0, "why")
        #expect(why.output.contains("the site is at secondary: the failback") && why.output.contains("was undone"))
        #expect(site.told.contains("site.warning: failback from secondary to primary was undone"), "\(site.told)")
        try site.write()
        try await site.expect(0, "failback", "--yes")
        #expect(try await site.led() == "primary")
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

    /// The same with other servers of names and providers: the change is refused, and gone on with; somebody else changes a record during the
    /// way back, which is undone and then done.
    @Test(arguments: [MovingSite.Names.knot, .powerDNS, .cloudflare, .namecheap, .route53].filter(\.isThere))
    func `whole plans move the names at other servers too, also after refusals and changes of others`(
        _ kind: MovingSite.Names
    ) async throws {
        try await MovingSite.with(names: kind) { site in
            try site.names.wrongKey.write(toFile: site.folder + "/tsig", atomically: false, encoding: .utf8)
            let stopped = try await site.expect(1, "failover", "--yes")
            #expect(stopped.output.contains("failover from primary to secondary: STOPPED at dns"), "\(stopped.output)")
            #expect(stopped.output.contains("by hand, at the DNS provider:"))
            #expect(try await site.led() == "primary", "nothing half done")
            #expect(try await site.names.addresses(of: NameServer.zone) == ["127.0.0.11"], "nothing half done")
            #expect(await site.takesWrites("secondary"))
            try site.write()
            try await site.expect(0, "failover", "resume", "--yes")
            #expect(try await site.led() == "secondary")
            #expect(try await site.names.addresses(of: NameServer.zone) == ["127.0.0.12"])
            try await site.base.secondary.run("INSERT INTO item (v) VALUES ('while away')")

            try Self.intrude(site)
            let undone = try await site.expect(1, "failback", "--yes")
            #expect(undone.output.contains("undone; everything is as it was before"), "\(undone.output)")
            #expect(undone.output.contains("www.example.org A was changed by somebody else and stays as it is"))
            #expect(try await site.names.addresses() == [MovingSite.elsewhere])
            #expect(try await site.names.addresses(of: NameServer.zone) == ["127.0.0.12"], "nothing half done")
            #expect(await site.takesWrites("secondary"))
            #expect(await !site.takesWrites("primary"))
            try await site.expect(0, "dns", "apply", "--site", "secondary", "--yes")
            try await site.expect(0, "failback", "--yes")
            #expect(try await site.led() == "primary")
            #expect(try await site.names.addresses(of: NameServer.zone) == ["127.0.0.11"])
            #expect(try await site.base.primary.value("SELECT count(*) FROM item WHERE v = 'while away'") == "1")
            try await site.expect(0, "dns", "verify")
        }
    }

    /// The program is killed by its own DNS provider, just before the change or just after it.
    @Test(arguments: ["before", "after"]) func `killed around the change of the names, it is gone on with`(
        _ moment: String
    )
        async throws
    {
        try await MovingSite.with { site in
            try site.program("our-dns", Self.striking(site, moment))
            try site.write(dns: site.dns(through: "our-dns").replacing("timeout: 1s", with: "timeout: 6s"))
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
}
