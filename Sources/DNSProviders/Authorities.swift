public import DNSWire
import Glibc
public import Model

/// The authoritative name servers of a zone, and what they answer.
public struct Authorities: Sendable {
    public let zone: DNSName
    /// Those that the user names; empty for those that the zone's NS records name.
    let configured: [ServerAddress]
    /// Who is asked for the NS records.
    let resolvers: [ServerAddress]
    /// Where name servers listen that are found by name.
    let port: UInt16
    let client: DNSClient

    /// - Parameter resolvers: nil for those of this machine, from /etc/resolv.conf.
    public init(
        zone: DNSName, configured: [ServerAddress], resolvers: [ServerAddress]? = nil, port: UInt16 = 53,
        limit: Duration
    ) {
        self.zone = zone
        self.configured = configured
        self.resolvers = resolvers ?? Self.systemResolvers()
        self.port = port
        client = DNSClient(limit: limit)
    }

    /// A name server of the zone.
    struct NameServer: Sendable, Hashable {
        let title: String
        /// Nil when its name has no address.
        let address: ServerAddress?
    }

    // MARK: Who they are

    /// The servers that have to be asked.
    ///
    /// - Throws: `DNSError`, when they cannot be found.
    func servers() async throws(DNSError) -> [NameServer] {
        if !configured.isEmpty { return configured.map { NameServer(title: "\($0)", address: $0) } }
        let set = try await delegation()
        var servers: [NameServer] = []
        for value in set.values {
            guard let name = DNSName(value) else { continue }
            let address = try await address(of: name)
            servers.append(
                NameServer(
                    title: address.map { "\(name) (\($0))" } ?? "\(name)",
                    address: address.map { ServerAddress(host: $0, port: port) }))
        }
        return servers
    }

    private func delegation() async throws(DNSError) -> DNSRecordSet {
        let set = try await resolve(.init(zone, .ns))
        guard let set else {
            throw DNSError(
                .unknownZone, "no NS records of the zone \(zone) can be found",
                hint: "mend the provider's zone, or name its servers as dns.servers")
        }
        return set
    }

    /// The address of the fourth version where there is one: a machine without the sixth must be able to ask.
    private func address(of name: DNSName) async throws(DNSError) -> String? {
        for type in [DNSType.a, .aaaa] {
            if let set = try await resolve(.init(name, type)) { return set.values.first }
        }
        return nil
    }

    /// Asks the resolvers, one after the other, until one has an answer.
    private func resolve(_ key: DNSRecordSet.Key) async throws(DNSError) -> DNSRecordSet? {
        var reasons: [String] = []
        for resolver in resolvers {
            do throws(DNSClientError) {
                let answer = try await client.ask(key.name, key.type, at: resolver, wantsRecursion: true)
                let code = answer.flags.responseCode
                guard code == .noError || code == .noSuchName else {
                    reasons.append("\(resolver) answers \(code)")
                    continue
                }
                let records = answer.answers.filter {
                    $0.name == key.name && RecordType.name(of: $0.type) == key.type.name
                }
                guard let first = records.first else { return nil }
                return DNSRecordSet(
                    key.name, key.type, ttlSeconds: Int(first.ttl),
                    values: records.map { RecordData.text($0.data, key.type) })
            } catch { reasons.append("\(error.server) \(error.message)") }
        }
        throw DNSError(
            .unreachable,
            "the name servers of \(zone) cannot be found: no resolver answers"
                + (reasons.isEmpty ? "" : " (\(reasons.joined(separator: "; ")))"),
            hint: "name the zone's servers as dns.servers, or mend /etc/resolv.conf")
    }

