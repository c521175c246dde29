import Foundation

/// Who serves the records.
public enum DNSProvider: Sendable, Equatable {
    /// A name server that takes dynamic updates.
    case rfc2136(RFC2136Settings)
    case powerDNS(PowerDNSSettings)
    case route53(Route53Settings)
    case cloudflare(CloudflareSettings)
    case namecheap(NamecheapSettings)
    /// A program of the user's.
    case exec(ExecDNSSettings)

    /// The zone that holds the records, in small letters, without a dot at its end.
    public var zone: String {
        switch self {
        case .rfc2136(let settings): settings.zone
        case .powerDNS(let settings): settings.zone
        case .route53(let settings): settings.zone
        case .cloudflare(let settings): settings.zone
        case .namecheap(let settings): settings.zone
        case .exec(let settings): settings.zone
        }
    }

    static func read(_ value: Value) -> DNSProvider? {
        guard let section = value.section(.provider) else { return nil }
        let entries = section.keys.names.compactMap { section[$0] }
        if value.isEmptyMapping {
            value.report("names no provider", remedy: "write \(Keys.provider.example(of: "rfc2136") ?? "rfc2136")")
        }
        for other in entries.dropFirst() {
            other.report("is a second provider", remedy: "keep one: a zone has one place where it is changed")
        }
        let providers: [DNSProvider?] = [
            section["rfc2136"].flatMap { RFC2136Settings.read($0) }.map { .rfc2136($0) },
            section["powerdns"].flatMap { PowerDNSSettings.read($0) }.map { .powerDNS($0) },
            section["route53"].flatMap { Route53Settings.read($0) }.map { .route53($0) },
            section["cloudflare"].flatMap { CloudflareSettings.read($0) }.map { .cloudflare($0) },
            section["namecheap"].flatMap { NamecheapSettings.read($0) }.map { .namecheap($0) },
            section["exec"].flatMap { ExecDNSSettings.read($0) }.map { .exec($0) },
        ]
        return providers.compactMap { $0 }.first
    }
}

/// A name server that takes dynamic updates (RFC 2136).
public struct RFC2136Settings: Sendable, Equatable {
    public let server: String
    public let zone: String
    /// The TSIG key that signs updates; none when nil.
    public let key: Secret?

    static func read(_ value: Value) -> RFC2136Settings? {
        guard let section = value.section(.rfc2136) else { return nil }
        let server = section.required("server")?.serverName()
        let zone = section.required("zone")?.domainName()
        let key = section["key"].map { $0.secret() }
        guard let server, let zone else { return nil }
        return RFC2136Settings(server: server, zone: zone, key: key ?? nil)
    }
}

/// A PowerDNS server, by its HTTP interface.
public struct PowerDNSSettings: Sendable, Equatable {
    /// Of the web server, without `/api`.
    public let url: String
    public let zone: String
    public let key: Secret
    /// What the interface calls the server.
    public let serverID: String

    static func read(_ value: Value) -> PowerDNSSettings? {
        guard let section = value.section(.powerdns) else { return nil }
        let url = section.required("url")?.interfaceURL(isPlainAllowed: true)
        let zone = section.required("zone")?.domainName()
        let key = section.required("key")?.secret()
        let serverID = section["server_id"].map { $0.name() } ?? "localhost"
        guard let url, let zone, let key, let serverID else { return nil }
        return PowerDNSSettings(url: url, zone: zone, key: key, serverID: serverID)
    }
}

/// Amazon Route 53.
public struct Route53Settings: Sendable, Equatable {
    public let zone: String
    /// The hosted zone's, such as `Z1D633PJN98FT9`; looked up by the zone's name when nil.
    public let zoneID: String?
    public let accessKey: Secret
    public let secretKey: Secret
    public let sessionToken: Secret?
    public let region: String
    public let url: String

