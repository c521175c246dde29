/// What the authoritative name servers answer, held against what they should.
public struct DNSVerification: Sendable, Hashable, Codable {
    /// What one name server said.
    public struct Server: Sendable, Hashable, Codable {
        /// Its name, where it has one, and its address: `ns1.example.org (192.0.2.53)`.
        public let server: String
        public let differences: [Difference]
        /// Why it could not be asked; nil when it answered.
        public let problem: String?

        public init(server: String, differences: [Difference], problem: String? = nil) {
            (self.server, self.differences, self.problem) = (server, differences, problem)
        }

        public var isRight: Bool { differences.isEmpty && problem == nil }
    }

    /// One answer that is not as it should be.
    public struct Difference: Sendable, Hashable, Codable {
        public let name: DNSName
        public let type: DNSType
        /// Empty where nothing should be.
        public let wanted: [String]
        /// Empty where nothing is.
        public let found: [String]

        public init(_ key: DNSRecordSet.Key, wanted: [String], found: [String]) {
            (name, type) = (key.name, key.type)
            (self.wanted, self.found) = (wanted, found)
        }
    }

    public let servers: [Server]

    public init(servers: [Server]) { self.servers = servers }

    /// Whether every server answered, and rightly. No server is no proof.
    public var isRight: Bool { !servers.isEmpty && servers.allSatisfy(\.isRight) }

    /// For people: a line a server, and one for each answer that is not right.
    public var lines: [String] {
        servers.flatMap { server -> [String] in
            if let problem = server.problem { return ["\(server.server): \(problem)"] }
            if server.differences.isEmpty { return ["\(server.server): right"] }
            return server.differences.map { difference in
                let found = difference.found.isEmpty ? "nothing" : difference.found.joined(separator: " ")
                let wanted = difference.wanted.isEmpty ? "nothing" : difference.wanted.joined(separator: " ")
                return "\(server.server): \(difference.name) \(difference.type) answers \(found), should be \(wanted)"
            }
        }
    }
}
