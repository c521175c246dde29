import Model
import Postgres

/// The MD5 digest of a key's text. Not for security: it gives keys of all types one form and one order.
struct RowDigest: Hashable, Comparable, Sendable, CustomStringConvertible {
    let high: UInt64
    let low: UInt64

    init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// Reads 32 hexadecimal digits; nil when they are not.
    init?(_ hex: UnsafeRawBufferPointer) {
        guard hex.count == 32 else { return nil }
        var parts: (UInt64, UInt64) = (0, 0)
        for (index, byte) in hex.enumerated() {
            let digit: UInt8
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = byte - UInt8(ascii: "a") + 10
            default: return nil
            }
            if index < 16 { parts.0 = parts.0 << 4 | UInt64(digit) } else { parts.1 = parts.1 << 4 | UInt64(digit) }
        }
        self.init(high: parts.0, low: parts.1)
    }

    init?(text: String) {
        var text = text
        guard let digest = text.withUTF8({ RowDigest(UnsafeRawBufferPointer($0)) }) else { return nil }
        self = digest
    }

    static func < (left: RowDigest, right: RowDigest) -> Bool {
        left.high != right.high ? left.high < right.high : left.low < right.low
    }

    var description: String {
        [high, low].map { part in
            let digits = String(part, radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }.joined()
    }
}

/// One row in a comparison: the digest of its key, a hash of all of it, and its key's text for people.
struct ComparedRow: Sendable, Equatable {
    let digest: RowDigest
    /// Nil where the key is only known to be on its way.
    let hash: Int64?
    let key: String
    let underWay: Bool

    /// Reads a line of COPY's text form: digest, hash, key, and at a source whether it is on its way.
    ///
    /// - Throws: `PostgresError` when it is not such a line: then the server answered what it never should.
    init(line: UnsafeRawBufferPointer) throws(PostgresError) {
        let fields = line.split(separator: UInt8(ascii: "\t"), omittingEmptySubsequences: false)
        guard fields.count >= 3, let digest = RowDigest(UnsafeRawBufferPointer(rebasing: fields[0])) else {
            throw PostgresError(.misuse, "a comparison got a row that it cannot read")
        }
        self.digest = digest
        let hash = String(decoding: fields[1], as: UTF8.self)
        self.hash = Int64(hash)
        guard self.hash != nil || hash == "\\N" else {
            throw PostgresError(.misuse, "a comparison got a row that it cannot read")
        }
        key = Self.unescaped(String(decoding: fields[2], as: UTF8.self))
        underWay = fields.count > 3 && fields[3].first == UInt8(ascii: "t")
    }

    init(digest: RowDigest, hash: Int64?, key: String, underWay: Bool) {
        self.digest = digest
        self.hash = hash
        self.key = key
        self.underWay = underWay
    }

    /// Backslashes are doubled by COPY; other escapes are left, for the text is to stay on its line.
    private static func unescaped(_ text: String) -> String {
        text.utf8.contains(UInt8(ascii: "\\")) ? text.replacing("\\\\", with: "\\") : text
    }
}

/// What a comparison found in one table.
struct RowDifferences: Sendable, Equatable {
    var missing = 0
    var extra = 0
    var different = 0
    /// Keys that differ and are on their way.
    var underWay = 0
    /// Of these, rows that the receiver does not have.
    var missingUnderWay = 0
    /// Texts of some of the keys that differ, for people.
    var samples: [String] = []

    static let samplesMax = 10

    /// Whether anything differs that is not on its way.
    var hasSome: Bool { missing + extra + different > 0 }

    /// Takes back extra rows that may be rows on their way under another spelling of their key.
    mutating func doubtSpellings() {
        let doubtful = min(extra, missingUnderWay)
        extra -= doubtful
        if !hasSome { samples = [] }
    }
}

/// A row that differs.
struct FoundRow: Sendable, Equatable {
    enum Kind { case missing, extra, different }

    let kind: Kind
    let digest: RowDigest
    /// The stream has it before it.
    let underWay: Bool
}