    static func read(_ value: Value) -> Route53Settings? {
        guard let section = value.section(.route53) else { return nil }
        let zone = section.required("zone")?.domainName()
        let zoneID = section["zone_id"].map { $0.name() }
        let accessKey = section.required("access_key")?.secret()
        let secretKey = section.required("secret_key")?.secret()
        let sessionToken = section["session_token"].map { $0.secret() }
        let region = section["region"].map { $0.name() } ?? "us-east-1"
        let url = section["url"].map { $0.interfaceURL() } ?? "https://route53.amazonaws.com"
        guard let zone, let accessKey, let secretKey, let region, let url else { return nil }
        return Route53Settings(
            zone: zone, zoneID: zoneID ?? nil, accessKey: accessKey, secretKey: secretKey,
            sessionToken: sessionToken ?? nil, region: region, url: url)
    }
}

/// Cloudflare's DNS.
public struct CloudflareSettings: Sendable, Equatable {
    public let zone: String
    public let token: Secret
    public let url: String

    static func read(_ value: Value) -> CloudflareSettings? {
        guard let section = value.section(.cloudflare) else { return nil }
        let zone = section.required("zone")?.domainName()
        let token = section.required("token")?.secret()
        let url = section["url"].map { $0.interfaceURL() } ?? "https://api.cloudflare.com/client/v4"
        guard let zone, let token, let url else { return nil }
        return CloudflareSettings(zone: zone, token: token, url: url)
    }
}

/// Namecheap's DNS.
public struct NamecheapSettings: Sendable, Equatable {
    public let zone: String
    /// Who calls: `ApiUser`.
    public let user: String
    /// Whose domain it is: `UserName`.
    public let account: String
    public let key: Secret
    /// The address that Namecheap is called from, which must be on its list.
    public let clientIP: String
    public let url: String

    static func read(_ value: Value) -> NamecheapSettings? {
        guard let section = value.section(.namecheap) else { return nil }
        let zone = section.required("zone")?.domainName()
        let user = section.required("user")?.text()
        let account = section["account"].map { $0.text() }
        let key = section.required("key")?.secret()
        let clientIP = section.required("client_ip")?.version4()
        let url = section["url"].map { $0.interfaceURL() } ?? "https://api.namecheap.com/xml.response"
        guard let zone, let user, let key, let clientIP, let url else { return nil }
        return NamecheapSettings(
            zone: zone, user: user, account: (account ?? nil) ?? user, key: key, clientIP: clientIP, url: url)
    }
}

/// A program that shows and changes the records.
public struct ExecDNSSettings: Sendable, Equatable {
    /// The program by its whole path, and its arguments. No shell takes them apart.
    public let command: [String]
    public let zone: String

    static func read(_ value: Value) -> ExecDNSSettings? {
        guard let section = value.section(.execDNS) else { return nil }
        let command = section.required("command")?.command()
        let zone = section.required("zone")?.domainName()
        guard let command, let zone else { return nil }
        return ExecDNSSettings(command: command, zone: zone)
    }
}

extension Value {
    /// The URL of a provider's interface, without a slash at its end. It has no secrets in it.
    ///
    /// - Parameter isPlainAllowed: whether `http` may be used beyond this machine, as inside a network of one's own.
    fileprivate func interfaceURL(isPlainAllowed: Bool = false) -> String? {
        guard let text = text("a URL") else { return nil }
        guard let parts = URLComponents(string: text), let scheme = parts.scheme, let host = parts.host, !host.isEmpty,
            ["http", "https"].contains(scheme), parts.user == nil, parts.password == nil, parts.query == nil
        else {
            report(
                "must be a URL", remedy: "begin it with https:// and a host name, and leave secrets to their own keys")
            return nil
        }
        let isHere = ["127.0.0.1", "::1", "[::1]", "localhost"].contains(host)
        if scheme == "http" && !isPlainAllowed && !isHere {
            report("would send secrets over http", remedy: "begin it with https://")
            return nil
        }
        return text.hasSuffix("/") ? String(text.dropLast()) : text
    }

    /// An address of the fourth version: Namecheap knows no other.
    fileprivate func version4() -> String? {
        guard let text = text("an IPv4 address") else { return nil }
        if let address = IPAddress(text), !address.isVersion6 { return text }
        report("must be an IPv4 address, not \(shown)", remedy: "write it like 192.0.2.10")
        return nil
    }
}
