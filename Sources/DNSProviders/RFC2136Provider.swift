public import DNSWire
public import Model

/// A name server that takes dynamic updates (RFC 2136): the one kind of provider that compares and swaps by itself.
public struct RFC2136Provider: DNSProviding {
    public let zone: DNSName
    let server: ServerAddress
    let key: TSIGKey?
    let client: DNSClient

    public init(zone: DNSName, server: ServerAddress, key: TSIGKey?, limit: Duration) {
        (self.zone, self.server, self.key) = (zone, server, key)
        client = DNSClient(limit: limit)
    }

    /// The same server, asked by another client.
    init(_ other: RFC2136Provider, client: DNSClient) {
        (zone, server, key) = (other.zone, other.server, other.key)
        self.client = client
    }

    public var title: String { "name server \(server)" }
    public var ttlSecondsRange: ClosedRange<Int> { 0...Int(Int32.max) }

    public var manualPlace: DNSManualPlace {
        DNSManualPlace(
            steps: [
                "log in to name server \(server.host), or to where its zones are kept",
                "open the zone \(zone): with \"rndc freeze \(zone)\" before and \"rndc thaw \(zone)\" after the edit where it is BIND's; with \"nsupdate\" anywhere",
            ], closing: "raise the serial in the SOA record, and have the server load the zone")
    }

    // MARK: Show

    /// What is looked for at a name.
    private static let shownTypes: [DNSType] = [.a, .aaaa, .cname, .ds, .mx, .ns, .txt]

    public func show(_ names: [DNSName]) async throws(DNSError) -> DNSZoneView {
        try await checkZone()
        var sets: [DNSRecordSet] = []
        for name in names {
            let own = try await self.sets(at: name, names)
            if try await !isWildcard(own, at: name) { sets += own }
        }
        return DNSZoneView(zone: zone, names: names, sets: Array(Set(sets)))
    }

    private func sets(at name: DNSName, _ names: [DNSName]) async throws(DNSError) -> [DNSRecordSet] {
        var sets: [DNSRecordSet] = []
        for type in Self.shownTypes {
            let set = DNSRecordSet.Key(name, type)
            switch DNSAnswer(try await ask(set), of: set, in: zone) {
            case .found(let found): sets.append(found)
            case .alias, .nothing: break
            case .delegated(let cut): if cut.name == name || names.contains(cut.name) { sets.append(cut) }
            case .refused(let code): throw refusal(code, asking: set)
            case .isNotAuthoritative: throw notAuthoritative
            }
        }
        return sets
    }

    /// Whether what is answered for a name is a wildcard's. An answer does not tell; the server does, when it is asked by an
    /// update that presupposes the name and changes nothing. Where it does not say, the name counts as one of its own.
    private func isWildcard(_ sets: [DNSRecordSet], at name: DNSName) async throws(DNSError) -> Bool {
        guard name != zone, let set = sets.first, let parent = name.parent,
            let wildcard = DNSName(labels: [Array("*".utf8)] + parent.labels), wildcard != name
        else { return false }
        let key = DNSRecordSet.Key(wildcard, set.type)
        guard case .found(let other) = DNSAnswer(try await ask(key), of: key, in: zone), other.values == set.values
        else { return false }
        let question = DNSMessage.isInUse(name, zone: zone, id: .random(in: 0 ... .max))
        let answer = try? await client.send(question, to: server, key: self.key)
        return answer?.flags.responseCode == .noSuchName
    }

    private func ask(_ set: DNSRecordSet.Key) async throws(DNSError) -> DNSMessage {
        do throws(DNSClientError) { return try await client.ask(set.name, set.type, at: server, key: key) } catch {
            throw Self.told(error)
        }
    }

    /// That the server serves the zone, and takes the key.
    private func checkZone() async throws(DNSError) {
        let answer = try await ask(.init(zone, .soa))
        switch DNSAnswer(answer, of: .init(zone, .soa), in: zone) {
        case .found: return
        case .refused(.notAuthoritative) where try await servesStrangers():
            throw DNSError(
                .credentials, "\(title) serves the zone \(zone), but not to key \(key?.name.description ?? "")",
                hint: "give the server and dns.provider.rfc2136.key the same key, with name, algorithm and secret")
        case .refused(let code): throw refusal(code, asking: .init(zone, .soa))
        case .alias, .nothing, .delegated, .isNotAuthoritative: throw notAuthoritative
        }
    }