    /// The name servers of /etc/resolv.conf; the one that resolv.conf(5) falls back to where there are none.
    static func systemResolvers(path: String = "/etc/resolv.conf") -> [ServerAddress] {
        var servers: [ServerAddress] = []
        if let file = fopen(path, "re") {
            defer { fclose(file) }
            var line = [CChar](repeating: 0, count: 1024)
            while fgets(&line, Int32(line.count), file) != nil {
                let text = String(decoding: line.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
                let words = text.split(whereSeparator: \.isWhitespace)
                if words.count > 1, words[0] == "nameserver" { servers.append(ServerAddress(host: String(words[1]))) }
            }
        }
        return servers.isEmpty ? [ServerAddress(host: "127.0.0.1")] : servers
    }

    // MARK: What they answer

    /// Asks every server for every record set, all servers at once.
    ///
    /// - Parameters:
    ///   - wanted: what must be answered.
    ///   - unwanted: what must not be there.
    /// - Throws: `DNSError`, when nobody knows whom to ask. A server that does not answer is part of the outcome.
    public func verify(
        wanted: [DNSRecordSet], unwanted: [DNSRecordSet.Key]
    ) async throws(DNSError) -> DNSVerification {
        let servers = try await servers()
        let outcomes = await withTaskGroup(of: (Int, DNSVerification.Server).self) { group in
            for (index, server) in servers.enumerated() {
                group.addTask { (index, await verify(server, wanted, unwanted)) }
            }
            var outcomes: [(Int, DNSVerification.Server)] = []
            for await outcome in group { outcomes.append(outcome) }
            return outcomes.sorted { $0.0 < $1.0 }.map(\.1)
        }
        return DNSVerification(servers: outcomes)
    }

    private func verify(
        _ server: NameServer, _ wanted: [DNSRecordSet], _ unwanted: [DNSRecordSet.Key]
    ) async -> DNSVerification.Server {
        guard let address = server.address else {
            return .init(server: server.title, differences: [], problem: "has no address")
        }
        var differences: [DNSVerification.Difference] = []
        let questions = wanted.map { ($0.key, $0.values) } + unwanted.map { ($0, []) }
        for (key, values) in questions {
            let answer: DNSAnswer
            do throws(DNSClientError) {
                answer = DNSAnswer(try await client.ask(key.name, key.type, at: address), of: key, in: zone)
            } catch { return .init(server: server.title, differences: differences, problem: error.message) }
            switch Self.found(answer) {
            case .success(let found):
                if found != values { differences.append(.init(key, wanted: values, found: found)) }
            case .failure(let silence):
                return .init(server: server.title, differences: differences, problem: silence.reason + " for \(zone)")
            }
        }
        return .init(server: server.title, differences: differences)
    }

    private struct Silence: Error { let reason: String }

    private static func found(_ answer: DNSAnswer) -> Result<[String], Silence> {
        switch answer {
        case .found(let set): .success(set.values)
        case .alias(let set): .success(set.values.map { "CNAME \($0)" })
        case .delegated(let set): .success(set.values.map { "NS \($0)" })
        case .nothing: .success([])
        case .refused(let code): .failure(Silence(reason: "answers \(code)"))
        case .isNotAuthoritative: .failure(Silence(reason: "is not authoritative"))
        }
    }
}

extension Authorities {
    /// What the first server that answers says is at some names: the records that can lead people somewhere. Empty where
    /// none answers.
    func view(_ names: [DNSName]) async -> DNSZoneView {
        let servers = (try? await servers()) ?? []
        for address in servers.compactMap(\.address) {
            if let sets = await sets(at: names, from: address) {
                return DNSZoneView(zone: zone, names: names, sets: sets)
            }
        }
        return DNSZoneView(zone: zone, names: names, sets: [])
    }

    private func sets(at names: [DNSName], from address: ServerAddress) async -> [DNSRecordSet]? {
        var sets: Set<DNSRecordSet> = []
        for name in names {
            for type in [DNSType.a, .aaaa, .cname, .ns] {
                let key = DNSRecordSet.Key(name, type)
                guard let message = try? await client.ask(name, type, at: address) else { return nil }
                switch DNSAnswer(message, of: key, in: zone) {
                case .found(let set), .delegated(let set), .alias(let set): sets.insert(set)
                case .nothing: break
                case .refused, .isNotAuthoritative: return nil
                }
            }
        }
        return Array(sets)
    }

    /// The names at which a type of record is served, among some. Who cannot be asked knows of none.
    func names(among names: [DNSName], with type: DNSType) async -> [DNSName] {
        guard let servers = try? await servers() else { return [] }
        for address in servers.compactMap(\.address) {
            var found: [DNSName] = []
            var isSilent = false
            for name in names where !isSilent {
                guard let answer = try? await client.ask(name, type, at: address) else {
                    isSilent = true
                    break
                }
                if case .found = DNSAnswer(answer, of: .init(name, type), in: zone) { found.append(name) }
            }
            if !isSilent { return found }
        }
        return []
    }
}
