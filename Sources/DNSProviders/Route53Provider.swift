import HTTP
public import Model
public import Settings

/// Amazon Route 53 (API of 2013-04-01). All changes of a plan are one batch, of which it does all or nothing. A record set
/// is deleted by naming exactly what it was, so that a batch of deletions and creations compares and swaps.
public struct Route53Provider: DNSProviding {
    public let zone: DNSName
    private let settings: Route53Settings
    private let web: WebInterface
    /// How long is waited until all of its name servers have a change, and how often it is asked.
    private let syncLimit: Duration
    private let syncPause: Duration

    /// - Parameters:
    ///   - syncLimit: how long is waited until all of its name servers have a change.
    ///   - syncPause: how often it is asked meanwhile.
    public init(
        _ settings: Route53Settings, zone: DNSName, limit: Duration, syncLimit: Duration = .seconds(120),
        syncPause: Duration = .seconds(2)
    ) {
        (self.settings, self.zone) = (settings, zone)
        (self.syncLimit, self.syncPause) = (syncLimit, syncPause)
        web = WebInterface(title: "Route 53", limit: limit)
    }

    public var title: String { web.title }
    public var ttlSecondsRange: ClosedRange<Int> { 0...2_147_483_647 }
    public var manualPlace: DNSManualPlace {
        DNSManualPlace(
            steps: [
                "log in to the AWS console, open Route 53, Hosted zones, and there \(zone)"
                    + (settings.zoneID.map { " (\($0))" } ?? "")
            ])
    }

    // MARK: Show

    public func show(_ names: [DNSName]) async throws(DNSError) -> DNSZoneView {
        let (id, count) = try await hostedZone()
        var sets: [DNSRecordSet] = []
        var foreign: [DNSZoneView.Foreign] = []
        for name in names {
            for element in try await recordSets(at: name, in: id) {
                let key = DNSRecordSet.Key(name, DNSType(element.first("type")?.value ?? ""))
                if let reason = Self.oddity(element) { foreign.append(.init(key, reason: reason)) }
                let values = element.all("resourcerecord").compactMap { $0.first("value")?.value }
                guard !values.isEmpty, let ttl = element.first("ttl").flatMap({ Int($0.value) }) else { continue }
                sets.append(DNSRecordSet(name, key.type, ttlSeconds: ttl, values: values))
            }
        }
        return DNSZoneView(zone: zone, names: names, sets: sets, foreign: foreign, setsInZone: count)
    }

    /// What makes a record set more than its values.
    private static func oddity(_ element: XMLElement) -> String? {
        if element.first("aliastarget") != nil { return "is an alias of Route 53" }
        if let id = element.first("setidentifier")?.value { return "is routed by a policy of Route 53 (\(id))" }
        if element.first("trafficpolicyinstanceid") != nil { return "is made by a traffic policy of Route 53" }
        return nil
    }

    /// The hosted zone's ID, and how many record sets it has.
    private func hostedZone() async throws(DNSError) -> (id: String, sets: Int?) {
        if let id = settings.zoneID {
            let answer = try await get("/2013-04-01/hostedzone/\(WebInterface.encoded(id))", [:])
            let name = answer.first("hostedzone")?.first("name").flatMap { Self.name($0.value) }
            guard name == zone else {
                throw DNSError(
                    .unknownZone, "the hosted zone \(id) at Route 53 is \(name.map { "\($0)" } ?? "none"), not \(zone)",
                    hint: "mend dns.provider.route53.zone_id, or leave it out to have it looked up")
            }
            return (id, answer.first("resourcerecordsetcount").flatMap { Int($0.value) })
        }
        let answer = try await get(
            "/2013-04-01/hostedzonesbyname", ["dnsname": zone.absolute, "maxitems": "20"])
        let zones = answer.all("hostedzone").filter {
            $0.first("name").flatMap { Self.name($0.value) } == zone && $0.first("privatezone")?.value != "true"
        }
        guard let found = zones.first, let path = found.first("id")?.value, zones.count == 1 else {
            throw DNSError(
                .unknownZone,
                zones.isEmpty
                    ? "Route 53 has no public hosted zone \(zone) for these keys"
                    : "Route 53 has \(zones.count) public hosted zones \(zone)",
                hint: zones.isEmpty
                    ? "mend dns.provider.route53.zone, or use the keys of the account that has it"
                    : "name the one that is meant as dns.provider.route53.zone_id")
        }
        let id = path.split(separator: "/").last.map(String.init) ?? path
        return (id, found.first("resourcerecordsetcount").flatMap { Int($0.value) })
    }

