import Foundation
import Glibc
import TestSupport
import Testing

/// What is wrong is told before the site has to move, once, with what mends it.
@Suite("check and status look at the names", .serialized, .enabled(if: Tool.named != nil)) struct NamesCheckTests {
    @Test func `each trouble has one message with its remedy`() async throws {
        try await MovingSite.with { site in
            func problems(_ lines: [[String: Any]]) -> [[String: Any]] {
                lines.filter { $0["severity"] as? String == "problem" }
            }
            func check() async throws -> [[String: Any]] {
                let outcome = try await site.run("check", "--json")
                let value = try? JSONSerialization.jsonObject(with: Data(outcome.output.utf8))
                return try #require(value as? [[String: Any]], "\(outcome.output)\(outcome.errors)")
            }
            /// Expects just one problem that holds a text, with a remedy that holds another.
            func expect(_ message: String, _ remedy: String, sourceLocation: SourceLocation = #_sourceLocation)
                async throws
            {
                let found = problems(try await check())
                #expect(found.count == 1, "\(found)", sourceLocation: sourceLocation)
                let said = ["message", "remedy"].map { found.first?[$0] as? String ?? "" }
                #expect(said[0].contains(message), "\(found)", sourceLocation: sourceLocation)
                #expect(said[1].contains(remedy), "\(found)", sourceLocation: sourceLocation)
            }
            let well = try await check()
            #expect(problems(well).isEmpty, "\(well)")
            #expect(well.contains { ($0["message"] as? String ?? "").hasSuffix("the records lead to primary") })

            try MovingSite.key("d3Jvbmc=").write(toFile: site.folder + "/tsig", atomically: false, encoding: .utf8)
            try await expect("dns: ", "the same key, with name, algorithm and secret")
            try "nonsense".write(toFile: site.folder + "/tsig", atomically: false, encoding: .utf8)
            try await expect("dns.provider.rfc2136.key is neither", "tsig-keygen")

            let dns = MovingSite.dns(site.names.port)
            try site.write(dns: dns.replacing("example.org", with: "example.net"))
            try await expect("does not serve the zone example.net", "dns.provider.rfc2136.zone")
            try site.write(dns: MovingSite.dns(try closedPort(), servers: site.names.port))
            try await expect("dns: ", "start the server")
            try site.write(dns: MovingSite.dns(site.names.port, servers: try closedPort()))
            try await expect("dns: authoritative server 127.0.0.1:", "a plan waits for every one")

            try site.write(dns: dns.replacing("www.example.org", with: "wwww.example.org"))
            let missing = try await check()
            #expect(
                missing.contains {
                    ($0["message"] as? String ?? "") == "dns: zone example.org has no record wwww.example.org A"
                        && ($0["remedy"] as? String ?? "").contains("mend its name in dns.records")
                }, "\(missing)")
            // A record whose old answer outlives the policy.
            try site.write(
                dns: dns.replacing("timeout: 1s", with: "timeout: 1s\n  ttl_max: 30s").replacing("60s", with: "20s"))
            #expect(try await check().contains { ($0["message"] as? String ?? "").contains("more than dns.ttl_max") })

            try site.write(failover: "hooks: { stop: [\(site.folder)/nosuch] }")
            try await expect("the hook \(site.folder)/nosuch is not there", "failover.hooks.stop")
            try "#!/bin/sh\n".write(toFile: site.folder + "/plain", atomically: false, encoding: .utf8)
            try site.write(failover: "hooks: { start: [\(site.folder)/plain] }")
            try await expect("cannot be run by this user", "failover.hooks.start")
        }
    }

    @Test func `status holds what the name servers answer against the active site`() async throws {
        try await MovingSite.with { site in
            let well = try await site.run("status")
            #expect(well.output.contains("the names lead to primary, the active site, at every authoritative server"))
            try await site.change("www.example.org", to: MovingSite.addresses["secondary"]!)
            try await site.change("example.org", to: MovingSite.addresses["secondary"]!)
            let wrong = try await site.expect(3, "status")
            #expect(
                wrong.output.contains("the names lead to secondary, and the active site is primary"), "\(wrong.output)")
            #expect(wrong.output.contains("switchback dns plan --site primary"))
            let dns = try #require(try await site.document("status")["dns"] as? [String: Any])
            #expect(dns["right"] as? Bool == false && dns["active"] as? String == "primary")
            try site.write(dns: MovingSite.dns(site.names.port, servers: try closedPort()))
            let silent = try await site.expect(3, "status")
            #expect(silent.output.contains("do not lead to primary at every authoritative server"), "\(silent.output)")
        }
    }
}
