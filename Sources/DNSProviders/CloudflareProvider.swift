import HTTP
public import Model
public import Settings

/// Cloudflare's DNS (API v4). All changes of a plan are one batch, which its database does whole or not at all; its name
/// servers may have one record of it before another.
public struct CloudflareProvider: DNSProviding {
    public let zone: DNSName
    private let settings: CloudflareSettings
    private let web: WebInterface

    public init(_ settings: CloudflareSettings, zone: DNSName, limit: Duration) {
        (self.settings, self.zone) = (settings, zone)
        web = WebInterface(title: "Cloudflare", limit: limit)
    }

    public var title: String { web.title }
    public var ttlSecondsRange: ClosedRange<Int> { 60...86400 }
    public var manualPlace: DNSManualPlace {
        DNSManualPlace(steps: [
            "log in to dash.cloudflare.com, open \(zone), and there DNS, Records",
            "leave every record on \"DNS only\", not proxied",
        ])
    }

    /// What Cloudflare calls "automatic" and writes as 1.
    private static let automaticSeconds = 300

    private struct Envelope<Result: Decodable>: Decodable {
        struct Problem: Decodable {
            let code: Int
            let message: String
        }

        struct Pages: Decodable {
            let totalPages: Int?
            enum CodingKeys: String, CodingKey { case totalPages = "total_pages" }
        }

        let success: Bool
        let errors: [Problem]?
        let result: Result?
        let pages: Pages?

        enum CodingKeys: String, CodingKey {
            case success, errors, result
            case pages = "result_info"
        }
    }

    private struct Zone: Decodable { let id: String }

    private struct Record: Decodable {
        let id: String
        let name: String
        let type: String
        let content: String
        let ttl: Int
        let proxied: Bool?
        let priority: Int?

        var value: String { priority.map { "\($0) \(content)" } ?? content }
    }

    private struct Nothing: Decodable {}

    private struct Batch: Encodable {
        struct Deletion: Encodable { let id: String }

        struct Patch: Encodable {
            let id: String
            let content: String
            let ttl: Int
        }

        struct Post: Encodable {
            let name: String
            let type: DNSType
            let content: String
            let ttl: Int
            let proxied = false
        }

        var deletes: [Deletion] = []
        var patches: [Patch] = []
        var posts: [Post] = []
    }

    // MARK: Show

    public func show(_ names: [DNSName]) async throws(DNSError) -> DNSZoneView {
        let records = try await records(at: names, in: try await zoneID())
        let sets = Dictionary(grouping: records) { DNSRecordSet.Key($0.name, DNSType($0.record.type)) }
        return DNSZoneView(
            zone: zone, names: names,
            sets: sets.map { key, records in
                DNSRecordSet(
                    key.name, key.type, ttlSeconds: records.map { Self.seconds($0.record.ttl) }.max() ?? 0,
                    values: records.map(\.record.value))
            },
            foreign: sets.compactMap { key, records in
                records.contains { $0.record.proxied == true }
                    ? .init(
                        key, reason: "is proxied by Cloudflare, so that its name servers answer with other addresses")
                    : nil
            })
    }

    private static func seconds(_ ttl: Int) -> Int { ttl == 1 ? automaticSeconds : ttl }

    private func zoneID() async throws(DNSError) -> String {
        let query = WebInterface.form(["name": "\(zone)"])
        let zones = try await send("GET", "/zones?\(query)", "zone \(zone)", [Zone].self)
        guard let id = zones.result?.first?.id else {
            throw DNSError(
                .unknownZone, "Cloudflare has no zone \(zone) for this token",
                hint: "mend dns.provider.cloudflare.zone, or give the token the right to read and edit its DNS")
        }
        return id
    }

    private func records(
        at names: [DNSName], in id: String
    ) async throws(DNSError) -> [(name: DNSName, record: Record)] {
        var all: [(name: DNSName, record: Record)] = []
        for name in names {
            var page = 1
            while true {
                let query = WebInterface.form(["name": "\(name)", "page": "\(page)", "per_page": "100"])
                let answer = try await send(
                    "GET", "/zones/\(id)/dns_records?\(query)", "records of \(name)", [Record].self)
                all += (answer.result ?? []).filter { DNSName($0.name) == name }.map { (name, $0) }
                if page >= answer.pages?.totalPages ?? 1 { break }
                page += 1
            }
        }
        return all
    }

    // MARK: Apply

