import DNSProviders
import DNSWire
import Foundation
import Model
import Programs
import Settings
import Testing

@testable import TestSupport

@Suite("Route 53's interface") struct Route53Tests {
    private func stub(_ change: (inout HostedZone) -> Void = { _ in }) throws -> WebStub<HostedZone> {
        var zone = HostedZone.start
        change(&zone)
        return try WebStub(zone) { request, zone in zone.answer(request) }
    }

    static func provider(
        _ url: String, secretKey: String = HostedZone.secretKey, zone: String = "example.org", more: String = "",
        syncLimit: Duration = .seconds(10)
    ) throws -> Route53Provider {
        let settings = try dnsSettings(
            "route53: { zone: \(zone), access_key: \(HostedZone.accessKey), secret_key: \"\(secretKey)\", url: \"\(url)\"\(more) }",
            zone: zone)
        guard case .route53(let own) = settings.provider else { throw Unexpected() }
        return Route53Provider(
            own, zone: DNSName(zone)!, limit: .seconds(10), syncLimit: syncLimit, syncPause: .milliseconds(5))
    }

    @Test(arguments: ["", ", zone_id: Z1"])
    func `the first user's change is one batch, is waited for, and can be taken back`(
        _ more: String
    ) async throws {
        let stub = try stub()
        let dns = makeSwitch(try Self.provider(stub.url, more: more))
        let before = try await dns.show()
        #expect(before.setsInZone == 5 && before.sets.count == 4)
        let plan = try await dns.plan(to: "secondary")
        #expect(try await dns.apply(plan) == .done)
        let changes = stub.heard.filter { $0.method == "POST" }
        #expect(changes.count == 1 && changes[0].body.contains("<Comment>switchback \(plan.checksum)</Comment>"))
        #expect(stub.with { $0.asked } == 3)
        #expect(
            stub.with { $0.sets.map { "\($0.name) \($0.type) \($0.ttl) \($0.values.joined())" } } == [
                "example.org. A 60 198.51.100.20", "example.org. NS 3600 ns-1.example.net.",
                "example.org. TXT 3600 &quot;kept&quot;",
                "\\052.example.org. A 60 192.0.2.99", "www.example.org. A 60 198.51.100.20",
            ])
        #expect(try await dns.apply(plan) == .wasDone)
        #expect(try await dns.apply(dns.inverse(of: plan)) == .done)
        #expect(try await dns.show() == before)
    }

    /// libcurl before 8.3 signs a query as it stands: it must be in order.
    @Test func `every query is in order`() async throws {
        let stub = try stub()
        let dns = makeSwitch(try Self.provider(stub.url))
        _ = try await dns.show()
        let wild = try await dns.provider.show([DNSName("*.example.org")!])
        #expect(wild.sets.map(\.values) == [["192.0.2.99"]])
        let queries = stub.heard.map { $0.query.split(separator: "&") }.filter { !$0.isEmpty }
        #expect(queries.count > 4 && queries.contains { $0.count > 2 })
        for query in queries { #expect(query == query.sorted()) }
    }

    @Test func `what is wrong is told, and changes nothing`() async throws {
        let stub = try stub()
        let dns = makeSwitch(try Self.provider(stub.url))
        let view = try await dns.show()
        let plan = try await dns.plan(to: "secondary")
        let guest = makeSwitch(try Self.provider(stub.url, secretKey: "geheim"))
        let error = await failure { try await guest.apply(plan) }
        #expect(error?.kind == .credentials && error?.message.contains("SignatureDoesNotMatch") == true)
        #expect(!"\(error as Any)".contains("geheim"))
        let other = try Self.provider(stub.url, zone: "example.net")
        #expect(await failure { _ = try await other.show([DNSName("example.net")!]) }?.kind == .unknownZone)
        let lost = try Self.provider(stub.url, more: ", zone_id: Z9")
        #expect(await failure { _ = try await lost.show([NameServer.www]) }?.kind == .unknownZone)
        stub.with { $0.isThrottled = true }
        #expect(await failure { try await dns.apply(plan) }?.kind == .limited)
        stub.with {
            $0.isThrottled = false
            $0.zones = 2
        }
        let twice = await failure { _ = try await dns.show() }
        #expect(twice?.kind == .unknownZone && twice?.hint.contains("zone_id") == true)
        // Somebody else, between the look and the batch: what can be read is compared, and the batch itself compares.
        stub.with {
            $0.zones = 1
            $0.sets[0].values = ["203.0.113.7"]
        }
        #expect(await failure { try await dns.provider.apply(plan, seen: view) }?.kind == .stale)
        stub.with {
            $0.sets[0].values = ["192.0.2.10"]
            $0.sets[0].ttl = 299
        }
        let before = stub.with { $0.sets }
        let stale = await failure { try await dns.provider.apply(plan, seen: view) }
        #expect(stale?.kind == .stale && stale?.message.contains("do not match") == true)
        #expect(stub.with { $0.sets } == before)
    }

    @Test func `a lost answer is looked after, a lie is found out, and waiting ends`() async throws {
        let stub = try stub { $0.isLost = true }
        let dns = makeSwitch(try Self.provider(stub.url))
        let plan = try await dns.plan(to: "secondary")
        #expect(try await dns.apply(plan) == .done)
        stub.with {
            $0.isLost = false
            $0.isLying = true
        }
        #expect(await failure { try await dns.apply(dns.inverse(of: plan)) }?.kind == .unchanged)
        stub.with { $0.pendingAnswers = .max }
        let slow = try Self.provider(stub.url, syncLimit: .milliseconds(50))
        let error = await failure { try await slow.apply(plan.inverse, seen: try await dns.show()) }
        #expect(error?.kind == .noAnswer && error?.message.contains("C1, and it is still PENDING") == true)
    }

    @Test func `aliases and routed records are left alone`() async throws {
        let alias = "<AliasTarget><DNSName>lb.example.net.</DNSName></AliasTarget>"
        for (extra, values, reason) in [
            (alias, [], "is an alias of Route 53"),
            (
                "<SetIdentifier>blue</SetIdentifier><Weight>1</Weight>", ["192.0.2.10"],
                "is routed by a policy of Route 53 (blue)"
            ),
        ] {
            let stub = try stub {
                $0.sets[0].extra = extra
                $0.sets[0].values = values
            }
            let dns = makeSwitch(try Self.provider(stub.url))
            let refused = await #expect(throws: DNSPlanRefused.self) { _ = try await dns.plan(to: "secondary") }
            #expect(refused?.message == "example.org A \(reason), which Switchback does not change")
        }
    }

    // MARK: moto

    /// A server that others wrote for tests of programs that use Amazon's services. It does not look at signatures.
    @Test(.enabled(if: Tool.moto != nil)) func `moto takes the first user's change, and gives it back`() async throws {
        let python = try #require(Tool.moto)
        let folder = try Program.folder()
        let port = try closedPort()
        let process = try await ExternalProgram(
            [
                "/bin/sh", "-c", NameServer.guardian, "guardian", "\(getpid())", python, "-m", "moto.server", "-H",
                "127.0.0.1", "-p", "\(port)",
            ],
            folder: folder
        ).start()
        do {
            let make = """
                import boto3, time
                c = boto3.client("route53", region_name="us-east-1", endpoint_url="http://127.0.0.1:\(port)", aws_access_key_id="a", aws_secret_access_key="b")
                for attempt in range(200):
                    try:
                        z = c.create_hosted_zone(Name="example.org", CallerReference="1")["HostedZone"]["Id"]
                        break
                    except Exception:
                        time.sleep(0.1)
                def set(name, type, ttl, values):
                    return {"Action": "UPSERT", "ResourceRecordSet": {"Name": name, "Type": type, "TTL": ttl, "ResourceRecords": [{"Value": v} for v in values]}}
                c.change_resource_record_sets(HostedZoneId=z, ChangeBatch={"Changes": [
                    set("example.org", "A", 60, ["192.0.2.10"]), set("mail.example.org", "A", 60, ["192.0.2.25"]),
                    set("www.example.org", "NS", 1800, ["gss1.example.net", "gss2.example.net"])]})
                """
            let made = try await ExternalProgram([python, "-c", make]).run(limit: .seconds(60))
            try #require(made.ending == .exited(0), "\(made.errors) \(process.errorsSoFar)")
            let dns = makeSwitch(try Self.provider("http://127.0.0.1:\(port)"))
            let before = try await dns.show()
            let plan = try await dns.plan(to: "secondary")
            #expect(plan.changes.count == 3)
            #expect(try await dns.apply(plan) == .done)
            #expect(dns.site(in: try await dns.show()) == "secondary")
            // Deleting what is no longer there is refused by moto too.
            #expect(await failure { try await dns.provider.apply(plan, seen: before) }?.kind == .stale)
            #expect(try await dns.apply(dns.inverse(of: plan)) == .done)
            #expect(try await dns.show().sets == before.sets)
        } catch {
            await process.stop()
            throw error
        }
        await process.stop()
    }
}
