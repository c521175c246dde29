import DNSProviders
import Foundation
import Model
import TestSupport
import Testing

@Suite("A program of the user's") struct ExecTests {
    /// The script of Docs/DNS.md, which keeps a zone in a file.
    static let script: String = {
        let top = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let text = (try? String(contentsOf: top.appendingPathComponent("Docs/DNS.md"), encoding: .utf8)) ?? ""
        return text.components(separatedBy: "```python\n").dropFirst().first?.components(separatedBy: "```").first ?? ""
    }()

    private func provider(_ script: String, in folder: String, limit: Duration = .seconds(20)) throws -> ExecProvider {
        let path = folder + "/our-dns"
        try script.write(toFile: path, atomically: false, encoding: .utf8)
        chmod(path, 0o755)
        return ExecProvider(zone: NameServer.zone, command: [path, folder + "/zone.json"], limit: limit)
    }

    private func shell(_ line: String, limit: Duration = .seconds(20)) throws -> ExecProvider {
        let folder = try Program.folder()
        return try provider("#!/bin/sh\ncat >/dev/null\n\(line)\n", in: folder, limit: limit)
    }

    @Test func `the program of the documentation makes the first user's change and takes it back`() async throws {
        let folder = try Program.folder()
        try """
        [{"name": "example.org", "type": "A", "ttl": 60, "values": ["192.0.2.10"]},
         {"name": "www.example.org", "type": "NS", "ttl": 3600, "values": ["gss1.example.net.", "gss2.example.net."]}]
        """.write(toFile: folder + "/zone.json", atomically: false, encoding: .utf8)
        let dns = makeSwitch(try provider(Self.script, in: folder))
        let before = try await dns.show()
        #expect(before.sets.count == 2 && before.setsInZone == 2)
        let plan = try await dns.plan(to: "secondary")
        #expect(try await dns.apply(plan) == .done)
        #expect(dns.site(in: try await dns.show()) == "secondary")
        // It compares by itself.
        #expect(await failure { try await dns.provider.apply(plan, seen: before) }?.kind == .stale)
        #expect(try await dns.apply(dns.inverse(of: plan)) == .done)
        #expect(try await dns.show() == before)
    }

    @Test func `whatever it does, there is one message`() async throws {
        func kind(_ line: String, limit: Duration = .seconds(20)) async throws -> DNSError? {
            let provider = try shell(line, limit: limit)
            return await failure { _ = try await provider.show([NameServer.www]) }
        }
        for (word, wanted) in [
            ("unreachable", DNSError.Kind.unreachable), ("credentials", .credentials), ("unknown_zone", .unknownZone),
            ("stale", .stale), ("refused", .refused), ("limited", .limited), ("partly", .partly), ("else", .noAnswer),
        ] {
            let error = try await kind(
                "echo '{\"error\": {\"kind\": \"\(word)\", \"message\": \"no luck\", \"hint\": \"try\"}}'; exit 1")
            #expect(error?.kind == wanted && error?.message.hasSuffix(": no luck") == true && error?.hint == "try")
        }
        let failed = try await kind("echo first >&2; echo last words >&2; exit 3")
        #expect(failed?.kind == .noAnswer && failed?.message.hasSuffix("ended with status 3: last words") == true)
        #expect(try await kind("echo hello")?.kind == .badAnswer)
        #expect(try await kind("sleep 30", limit: .seconds(1))?.message.contains("was stopped") == true)
        let missing = ExecProvider(zone: NameServer.zone, command: ["/nowhere/our-dns"], limit: .seconds(1))
        let error = await failure { _ = try await missing.show([NameServer.www]) }
        #expect(error?.kind == .unreachable && error?.hint.contains("executable") == true)
        let view = DNSZoneView(zone: NameServer.zone, names: [], sets: [])
        let plan = try DNSPlan.sample([.create(DNSRecordSet(NameServer.www, .a, ttlSeconds: 60, values: ["192.0.2.1"]))]
        )
        let shirker = try shell("echo '{\"done\": false}'")
        #expect(await failure { try await shirker.apply(plan, seen: view) }?.kind == .badAnswer)
    }
}