    public func apply(_ plan: DNSPlan, seen view: DNSZoneView) async throws(DNSError) {
        let id = try await zoneID()
        let names = Set(plan.changes.map(\.key.name)).sorted()
        let records = try await records(at: names, in: id)
        var batch = Batch()
        var stale: [DNSRecordSet.Key] = []
        for change in plan.changes {
            let present = records.filter { $0.name == change.key.name && DNSType($0.record.type) == change.key.type }
            let values = Set(present.map { DNSValue.canonical($0.record.value, change.key.type) })
            if values != Set(change.before?.values ?? []) { stale.append(change.key) }
            Self.add(change, present.map(\.record), to: &batch)
        }
        guard stale.isEmpty else { throw .stale(stale, zone: zone) }
        _ = try await send(
            "POST", "/zones/\(id)/dns_records/batch", "records of \(zone)", Nothing.self, body: WebInterface.body(batch)
        )
    }

    /// A record that goes on with another value keeps its identity, so that at no moment there is none.
    private static func add(_ change: DNSChange, _ present: [Record], to batch: inout Batch) {
        guard let after = change.after else {
            batch.deletes += present.map { Batch.Deletion(id: $0.id) }
            return
        }
        for (record, value) in zip(present, after.values) {
            batch.patches.append(.init(id: record.id, content: value, ttl: after.ttlSeconds))
        }
        batch.deletes += present.dropFirst(after.values.count).map { Batch.Deletion(id: $0.id) }
        batch.posts += after.values.dropFirst(present.count).map {
            Batch.Post(name: "\(after.name)", type: after.type, content: content($0, after.type), ttl: after.ttlSeconds)
        }
    }

    /// Cloudflare writes names without the dot at their end.
    private static func content(_ value: String, _ type: DNSType) -> String {
        [.ns, .cname].contains(type) && value.hasSuffix(".") ? String(value.dropLast()) : value
    }

    // MARK: Requests

    private func send<Result: Decodable>(
        _ method: String, _ path: String, _ shown: String, _ type: Result.Type, body: [UInt8]? = nil
    ) async throws(DNSError) -> Envelope<Result> {
        var headers = [(name: "Authorization", value: "Bearer \(settings.token.value)")]
        if body != nil { headers.append((name: "Content-Type", value: "application/json")) }
        let response = try await web.send(
            method, url: settings.url + path, path: shown, headers: headers, body: body, changes: body != nil)
        if response.status == 429 { throw limited(response) }
        guard let envelope = try? web.json(response, Envelope<Result>.self) else {
            // An error in front of the interface comes as a page.
            throw DNSError(
                body == nil ? .badAnswer : .noAnswer,
                "Cloudflare answers status \(response.status) and what cannot be read",
                hint: "look at www.cloudflarestatus.com, and at the zone before trying again")
        }
        guard envelope.success else {
            throw refusal(response.status, envelope.errors?.map { ($0.code, $0.message) } ?? [])
        }
        return envelope
    }

    private func limited(_ response: HTTPResponse) -> DNSError {
        let wait = response.values(of: "retry-after").first.map { ": for \($0) s" } ?? ""
        return DNSError(
            .limited, "Cloudflare asks for patience\(wait); nothing was done", hint: "try again after that time")
    }

    private func refusal(_ status: Int, _ problems: [(code: Int, message: String)]) -> DNSError {
        let told = problems.map { "\($0.code): \($0.message)" }.joined(separator: "; ")
        switch (status, problems.first?.code ?? 0) {
        case (401, _), (403, _), (_, 6003), (_, 6111), (_, 9109), (_, 9106), (_, 10000), (_, 10001):
            return DNSError(
                .credentials, "Cloudflare does not accept the token (\(told)); nothing was done",
                hint: "give dns.provider.cloudflare.token one that may read the zone and edit its DNS")
        case (404, _), (_, 81044):
            return DNSError(
                .stale, "a record of zone \(zone) is gone at Cloudflare (\(told)); nothing was done",
                hint: "make a new plan: \"switchback dns plan\" shows what it would do now")
        case (500..., _):
            return DNSError(
                .noAnswer, "Cloudflare answers status \(status) (\(told))", hint: "look at the zone before trying again"
            )
        default:
            return DNSError(
                .refused, "Cloudflare refuses the change of zone \(zone) (\(told)); nothing was done",
                hint: "look at the plan's records")
        }
    }
}
