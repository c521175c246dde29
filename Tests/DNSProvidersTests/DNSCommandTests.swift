import DNSProviders
import DNSWire
import Foundation
import Model
import Testing

@testable import TestSupport

/// `switchback dns …` as a person types it, on a real name server.
@Suite("switchback dns", .enabled(if: Tool.named != nil)) struct DNSCommandTests {
    private static func yaml(_ provider: String, more: String = "") -> String {
        """
        cluster: library
        nodes: { here: { dsn: "host=127.0.0.1 port=1" }, there: { dsn: "host=127.0.0.1 port=1" } }
        syncs: { main: { nodes: { here: source, there: target }, tables: ["public.*"] } }
        sites: { primary: { node: here, address: 192.0.2.10 }, secondary: { node: there, address: 198.51.100.20 } }
        dns:
          provider: { \(provider) }
          records: [ { name: example.org, type: A }, { name: www.example.org, type: A } ]
        \(more)
        """
    }

    private static func bind(_ server: NameServer, key: String = "file:tsig", server other: String? = nil) throws
        -> String
    {
        let folder = try Program.folder(
            yaml(
                "rfc2136: { server: \"\(server.address)\", zone: example.org, key: \"\(key)\" }",
                more: "  servers: [\"\(other ?? "\(server.address)")\"]\n  timeout: 2s"))
        try "key \"switchback.\" { algorithm hmac-sha256; secret \"\(NameServer.secret)\"; };\n".write(
            toFile: folder + "/tsig", atomically: false, encoding: .utf8)
        return folder
    }

    private func document(_ outcome: Program.Outcome) throws -> [String: Any] {
        let object = try JSONSerialization.jsonObject(with: Data(outcome.output.utf8))
        return try #require(object as? [String: Any])
    }

    @Test func `a person looks, plans, changes and proves`() async throws {
        let server = try await NameServer.bind()
        do {
            let folder = try Self.bind(server)
            func run(_ arguments: String...) async throws -> Program.Outcome {
                let outcome = try await Program.run(["dns"] + arguments, in: folder)
                #expect(!(outcome.output + outcome.errors).contains(NameServer.secret))
                return outcome
            }
            let shown = try await run("show")
            #expect(
                shown.status == 0 && shown.output.contains("  www NS gss1.example.net. gss2.example.net., TTL 3600"))
            #expect(shown.output.contains("the records lead to no one site"))
            // Nothing moves by accident: nobody said where to.
            let aimless = try await run("plan")
            #expect(aimless.status == 2 && aimless.errors.contains("the records lead to no one site"))
            let plan = try await run("plan", "--site", "secondary")
            #expect(plan.status == 3, "\(plan.errors)")
            #expect(plan.output.contains("  create  www A 198.51.100.20, TTL 60\n"))
            let checksum = try #require(plan.output.firstMatch(of: /checksum ([0-9a-f]{16})/)).1
            let steps = try await run("plan", "--site", "secondary", "--manual")
            #expect(steps.output.contains("delete the NS record www with the value gss1.example.net."))
            // Not without a word, and not another plan than the one that was looked at.
            let unasked = try await run("apply", "--site", "secondary")
            #expect(unasked.status == 2 && unasked.errors.contains("--yes"))
            let other = try await run("apply", "--site", "secondary", "--yes", "--checksum", "0000000000000000")
            #expect(other.status == 1 && other.errors.contains("nothing was done"))
            #expect(try await server.addresses() == [])
            let applied = try await run(
                "apply", "--site", "secondary", "--yes", "--checksum", String(checksum), "--json")
            #expect(applied.status == 0, "\(applied.errors)")
            let document = try document(applied)
            #expect(document["outcome"] as? String == "done")
            #expect((document["proof"] as? [String: Any])?["right"] as? Bool == true)
            #expect(((document["plan"] as? [String: Any])?["changes"] as? [Any])?.count == 3)
            #expect(try await server.addresses() == ["198.51.100.20"])
            // Now it is known where they lead.
            let now = try await run("plan", "--json")
            let site = try self.document(now)["site"] as? String
            #expect(now.status == 0 && site == "secondary")
            #expect(try await run("verify").status == 0)
            let wrong = try await run("verify", "--site", "primary", "--json")
            let isRight = try self.document(wrong)["right"] as? Bool
            #expect(wrong.status == 3 && isRight == false)
            let again = try await run("apply", "--site", "secondary", "--yes")
            #expect(again.status == 0 && again.output.contains("nothing to change"))
        } catch {
            await server.stop()
            throw error
        }
        await server.stop()
    }

    @Test func `a name server that stays behind is told, and the change is made`() async throws {
        let server = try await NameServer.bind()
        do {
            let stale = try StubNameServer { message, _ in
                [message.answer(from: [DNSRecordSet(NameServer.www, .a, ttlSeconds: 60, values: ["192.0.2.10"])])]
            }
            let folder = try Self.bind(server, server: "\(stale.address)")
            let outcome = try await Program.run(
                ["dns", "apply", "--site", "secondary", "--yes", "--timeout", "1", "--json"], in: folder)
            #expect(outcome.status == 3, "\(outcome.errors)")
            #expect(outcome.errors.contains("www.example.org A answers 192.0.2.10, should be 198.51.100.20"))
            #expect((try document(outcome)["proof"] as? [String: Any])?["right"] as? Bool == false)
            #expect(try await server.addresses() == ["198.51.100.20"])
        } catch {
            await server.stop()
            throw error
        }
        await server.stop()
    }

    @Test func `a provider that is down leaves the steps for a person`() async throws {
        let served = try StubNameServer { message, _ in
            [message.answer(from: [DNSRecordSet(NameServer.zone, .a, ttlSeconds: 60, values: ["192.0.2.10"])])]
        }
        let folder = try Program.folder(
            Self.yaml(
                "powerdns: { url: \"http://127.0.0.1:\(try closedPort())\", zone: example.org, key: geheim }",
                more: "  servers: [\"\(served.address)\"]"))
        let plan = try await Program.run(["dns", "plan", "--site", "secondary", "--manual"], in: folder)
        #expect(plan.status == 3)
        #expect(plan.output.contains("change the A record @ from 192.0.2.10 to 198.51.100.20"))
        #expect(plan.output.contains("add the A record www with the value 198.51.100.20"))
        #expect(plan.output.contains("pdnsutil edit-zone example.org"))
        for command in [["show"], ["plan", "--site", "secondary"], ["apply", "--site", "secondary", "--yes"]] {
            let outcome = try await Program.run(["dns"] + command + ["--json"], in: folder)
            #expect(outcome.status == 1)
            #expect(try document(outcome)["error"] is String)
            #expect(!(outcome.output + outcome.errors).contains("geheim"))
        }
    }

    @Test func `what is wrong in the configuration is told, and nothing is asked`() async throws {
        func errors(_ provider: String, _ arguments: [String] = ["show"]) async throws -> String {
            let folder = try Program.folder(Self.yaml(provider))
            let outcome = try await Program.run(["dns"] + arguments, in: folder)
            #expect(outcome.status == 2, "\(outcome.errors)")
            #expect(!outcome.errors.contains("geheim"))
            return outcome.errors
        }
        #expect(
            try await errors("rfc2136: { server: 192.0.2.53, zone: example.org, key: geheim }").contains(
                "dns.provider.rfc2136.key is neither a clause of BIND's nor algorithm:name:secret"))
        #expect(
            try await errors("rfc2136: { server: \"192.0.2.53:x\", zone: example.org }").contains(
                "dns.provider.rfc2136.server is no address of a server"))
        #expect(
            try await errors("cloudflare: { zone: example.org, token: geheim, url: \"http://192.0.2.1/\" }").contains(
                "dns.provider.cloudflare.url would send secrets over http"))
        #expect(
            try await errors(
                "powerdns: { url: \"http://127.0.0.1:1\", zone: example.org, key: geheim }",
                ["plan", "--site", "third"]
            ).contains("there is no site \"third\""))
        let none = try Program.folder(
            Self.yaml("exec: { command: [/bin/true], zone: example.org }").components(separatedBy: "dns:")[0])
        let outcome = try await Program.run(["dns", "show"], in: none)
        #expect(outcome.status == 2 && outcome.errors.contains("the configuration has no dns"))
    }

    /// Killed in the middle of a change, by the very program that makes it: started again, it finds what is there.
    @Test(arguments: ["half", "whole"]) func `killed during a change and started again, it is done`(_ extent: String)
        async throws
    {
        let folder = try Program.folder()
        let zone = folder + "/zone.json"
        try """
        [{"name": "example.org", "type": "A", "ttl": 60, "values": ["192.0.2.10"]},
         {"name": "www.example.org", "type": "NS", "ttl": 3600, "values": ["gss1.example.net."]}]
        """.write(toFile: zone, atomically: false, encoding: .utf8)
        try ExecTests.script.write(toFile: folder + "/our-dns", atomically: false, encoding: .utf8)
        // The first change is carried out, in whole or without its end, and then whoever asked for it is killed.
        try """
        #!/usr/bin/env python3
        import json, os, signal, subprocess, sys
        request = json.load(sys.stdin)
        strikes = request["action"] == "apply" and not os.path.exists("\(folder)/struck")
        if strikes and "\(extent)" == "half":
            request["changes"] = request["changes"][:1]
        done = subprocess.run([sys.executable, "\(folder)/our-dns", "\(zone)"], input=json.dumps(request), capture_output=True, text=True)
        if strikes:
            open("\(folder)/struck", "w").close()
            os.kill(os.getppid(), signal.SIGKILL)
        print(done.stdout)
        """.write(toFile: folder + "/striking", atomically: false, encoding: .utf8)
        chmod(folder + "/striking", 0o755)
        let served = try StubNameServer { message, _ in
            [
                message.answer(
                    from: [NameServer.zone, NameServer.www].map {
                        DNSRecordSet($0, .a, ttlSeconds: 60, values: ["198.51.100.20"])
                    })
            ]
        }
        try Self.yaml(
            "exec: { command: [\(folder)/striking], zone: example.org }", more: "  servers: [\"\(served.address)\"]"
        ).write(toFile: folder + "/switchback.yaml", atomically: false, encoding: .utf8)
        let arguments = ["dns", "apply", "--site", "secondary", "--yes"]
        #expect(try await Program.run(arguments, in: folder).status == 128 + SIGKILL)
        let again = try await Program.run(arguments, in: folder)
        #expect(again.status == 0, "\(again.errors)")
        #expect(again.output.contains(extent == "half" ? "2 changes" : "nothing to change"))
        #expect(try await Program.run(["dns", "plan", "--site", "secondary"], in: folder).status == 0)
    }
}