    private func recordSets(at name: DNSName, in id: String) async throws(DNSError) -> [XMLElement] {
        var found: [XMLElement] = []
        var query = ["maxitems": "100", "name": name.absolute]
        while true {
            let answer = try await get("/2013-04-01/hostedzone/\(WebInterface.encoded(id))/rrset", query)
            let all = answer.all("resourcerecordset")
            found += all.filter { $0.first("name").flatMap { Self.name($0.value) } == name }
            // They come in order of their names: past this one nothing more can come.
            guard answer.first("istruncated")?.value == "true",
                let next = answer.first("nextrecordname")?.value, Self.name(next) == name,
                let type = answer.first("nextrecordtype")?.value
            else { return found }
            query["type"] = type
            query["identifier"] = answer.first("nextrecordidentifier")?.value
        }
    }

    /// A name as Route 53 writes it: what is no letter, digit, `-` or `_` as a backslash and three octal digits.
    static func name(_ text: String) -> DNSName? {
        var plain = ""
        var rest = Substring(text)
        while let next = rest.popFirst() {
            if next == "\\", rest.count >= 3, let code = UInt8(rest.prefix(3), radix: 8) {
                let digits = String(code)
                plain += "\\" + String(repeating: "0", count: 3 - digits.count) + digits
                rest = rest.dropFirst(3)
            } else {
                plain.append(next)
            }
        }
        return DNSName(plain)
    }

    // MARK: Apply

    public func apply(_ plan: DNSPlan, seen view: DNSZoneView) async throws(DNSError) {
        let (id, _) = try await hostedZone()
        let body = Self.batch(plan, written: try await written(plan, in: id))
        let answer = try await send(
            "POST", "/2013-04-01/hostedzone/\(WebInterface.encoded(id))/rrset/", [:], body: Array(body.utf8))
        guard let info = answer.first("changeinfo"), let path = info.first("id")?.value else {
            throw DNSError(.badAnswer, "Route 53 did not name the change that it made", hint: "look at the zone")
        }
        let change = path.split(separator: "/").last.map(String.init) ?? path
        try await waitForSync(change, status: info.first("status")?.value ?? "")
    }

    /// The values that the plan takes away as they are written there: a deletion must repeat them to the letter, with or
    /// without the dot at a name's end.
    private func written(
        _ plan: DNSPlan, in id: String
    ) async throws(DNSError) -> [DNSRecordSet.Key: [String]] {
        var written: [DNSRecordSet.Key: [String]] = [:]
        var stale: [DNSRecordSet.Key] = []
        for before in plan.changes.compactMap(\.before) {
            let element = try await recordSets(at: before.name, in: id).first {
                $0.first("type").map { DNSType($0.value) } == before.type
            }
            let values = element?.all("resourcerecord").compactMap { $0.first("value")?.value } ?? []
            let present = DNSRecordSet(before.name, before.type, ttlSeconds: before.ttlSeconds, values: values)
            if present != before { stale.append(before.key) }
            written[before.key] = values
        }
        guard stale.isEmpty else { throw .stale(stale, zone: zone) }
        return written
    }

    /// Removals of exactly what was there, then creations, in one batch.
    private static func batch(_ plan: DNSPlan, written: [DNSRecordSet.Key: [String]]) -> String {
        let old = plan.changes.compactMap(\.before).map { element("DELETE", $0, written[$0.key] ?? $0.values) }
        let new = plan.changes.compactMap(\.after).map { element("CREATE", $0, $0.values) }
        return """
            <?xml version="1.0" encoding="UTF-8"?>
            <ChangeResourceRecordSetsRequest xmlns="https://route53.amazonaws.com/doc/2013-04-01/"><ChangeBatch>\
            <Comment>switchback \(plan.checksum)</Comment><Changes>\((old + new).joined())</Changes></ChangeBatch>\
            </ChangeResourceRecordSetsRequest>
            """
    }

