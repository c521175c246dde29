/// One record set that becomes another.
public enum DNSChange: Sendable, Hashable {
    case create(DNSRecordSet)
    case replace(DNSRecordSet, with: DNSRecordSet)
    case remove(DNSRecordSet)

    /// The change from one state of a record set to another; nil where nothing changes.
    public init?(from before: DNSRecordSet?, to after: DNSRecordSet?) {
        switch (before, after) {
        case (nil, nil): return nil
        case (nil, let after?): self = .create(after)
        case (let before?, nil): self = .remove(before)
        case (let before?, let after?):
            if before == after { return nil }
            self = .replace(before, with: after)
        }
    }

    public var key: DNSRecordSet.Key { (after ?? before)!.key }

    /// What must be there before it; nil where nothing may be.
    public var before: DNSRecordSet? {
        switch self {
        case .create: nil
        case .replace(let old, _), .remove(let old): old
        }
    }

    /// What is there after it; nil where nothing is.
    public var after: DNSRecordSet? {
        switch self {
        case .create(let new), .replace(_, let new): new
        case .remove: nil
        }
    }

    /// The change that takes it back.
    public var inverse: DNSChange {
        switch self {
        case .create(let new): .remove(new)
        case .replace(let old, let new): .replace(new, with: old)
        case .remove(let old): .create(old)
        }
    }

    /// Where a record set stands in this change.
    public enum Standing: Sendable, Hashable {
        case notBegun, done
        /// Somebody else has been there.
        case other
    }

    /// Where the record set that is there stands. How long answers may be kept counts only where it is all that changes: a
    /// provider may round it.
    public func standing(_ present: DNSRecordSet?) -> Standing {
        if let before, let after, before.answersLike(after), let present, present.answersLike(after) {
            if present.ttlSeconds == after.ttlSeconds { return .done }
            return present.ttlSeconds == before.ttlSeconds ? .notBegun : .other
        }
        if Self.answersLike(present, after) { return .done }
        return Self.answersLike(present, before) ? .notBegun : .other
    }

    private static func answersLike(_ one: DNSRecordSet?, _ other: DNSRecordSet?) -> Bool {
        guard let one, let other else { return one == nil && other == nil }
        return one.answersLike(other)
    }

    /// Removals go first: an alias and an address cannot stand at one name at the same time.
    static func isInOrder(_ left: DNSChange, _ right: DNSChange) -> Bool {
        (left.rank, left.key) < (right.rank, right.key)
    }

    private var rank: Int {
        switch self {
        case .remove: 0
        case .replace: 1
        case .create: 2
        }
    }
}

extension DNSChange: Codable {
    private enum Keys: String, CodingKey { case before, after }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Keys.self)
        let before = try container.decodeIfPresent(DNSRecordSet.self, forKey: .before)
        let after = try container.decodeIfPresent(DNSRecordSet.self, forKey: .after)
        guard let change = DNSChange(from: before, to: after),
            before == nil || after == nil || before?.key == after?.key
        else {
            throw DecodingError.dataCorrupted(
                .init(
                    codingPath: decoder.codingPath,
                    debugDescription: "a change that changes nothing, or two record sets"))
        }
        self = change
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Keys.self)
        try container.encode(before, forKey: .before)
        try container.encode(after, forKey: .after)
    }
}
