import HTTP
public import Model
public import Settings

/// A PowerDNS server, by its HTTP interface (https://doc.powerdns.com/authoritative/http-api). All changes of a plan are
/// one PATCH, of which the server does all or nothing.
public struct PowerDNSProvider: DNSProviding {
    public let zone: DNSName
    private let settings: PowerDNSSettings
    private let web: WebInterface

    public init(_ settings: PowerDNSSettings, zone: DNSName, limit: Duration) {
        (self.settings, self.zone) = (settings, zone)
        web = WebInterface(title: "PowerDNS at \(settings.url)", limit: limit)
    }

    public var title: String { web.title }
    public var ttlSecondsRange: ClosedRange<Int> { 0...Int(Int32.max) }
    public var manualPlace: DNSManualPlace {
        DNSManualPlace(
            steps: ["log in to the machine of PowerDNS at \(settings.url)", "run \"pdnsutil edit-zone \(zone)\""],
            closing: "save and quit, and let pdnsutil apply the changes and raise the serial")
    }

    private struct Zone: Decodable {
        struct Set: Decodable {
            let name: String
            let type: String
            let ttl: Int
            let records: [Record]
        }

        let rrsets: [Set]
    }

    private struct Record: Codable {
        let content: String
        let disabled: Bool
    }

    private struct Patch: Encodable {
        struct Set: Encodable {
            let name: String
            let type: DNSType
            let changetype: String
            let ttl: Int?
            let records: [Record]?
        }

        let rrsets: [Set]
    }

    private struct Problem: Decodable { let error: String }

    private var zonePath: String {
        "/api/v1/servers/\(settings.serverID)/zones/\(WebInterface.encoded(zone.absolute))"
    }

    public func show(_ names: [DNSName]) async throws(DNSError) -> DNSZoneView {
        let response = try await send("GET", changes: false)
        guard response.status == 200 else { throw refusal(response) }
        let all = try web.json(response, Zone.self).rrsets
        let asked = Set(names)
        var sets: [DNSRecordSet] = []
        var foreign: [DNSZoneView.Foreign] = []
        for set in all {
            guard let name = DNSName(set.name), asked.contains(name) else { continue }
            let values = set.records.filter { !$0.disabled }.map(\.content)
            if values.count < set.records.count {
                foreign.append(.init(.init(name, DNSType(set.type)), reason: "has disabled records"))
            }
            if !values.isEmpty {
                sets.append(DNSRecordSet(name, DNSType(set.type), ttlSeconds: set.ttl, values: values))
            }
        }
        return DNSZoneView(zone: zone, names: names, sets: sets, foreign: foreign, setsInZone: all.count)
    }

    public func apply(_ plan: DNSPlan, seen view: DNSZoneView) async throws(DNSError) {
        let patch = Patch(
            rrsets: plan.changes.map { change in
                Patch.Set(
                    name: change.key.name.absolute, type: change.key.type,
                    changetype: change.after == nil ? "DELETE" : "REPLACE", ttl: change.after?.ttlSeconds,
                    records: change.after?.values.map { Record(content: $0, disabled: false) })
            })
        let response = try await send("PATCH", body: WebInterface.body(patch), changes: true)
        guard response.status == 204 || response.status == 200 else { throw refusal(response) }
    }

    private func send(_ method: String, body: [UInt8]? = nil, changes: Bool) async throws(DNSError) -> HTTPResponse {
        var headers = [(name: "X-API-Key", value: settings.key.value), (name: "Accept", value: "application/json")]
        if body != nil { headers.append((name: "Content-Type", value: "application/json")) }
        return try await web.send(
            method, url: settings.url + zonePath, path: "zone \(zone)", headers: headers, body: body, changes: changes)
    }

    private func refusal(_ response: HTTPResponse) -> DNSError {
        let reason = (try? web.json(response, Problem.self).error) ?? String(response.text.prefix(200))
        let told = reason.isEmpty ? "" : ": \(reason)"
        return switch response.status {
        case 401, 403:
            DNSError(
                .credentials, "\(title) does not accept the key (status \(response.status))",
                hint:
                    "give dns.provider.powerdns.key what the server has as api-key, and let it take this machine (webserver-allow-from)"
            )
        case 404:
            DNSError(
                .unknownZone, "\(title) has no zone \(zone)",
                hint: "mend dns.provider.powerdns.zone or its server_id")
        case 422:
            DNSError(
                .refused, "\(title) refuses the change of zone \(zone)\(told); nothing was done",
                hint: "look at the plan's records")
        case 500...:
            DNSError(.noAnswer, "\(title) answers status \(response.status)\(told)", hint: "look into the server's log")
        default:
            DNSError(
                .badAnswer, "\(title) answers status \(response.status)\(told)",
                hint: "see whether dns.provider.powerdns.url is that of PowerDNS's web server")
        }
    }
}
