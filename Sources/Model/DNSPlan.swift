/// What is to become of a zone's records: the difference between those that are wanted and those that were seen.
///
/// It holds what was seen when it was made, record set by record set, and is carried out only while that still holds: it
/// is a compare-and-swap. It can be kept in a journal and read again.
public struct DNSPlan: Sendable, Hashable, Codable {
    public let zone: DNSName
    /// The site that the records lead to afterwards; nil in the inverse of a plan, which leads to where it was before.
    public let site: String?
    /// In the order in which they are made where they cannot be made at once.
    public let changes: [DNSChange]
    /// Every record set that is there at the end: what people will be answered.
    public let wanted: [DNSRecordSet]
    /// What a person should know, such as a record that goes on leading to the other site.
    public let notes: [String]

    init(zone: DNSName, site: String?, changes: [DNSChange], wanted: [DNSRecordSet], notes: [String]) {
        self.zone = zone
        self.site = site
        self.changes = changes.sorted(by: DNSChange.isInOrder)
        self.wanted = wanted.sorted { $0.key < $1.key }
        self.notes = notes
    }

    public var isEmpty: Bool { changes.isEmpty }

    /// The names that must be looked at to carry it out and to prove it.
    public var names: [DNSName] { Set(changes.map(\.key.name) + wanted.map(\.name)).sorted() }

    /// The record sets that are gone at the end.
    public var unwanted: [DNSRecordSet.Key] { changes.filter { $0.after == nil }.map(\.key) }

    /// For how long resolvers may go on with what they were answered before: the longest of the answers that change.
    public var staleSecondsMax: Int { changes.compactMap { $0.before?.ttlSeconds }.max() ?? 0 }

    /// The plan that takes this one back, and that is carried out only while this one's outcome stands.
    public var inverse: DNSPlan {
        let changed = Set(changes.map(\.key))
        let kept = wanted.filter { !changed.contains($0.key) }
        return DNSPlan(
            zone: zone, site: nil, changes: changes.map(\.inverse), wanted: kept + changes.compactMap(\.before),
            notes: [])
    }

    /// Where a zone stands in this plan.
    public enum Standing: Sendable, Hashable {
        /// All is as it was seen: the plan can be carried out.
        case notBegun
        /// All is as it should be.
        case done
        /// Some of it is done.
        case partly(done: [DNSRecordSet.Key], left: [DNSRecordSet.Key])
        /// Record sets that are neither as they were seen nor as they should be.
        case stale([DNSRecordSet.Key])
    }

    /// Compares a zone with what was seen and with what is wanted.
    ///
    /// - Parameter view: a look at all of the plan's names.
    public func standing(in view: DNSZoneView) -> Standing {
        let standings = changes.map { (key: $0.key, standing: $0.standing(view[$0.key])) }
        let others = standings.filter { $0.standing == .other }.map(\.key) + intruders(in: view)
        if !others.isEmpty { return .stale(Set(others).sorted()) }
        let done = standings.filter { $0.standing == .done }.map(\.key)
        let left = standings.filter { $0.standing == .notBegun }.map(\.key)
        if left.isEmpty { return .done }
        return done.isEmpty ? .notBegun : .partly(done: done, left: left)
    }

    /// Record sets that are not the plan's and would displace what it wants, or that it wanted kept and are gone.
    private func intruders(in view: DNSZoneView) -> [DNSRecordSet.Key] {
        let changed = Set(changes.map(\.key))
        let addresses = Set(wanted.filter { $0.type == .a || $0.type == .aaaa }.map(\.name))
        let displacing = view.sets.filter {
            addresses.contains($0.name) && $0.type.displacesAddresses(atApex: $0.name == zone)
                && !changed.contains($0.key)
        }
        let foreign = view.foreign.filter { foreign in wanted.contains { $0.key == foreign.key } }
        let lost = wanted.filter { set in
            !changed.contains(set.key) && !(view[set.key].map { $0.answersLike(set) } ?? false)
        }
        return displacing.map(\.key) + foreign.map(\.key) + lost.map(\.key)
    }

    /// A number for the plan's changes and what they presuppose: two plans with one checksum do the same. It is shown to
    /// people, who can hold the program to what they were shown.
    public var checksum: String {
        // FNV-1a, 64 bits: no secret, only a name.
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        let text =
            ([zone.absolute]
            + changes.map { "\($0.key.name.absolute) \($0.key.type) \(Self.line($0.before)) > \(Self.line($0.after))" })
            .joined(separator: "\n")
        for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
        let digits = String(hash, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    private static func line(_ set: DNSRecordSet?) -> String {
        set.map { "\($0.ttlSeconds) \($0.values.joined(separator: " | "))" } ?? "-"
    }
}

extension DNSPlan {
    /// The plan with some of its changes only: what is left of it.
    public func only(_ keys: [DNSRecordSet.Key]) -> DNSPlan {
        DNSPlan(
            zone: zone, site: site, changes: changes.filter { keys.contains($0.key) }, wanted: wanted, notes: notes)
    }
}

extension DNSPlan {
    /// The plan that takes back what was done of this one in a zone, and leaves alone what was not done and what somebody
    /// else has changed since.
    ///
    /// - Parameter view: a look at all of the plan's names.
    public func takingBack(in view: DNSZoneView) -> DNSPlan {
        let done = changes.filter { $0.standing(view[$0.key]) == .done }
        return DNSPlan(
            zone: zone, site: nil, changes: done.map(\.inverse), wanted: done.compactMap(\.before), notes: [])
    }

    /// Record sets of its changes that are neither as they were seen nor as they should be.
    public func changedByOthers(in view: DNSZoneView) -> [DNSRecordSet.Key] {
        changes.filter { $0.standing(view[$0.key]) == .other }.map(\.key)
    }
}