    /// Whether the server answers for the zone when it is asked without the key: some tell a wrong key and an unknown zone
    /// by the same code.
    private func servesStrangers() async throws(DNSError) -> Bool {
        guard key != nil else { return false }
        let question = DNSRecordSet.Key(zone, .soa)
        guard let answer = try? await client.ask(zone, .soa, at: server) else { return false }
        if case .found = DNSAnswer(answer, of: question, in: zone) { return true }
        return false
    }

    private var notAuthoritative: DNSError {
        DNSError(
            .unknownZone, "\(title) does not serve the zone \(zone)",
            hint: "mend dns.provider.rfc2136.zone, or name the zone's primary server as its server")
    }

    private func refusal(_ code: ResponseCode, asking set: DNSRecordSet.Key) -> DNSError {
        switch code {
        case .refused, .notAuthoritative: notAuthoritative.adding(": it answers \(code) to \(set.name) \(set.type)")
        default:
            DNSError(
                .badAnswer, "\(title) answers \(code) to \(set.name) \(set.type)",
                hint: "look into the server's log")
        }
    }

    // MARK: Apply

    public func apply(_ plan: DNSPlan, seen view: DNSZoneView) async throws(DNSError) {
        let update: DNSMessage
        do throws(WireError) {
            update = try .update(zone: zone, changes: plan.changes, id: .random(in: 0 ... .max))
        } catch {
            throw DNSError(
                .refused, "the change of zone \(zone) cannot be sent: \(error); nothing was done",
                hint: "change these records by hand")
        }
        let answer: DNSMessage
        do throws(DNSClientError) { answer = try await client.send(update, to: server, key: key) } catch {
            throw Self.told(error)
        }
        guard let error = outcome(answer.flags.responseCode, plan) else { return }
        throw error
    }

    /// What the answer to an update means; nil when it was done.
    private func outcome(_ code: ResponseCode, _ plan: DNSPlan) -> DNSError? {
        switch code {
        case .noError: return nil
        case .noSuchSet, .setExists, .noSuchName, .nameExists:
            let keys = plan.changes.map(\.key)
            return .stale(keys, zone: zone).adding(" (\(title) answers \(code))")
        case .refused:
            let names = Set(plan.changes.map(\.key.name)).sorted().map { name in
                let types = plan.changes.filter { $0.key.name == name }.map(\.key.type.name).sorted()
                return "\(name.absolute) \(types.joined(separator: " "))"
            }
            let who = key.map { "key \($0.name)" } ?? "an update without a key"
            return DNSError(
                .refused,
                "\(title) does not let \(who) change \(names.joined(separator: ", ")) in zone \(zone) (REFUSED); nothing was done",
                hint: "let it: in BIND "
                    + names.map { "\"grant \(key?.name.description ?? "KEY") name \($0);\"" }.joined(separator: " and ")
                    + " in the zone's update-policy; or give dns.provider.rfc2136.key")
        case .notAuthoritative, .notInZone:
            return notAuthoritative.adding(", or does not take updates for it (\(code)); nothing was done")
        case .notImplemented:
            return DNSError(
                .refused, "\(title) takes no dynamic updates (NOTIMP); nothing was done",
                hint: "allow them for the zone; in PowerDNS with dnsupdate=yes")
        default:
            return DNSError(
                .refused, "\(title) answers \(code) to the update of zone \(zone); nothing was done",
                hint: "look into the server's log")
        }
    }

    static func told(_ error: DNSClientError) -> DNSError {
        switch error.kind {
        case .isUnreachable:
            DNSError(.unreachable, "\(error)", hint: "start the server, or mend its address or the network between")
        case .hasNoAnswer:
            DNSError(
                .noAnswer, "\(error)", hint: "see whether the server is well, and look at the zone before trying again")
        case .isUnproved(let failure, let key): told(failure, error, key)
        case .isBad: DNSError(.badAnswer, "\(error)", hint: "see what answers at that address and port")
        }
    }

    private static func told(_ failure: TSIG.Failure, _ error: DNSClientError, _ key: TSIGKey) -> DNSError {
        switch failure {
        case .wasRefused(.badTime, _), .isOutOfTime:
            DNSError(.credentials, "\(error)", hint: "set the clocks of both machines by NTP")
        case .wasRefused:
            DNSError(
                .credentials, "\(error)",
                hint: "give the server and dns.provider.rfc2136.key the same key, with name, algorithm and secret")
        case .isMissing, .isOfAnotherKey, .isWrong, .isNoMessage:
            DNSError(
                .badAnswer, "\(error); whoever answered does not hold key \(key.name)",
                hint: "see what answers at that address and port, and whether the zone changed")
        }
    }
}