/// Rows that differed in a look at two masters. Either may have had what the other had not heard of, so that a row differs for
/// certain only if it is found in the same state once all that was known has been exchanged.
struct SuspectRows: Sendable, Equatable {
    private struct State: Equatable {
        let source: Int64?
        let receiver: Int64?
    }

    private var states: [RowDigest: State] = [:]
    /// Some forty megabytes. What is beyond is taken for different at the first look that is let decide.
    static let countMost = 1_000_000

    mutating func add(_ digest: RowDigest, source: Int64?, receiver: Int64?) {
        guard states.count < Self.countMost else { return }
        states[digest] = State(source: source, receiver: receiver)
    }

    /// Whether a row is as it was.
    func has(_ digest: RowDigest, source: Int64?, receiver: Int64?) -> Bool {
        guard let state = states[digest] else { return states.count >= Self.countMost }
        return state == State(source: source, receiver: receiver)
    }
}

/// Compares two lists of rows, both in ascending order of digest. A value: rows in, differences out.
struct RowMerge {
    /// All rows are on their way, for the table travels whole.
    var isAllUnderWay = false
    /// Between masters, what differed in the look before: what has not may be on its way. Nil elsewhere, where one look can tell.
    var suspects: SuspectRows?
    private(set) var differences = RowDifferences()
    /// Between masters, what differs in this one.
    private(set) var found = SuspectRows()

    /// Takes the next row of whichever list is behind, or of both; nil at a list's end.
    ///
    /// - Returns: what is wrong with it.
    mutating func compare(source: ComparedRow?, receiver: ComparedRow?) -> FoundRow? {
        switch (source, receiver) {
        case (nil, nil): return nil
        case (let source?, nil):
            // A key on its way that neither end has a row of: deleted, and the receiver never had it.
            return source.hash == nil ? nil : note(source, .missing, source.hash, nil, underWay: source.underWay)
        case (nil, let receiver?): return note(receiver, .extra, nil, receiver.hash, underWay: false)
        case (let source?, let receiver?):
            if source.hash == nil { return note(receiver, .extra, nil, receiver.hash, underWay: true) }
            guard source.hash != receiver.hash else { return nil }
            return note(source, .different, source.hash, receiver.hash, underWay: source.underWay)
        }
    }

    /// - Parameters:
    ///   - source: the hash of the row there; nil where it is not.
    ///   - receiver: likewise.
    private mutating func note(
        _ row: ComparedRow, _ kind: FoundRow.Kind, _ source: Int64?, _ receiver: Int64?, underWay: Bool
    ) -> FoundRow {
        guard let suspects else { return note(row, kind, underWay: underWay) }
        found.add(row.digest, source: source, receiver: receiver)
        let isCertain = suspects.has(row.digest, source: source, receiver: receiver)
        return note(row, kind, underWay: underWay || !isCertain)
    }

    private mutating func note(_ row: ComparedRow, _ kind: FoundRow.Kind, underWay: Bool) -> FoundRow {
        let underWay = underWay || isAllUnderWay
        if underWay {
            differences.underWay += 1
            if kind == .missing { differences.missingUnderWay += 1 }
        } else {
            switch kind {
            case .missing: differences.missing += 1
            case .extra: differences.extra += 1
            case .different: differences.different += 1
            }
            if differences.samples.count < RowDifferences.samplesMax { differences.samples.append(row.key) }
        }
        return FoundRow(kind: kind, digest: row.digest, underWay: underWay)
    }

    /// Which list the next row is taken from.
    enum Side { case source, receiver, both }

    static func next(_ source: ComparedRow?, _ receiver: ComparedRow?) -> Side? {
        switch (source, receiver) {
        case (nil, nil): nil
        case (_?, nil): .source
        case (nil, _?): .receiver
        case (let source?, let receiver?):
            source.digest == receiver.digest ? .both : source.digest < receiver.digest ? .source : .receiver
        }
    }
}
