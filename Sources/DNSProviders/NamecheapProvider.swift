import HTTP
public import Model
public import Settings

/// Namecheap's DNS. Its interface knows no single record: all are read, changed here, written, and read again.
///
/// What is not in a write is deleted, so nothing is written unless everything was read and understood, and never where
/// the domain holds records that the interface does not show.
public struct NamecheapProvider: DNSProviding {
    public let zone: DNSName
    private let settings: NamecheapSettings
    private let web: WebInterface
    private let authorities: Authorities
    /// How long is waited before a call that was too soon is made again; doubled each time.
    private let pause: Duration

    /// - Parameters:
    ///   - authorities: the domain's name servers, which are asked for records that the interface hides.
    ///   - pause: how long is waited after a call that was too soon; doubled each time.
    public init(
        _ settings: NamecheapSettings, zone: DNSName, limit: Duration, authorities: Authorities,
        pause: Duration = .seconds(3)
    ) {
        (self.settings, self.zone, self.authorities, self.pause) = (settings, zone, authorities, pause)
        web = WebInterface(title: "Namecheap", limit: limit)
    }

    public var title: String { web.title }
    public var ttlSecondsRange: ClosedRange<Int> { 60...60000 }
    public var manualPlace: DNSManualPlace {
        DNSManualPlace(
            steps: [
                "log in to namecheap.com as \(settings.account), open Domain List, \(zone), Manage, and there Advanced DNS"
            ], closing: "save all changes with the green tick")
    }

    // MARK: Show

    public func show(_ names: [DNSName]) async throws(DNSError) -> DNSZoneView {
        let hosts = try await hosts()
        return DNSZoneView(
            zone: zone, names: names, sets: hosts.sets(at: names, in: zone), setsInZone: hosts.setCount)
    }

    private func hosts() async throws(DNSError) -> NamecheapHosts {
        try NamecheapHosts(try await call("namecheap.domains.dns.getHosts", [:], changes: false), zone: zone)
    }

    // MARK: Apply

    public func apply(_ plan: DNSPlan, seen view: DNSZoneView) async throws(DNSError) {
        try await refuseHidden()
        let before = try await hosts()
        guard !before.hosts.isEmpty else {
            throw DNSError(
                .badAnswer,
                "Namecheap lists no records of \(zone) at all; nothing was done, for a write replaces them all",
                hint: "see whether the zone is really empty, and change it by hand")
        }
        let present = DNSZoneView(zone: zone, names: plan.names, sets: before.sets(at: plan.names, in: zone))
        if case .stale(let keys) = plan.standing(in: present) { throw .stale(keys, zone: zone) }
        let wanted = before.after(plan)
        let answer = try await call("namecheap.domains.dns.setHosts", wanted.form, changes: true)
        guard answer.first("domaindnssethostsresult")?.attributes["issuccess"]?.lowercased() == "true" else {
            throw DNSError(
                .noAnswer, "Namecheap does not say that it wrote the records of \(zone)",
                hint: "look at the zone before trying again")
        }
        let after = try await hosts()
        if after.isSame(as: before) { return }
        guard after.isSame(as: wanted) else {
            throw DNSError(
                .partly,
                "the records of \(zone) at Namecheap are not what was written (\(after.hosts.count) instead of \(wanted.hosts.count)): somebody else wrote them at the same time",
                hint:
                    "compare them with \"switchback dns show\" and with what is known of the zone; Namecheap keeps no history"
            )
        }
    }

    /// Names at which zones commonly have SRV records.
    private static let serviceNames = [
        "_autodiscover._tcp", "_caldavs._tcp", "_carddavs._tcp", "_imaps._tcp", "_minecraft._tcp", "_sip._tls",
        "_sip._tcp", "_sip._udp", "_sipfederationtls._tcp", "_submission._tcp", "_xmpp-client._tcp",
        "_xmpp-server._tcp",
    ]

