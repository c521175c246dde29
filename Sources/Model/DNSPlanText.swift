extension DNSPlan {
    /// The plan for people: a line a change, then what else is to be known.
    public var lines: [String] {
        let target = site.map { ", for site \($0)" } ?? ""
        if isEmpty { return ["zone \(zone): nothing to change\(target)"] + notes.map { "note: \($0)" } }
        let count = changes.count == 1 ? "1 change" : "\(changes.count) changes"
        let width = changes.map { $0.key.name.shown(in: zone).count }.max() ?? 0
        var lines = ["zone \(zone): \(count)\(target)"]
        lines += changes.map { "  " + Self.line($0, zone: zone, width: width) }
        lines += notes.map { "note: \($0)" }
        if staleSecondsMax > 0 {
            lines.append("resolvers may go on with the old answers for \(staleSecondsMax) s")
        }
        return lines + ["checksum \(checksum)"]
    }

    private static func line(_ change: DNSChange, zone: DNSName, width: Int) -> String {
        let name = change.key.name.shown(in: zone)
        let head = name + String(repeating: " ", count: width - name.count + 1) + "\(change.key.type)"
        switch change {
        case .create(let new): return "create  \(head) \(Self.values(new)), TTL \(new.ttlSeconds)"
        case .remove(let old): return "remove  \(head) \(Self.values(old)), TTL \(old.ttlSeconds)"
        case .replace(let old, let new):
            let values = old.values == new.values ? Self.values(old) : "\(Self.values(old)) by \(Self.values(new))"
            let ttl = old.ttlSeconds == new.ttlSeconds ? "\(new.ttlSeconds)" : "\(old.ttlSeconds) by \(new.ttlSeconds)"
            return "replace \(head) \(values), TTL \(ttl)"
        }
    }

    private static func values(_ set: DNSRecordSet) -> String { set.values.joined(separator: " ") }

    /// What a person does by hand when the provider's interface is out of reach: each a sentence, in order.
    ///
    /// - Parameter place: how to come to where the records are edited.
    public func manualSteps(at place: DNSManualPlace) -> [String] {
        guard !isEmpty else { return ["nothing to do: zone \(zone) is as it should be"] }
        let edits = changes.flatMap { change -> [String] in
            let name = change.key.name.shown(in: zone)
            let type = change.key.type
            switch change {
            case .remove(let old): return old.values.map { "delete the \(type) record \(name) with the value \($0)" }
            case .create(let new):
                return new.values.map {
                    "add the \(type) record \(name) with the value \($0) and TTL \(new.ttlSeconds)"
                }
            case .replace(let old, let new) where old.values.count == 1 && new.values.count == 1:
                return [
                    "change the \(type) record \(name) from \(old.values[0]) to \(new.values[0]), with TTL \(new.ttlSeconds)"
                ]
            case .replace(let old, let new):
                return old.values.map { "delete the \(type) record \(name) with the value \($0)" }
                    + new.values.map { "add the \(type) record \(name) with the value \($0) and TTL \(new.ttlSeconds)" }
            }
        }
        let proof = wanted.map { set in
            "dig +norecurse @SERVER \(set.name) \(set.type) must answer \(set.values.joined(separator: " ")) at every name server of \(zone)"
        }
        return place.steps + edits + (place.closing.map { [$0] } ?? []) + proof
    }
}

/// Where a person edits a zone's records.
public struct DNSManualPlace: Sendable, Hashable {
    /// How to come there.
    public let steps: [String]
    /// What is to be done after the edits, such as to save.
    public let closing: String?

    public init(steps: [String], closing: String? = nil) { (self.steps, self.closing) = (steps, closing) }
}
