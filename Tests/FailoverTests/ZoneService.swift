import DNSWire
import Foundation
import Model
import Programs
import Testing

@testable import TestSupport

/// Where the zone of a moving site is kept and served, and how the program and others change it.
struct ZoneService: Sendable {
    /// The name server's, on 127.0.0.1.
    let port: Int
    /// What the file of the key has in it, and what is refused there.
    let key: String
    let wrongKey: String
    /// The provider's part of the configuration, by the file of the key.
    let provider: @Sendable (_ keyFile: String) -> String
    /// A shell script by which somebody else changes an address.
    let change: @Sendable (_ name: String, _ address: String) -> String
    let stop: @Sendable () async -> Void

    /// What the name server answers for an address record; empty for nothing.
    func addresses(of name: DNSName = NameServer.www) async throws -> [String] {
        try await NameServer.addresses(of: name, at: ServerAddress(host: "127.0.0.1", port: UInt16(port)))
    }

    // MARK: The kinds

    /// Through updates, as `rfc2136` makes them.
    static func updated(_ server: NameServer) -> ZoneService {
        ZoneService(
            port: server.port, key: MovingSite.key(NameServer.secret), wrongKey: MovingSite.key("d3Jvbmc="),
            provider: { MovingSite.updates(server.port, $0) },
            change: { update($0, $1, server.port) }, stop: { await server.stop() })
    }

    static func powerDNS(_ server: NameServer) -> ZoneService {
        ZoneService(
            port: server.port, key: NameServer.apiKey, wrongKey: "wrong",
            provider: {
                "powerdns: { url: \"http://127.0.0.1:\(server.webPort)\", zone: example.org, key: \"file:\($0)\" }"
            },
            change: { update($0, $1, server.port) }, stop: { await server.stop() })
    }

    private static func update(_ name: String, _ address: String, _ port: Int) -> String {
        """
        nsupdate -y hmac-sha256:switchback:\(NameServer.secret) <<END
        server 127.0.0.1 \(port)
        zone example.org
        update delete \(name). A
        update add \(name). 60 A \(address)
        send
        END

        """
    }

    static func cloudflare() throws -> ZoneService {
        try web(CloudflareZone.start, key: CloudflareZone.token) { url, key in
            "cloudflare: { zone: example.org, token: \"file:\(key)\", url: \"\(url)\" }"
        }
    }

    static func namecheap() throws -> ZoneService {
        try web(NamecheapDomain.start, key: NamecheapDomain.key) { url, key in
            "namecheap: { zone: example.org, user: library, key: \"file:\(key)\", client_ip: 192.0.2.10, url: \"\(url)\" }"
        }
    }

    static func route53() throws -> ZoneService {
        try web(HostedZone.start, key: HostedZone.secretKey) { url, key in
            "route53: { zone: example.org, access_key: \(HostedZone.accessKey), secret_key: \"file:\(key)\", url: \"\(url)\" }"
        }
    }

    /// A provider's interface and a name server that answers from what is written there.
    private static func web<Zone: ProviderZone>(
        _ zone: Zone, key: String, _ provider: @escaping @Sendable (_ url: String, _ keyFile: String) -> String
    ) throws -> ZoneService {
        let stub = try WebStub(zone) { request, zone in
            guard request.path == "/somebody-else" else { return zone.answer(request) }
            let values = request.values
            zone.put(values["address"] ?? "", at: DNSName(values["name"] ?? "") ?? NameServer.zone)
            return .init(body: "")
        }
        let server = try StubNameServer { message, _ in [message.answer(from: stub.with { $0.recordSets })] }
        return ZoneService(
            port: Int(server.port), key: key, wrongKey: "wrong", provider: { provider(stub.url, $0) },
            change: { name, address in
                "python3 -c 'import urllib.request as r; r.urlopen(\"\(stub.url)/somebody-else?name=\(name)&address=\(address)\")'\n"
            },
            // Both are gone when nobody has them any more.
            stop: { withExtendedLifetime(server) {} })
    }
}
