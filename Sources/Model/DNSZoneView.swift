/// What was seen of a zone, at the names that were asked about.
public struct DNSZoneView: Sendable, Equatable, Codable {
    /// A record set that is there and that we cannot change: what it is and why.
    public struct Foreign: Sendable, Hashable, Codable {
        public let key: DNSRecordSet.Key
        /// Goes on from the record: `is an alias of Route 53`.
        public let reason: String

        public init(_ key: DNSRecordSet.Key, reason: String) { (self.key, self.reason) = (key, reason) }
    }

    public let zone: DNSName
    /// The names that were asked about. What is not among them is not known, rather than not there.
    public let names: [DNSName]
    /// The record sets at these names, in order.
    public private(set) var sets: [DNSRecordSet]
    public let foreign: [Foreign]
    /// How many record sets the whole zone has; nil where the provider does not tell.
    public let setsInZone: Int?

    public init(
        zone: DNSName, names: some Sequence<DNSName>, sets: [DNSRecordSet], foreign: [Foreign] = [],
        setsInZone: Int? = nil
    ) {
        self.zone = zone
        let asked = Set(names)
        self.names = asked.sorted()
        self.sets = sets.filter { asked.contains($0.name) }.sorted { $0.key < $1.key }
        self.foreign = foreign.filter { asked.contains($0.key.name) }
        self.setsInZone = setsInZone
    }

    /// The record set of a name and type; nil when there is none.
    public subscript(_ key: DNSRecordSet.Key) -> DNSRecordSet? { sets.first { $0.key == key } }

    public func sets(at name: DNSName) -> [DNSRecordSet] { sets.filter { $0.name == name } }

    /// The view after changes, none of which is looked at twice: what a provider holds that does as it is told.
    public func after(_ changes: [DNSChange]) -> DNSZoneView {
        var view = self
        for change in changes {
            view.sets.removeAll { $0.key == change.key }
            if let new = change.after { view.sets.append(new) }
        }
        view.sets.sort { $0.key < $1.key }
        return view
    }
}