    private static func element(_ action: String, _ set: DNSRecordSet, _ values: [String]) -> String {
        let records = values.map { "<ResourceRecord><Value>\(XMLElement.escaped($0))</Value></ResourceRecord>" }
        return
            "<Change><Action>\(action)</Action><ResourceRecordSet><Name>\(XMLElement.escaped(set.name.absolute))</Name>"
            + "<Type>\(set.type)</Type><TTL>\(set.ttlSeconds)</TTL><ResourceRecords>\(records.joined())</ResourceRecords>"
            + "</ResourceRecordSet></Change>"
    }

    private func waitForSync(_ change: String, status: String) async throws(DNSError) {
        let end = ContinuousClock.now + syncLimit
        var status = status
        while status != "INSYNC" {
            guard ContinuousClock.now < end, !Task.isCancelled else {
                throw DNSError(
                    .noAnswer, "Route 53 made change \(change), and it is still \(status) at some of its name servers",
                    hint: "\"switchback dns verify\" tells when all of them have it")
            }
            try? await Task.sleep(for: syncPause)
            let answer = try await get("/2013-04-01/change/\(WebInterface.encoded(change))", [:])
            status = answer.first("status")?.value ?? "unknown"
        }
    }

    // MARK: Requests

    private func get(_ path: String, _ query: [String: String]) async throws(DNSError) -> XMLElement {
        try await send("GET", path, query, body: nil)
    }

    private func send(
        _ method: String, _ path: String, _ query: [String: String], body: [UInt8]?
    ) async throws(DNSError) -> XMLElement {
        var headers: [(name: String, value: String)] = []
        if body != nil { headers.append((name: "Content-Type", value: "application/xml")) }
        if let token = settings.sessionToken { headers.append((name: "X-Amz-Security-Token", value: token.value)) }
        let url = settings.url + path + (query.isEmpty ? "" : "?" + WebInterface.form(query))
        let response = try await web.send(
            method, url: url, path: path, headers: headers, body: body, changes: body != nil
        ) { request in
            // Region and service are named: libcurl would guess them wrongly from the host's name.
            request.awsSigV4 = "aws:amz:\(settings.region):route53"
            request.credentials = (settings.accessKey.value, settings.secretKey.value)
        }
        guard response.status == 200 else { throw refusal(response) }
        do throws(XMLError) { return try XMLReader.read(response.text) } catch {
            throw DNSError(
                .badAnswer, "Route 53 answered what cannot be read: \(error.message)",
                hint: "see what answers at dns.provider.route53.url")
        }
    }

    private func refusal(_ response: HTTPResponse) -> DNSError {
        let answer = try? XMLReader.read(response.text)
        let code = answer?.first("code")?.value ?? (answer?.name == "invalidchangebatch" ? "InvalidChangeBatch" : "")
        let messages = answer?.all("message").map(\.value) ?? []
        let told = [code, messages.joined(separator: " ")].filter { !$0.isEmpty }.joined(separator: ": ")
        let reason = told.isEmpty ? "" : " (\(told))"
        switch code {
        case "InvalidChangeBatch":
            return DNSError(
                .stale,
                "Route 53 refused the change of zone \(zone), for what is there is not what the plan saw\(reason); nothing was done",
                hint: "make a new plan: \"switchback dns plan\" shows what it would do now")
        case "NoSuchHostedZone":
            return DNSError(
                .unknownZone, "Route 53 has no hosted zone \(settings.zoneID ?? "\(zone)")\(reason)",
                hint: "mend dns.provider.route53.zone_id")
        case "InvalidClientTokenId", "SignatureDoesNotMatch", "AccessDenied", "UnrecognizedClientException",
            "ExpiredToken", "MissingAuthenticationToken", "IncompleteSignature":
            return DNSError(
                .credentials, "Route 53 does not accept the keys\(reason); nothing was done",
                hint:
                    "mend dns.provider.route53.access_key and secret_key, their rights in IAM, or this machine's clock")
        case "RequestExpired", "RequestTimeTooSkewed":
            return DNSError(
                .credentials, "Route 53 does not accept the time of the request\(reason); nothing was done",
                hint: "set this machine's clock by NTP")
        case "Throttling", "PriorRequestNotComplete":
            return DNSError(
                .limited, "Route 53 asks for patience\(reason); nothing was done", hint: "try again in a minute")
        default:
            let isOurs = (400..<500).contains(response.status)
            return DNSError(
                isOurs ? .refused : .noAnswer, "Route 53 answers status \(response.status)\(reason)",
                hint: isOurs ? "look at the plan's records" : "look at the zone before trying again")
        }
    }
}