    /// SRV records exist in Namecheap's web pages and not in its interface: a write could delete them. Where the name servers
    /// cannot be asked nobody knows, and the change is made: it is wanted when things are down.
    private func refuseHidden() async throws(DNSError) {
        let names = Self.serviceNames.compactMap { DNSName("\($0).\(zone)") }
        let found = await authorities.names(among: names, with: .srv)
        guard found.isEmpty else {
            throw DNSError(
                .refused,
                "\(zone) has SRV records (\(found.map { "\($0)" }.joined(separator: ", "))), which Namecheap's interface neither shows nor keeps; nothing was done",
                hint:
                    "change the records by hand (\"switchback dns plan --manual\" prints the steps), or move the zone to a provider with an interface for single records"
            )
        }
    }

    // MARK: Calls

    private func call(
        _ command: String, _ form: [String: String], changes: Bool
    ) async throws(DNSError) -> XMLElement {
        let labels = "\(zone)".split(separator: ".", maxSplits: 1).map(String.init)
        guard labels.count == 2 else {
            throw DNSError(.badSettings, "\(zone) is no domain of Namecheap's", hint: "write it like example.org")
        }
        var form = form
        form["ApiUser"] = settings.user
        form["ApiKey"] = settings.key.value
        form["UserName"] = settings.account
        form["ClientIp"] = settings.clientIP
        form["Command"] = command
        form["SLD"] = labels[0]
        form["TLD"] = labels[1]
        var pause = pause
        for attempt in 1... {
            let response = try await web.send(
                "POST", url: settings.url, path: command,
                headers: [(name: "Content-Type", value: "application/x-www-form-urlencoded")],
                body: Array(WebInterface.form(form).utf8), changes: changes)
            // 405 means too many calls, and that this one was not carried out.
            guard response.status == 405 else { return try read(response, changes: changes) }
            guard attempt < 4 else { break }
            do { try await Task.sleep(for: pause) } catch { break }
            pause *= 2
        }
        throw DNSError(
            .limited, "Namecheap takes no more calls for now (20 a minute, 700 an hour, 8000 a day); nothing was done",
            hint:
                "try again in a few minutes, or change the records by hand: \"switchback dns plan --manual\" prints the steps"
        )
    }

    private func read(_ response: HTTPResponse, changes: Bool) throws(DNSError) -> XMLElement {
        let answer: XMLElement
        do throws(XMLError) { answer = try XMLReader.read(response.text) } catch {
            throw DNSError(
                changes ? .noAnswer : .badAnswer,
                "Namecheap answers status \(response.status) and what cannot be read: \(error.message)",
                hint: "look at the zone before trying again")
        }
        let errors = answer.all("error").map { (number: $0.attributes["number"] ?? "", text: $0.value) }
        if answer.attributes["status"]?.uppercased() == "OK", errors.isEmpty { return answer }
        throw refusal(errors, changes: changes)
    }

    private func refusal(_ errors: [(number: String, text: String)], changes: Bool) -> DNSError {
        let told = errors.map { "\($0.number): \($0.text)" }.joined(separator: "; ")
        switch errors.first?.number ?? "" {
        case "1011102", "1010102", "1011101", "1010101", "1011105", "1050900", "1030408", "4011103":
            return DNSError(
                .credentials,
                "Namecheap does not accept the user, the key or the address \(settings.clientIP) (\(told)); nothing was done",
                hint:
                    "enable API access, mend dns.provider.namecheap.user and key, and put client_ip on Namecheap's list"
            )
        case "1011150":
            return DNSError(
                .credentials, "Namecheap does not take calls from \(settings.clientIP) (\(told)); nothing was done",
                hint:
                    "put the address that this machine is seen with on Namecheap's list, and name it as client_ip; do so for every machine that may act"
            )
        case "2019166", "2016166", "3016166", "2030166":
            return DNSError(
                .unknownZone, "Namecheap has no domain \(zone) that account \(settings.account) may edit (\(told))",
                hint: "mend dns.provider.namecheap.zone or account")
        case "3050900", "5019169", "5050169", "5050900":
            return DNSError(
                changes ? .noAnswer : .unreachable, "Namecheap is out of order (\(told))",
                hint: "look at the zone before trying again")
        default:
            return DNSError(
                changes ? .noAnswer : .refused, "Namecheap refuses (\(told))",
                hint: "look at the zone and at what Namecheap says")
        }
    }
}
