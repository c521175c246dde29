import DNSProviders
import DNSWire
import Foundation
import Model
import TestSupport
import Testing

extension NameServer {
    func rfc2136(key: TSIGKey? = NameServer.key, zone: DNSName = NameServer.zone) -> RFC2136Provider {
        RFC2136Provider(zone: zone, server: address, key: key, limit: .seconds(5))
    }
}

/// What the tests move: `@` and `www` from the site `primary` to `secondary`.
func makeSwitch(
    _ provider: any DNSProviding, servers: [ServerAddress] = [], policy: DNSPolicy = DNSPolicy(),
    patience: Duration = .milliseconds(300)
) -> DNSSwitch {
    DNSSwitch(
        provider: provider,
        records: [.init(NameServer.zone, .a, ttlSeconds: 60), .init(NameServer.www, .a, ttlSeconds: 60)],
        sites: [.init("primary", address: "192.0.2.10"), .init("secondary", address: "198.51.100.20")], policy: policy,
        authorities: Authorities(
            zone: provider.zone, configured: servers, resolvers: [], limit: .seconds(5)), patience: patience)
}

/// What a `DNSError` was thrown with; nil when none was.
func failure(_ body: () async throws -> Void) async -> DNSError? {
    do {
        try await body()
        return nil
    } catch let error as DNSError { return error } catch {
        Issue.record("\(error) is no DNSError")
        return nil
    }
}
