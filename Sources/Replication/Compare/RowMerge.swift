import Model

/// One row in a comparison: the digest of its key, a hash of all of it, and its key's text for people.
struct ComparedRow: Sendable, Equatable {
    let digest: String
    /// Nil where the key is only known to be on its way.
    let hash: String?
    let key: String
    let underWay: Bool

    /// Reads a line of COPY's text form: digest, hash, key, and at a source whether it is on its way.
    init?(line: Substring.UTF8View) {
        let fields = line.split(separator: UInt8(ascii: "\t"), omittingEmptySubsequences: false).map { Substring($0) }
        guard fields.count >= 3 else { return nil }
        digest = String(fields[0])
        hash = fields[1] == "\\N" ? nil : String(fields[1])
        key = String(fields[2])
        underWay = fields.count > 3 && fields[3] == "t"
    }

    init(digest: String, hash: String?, key: String, underWay: Bool) {
        self.digest = digest
        self.hash = hash
        self.key = key
        self.underWay = underWay
    }
}

/// What a comparison found in one table.
struct RowDifferences: Sendable, Equatable {
    /// Digests of keys, by what is wrong with them.
    var missing: [String] = []
    var extra: [String] = []
    var different: [String] = []
    /// Keys that differ and are on their way.
    var underWay = 0
    /// Texts of some of the keys, for people.
    var samples: [String] = []
    /// How many there are beyond those that were kept.
    var beyondLimit = 0

    static let kept = 500_000
    static let samplesMax = 10
}

/// Compares two lists of rows, both in ascending order of digest. A value: rows in, differences out.
struct RowMerge {
    private(set) var differences = RowDifferences()

    /// Takes the next row of whichever list is behind, or of both; nil at a list's end.
    mutating func compare(source: ComparedRow?, receiver: ComparedRow?) {
        switch (source, receiver) {
        case (nil, nil): break
        case (let source?, nil):
            if source.hash != nil { note(source, in: \.missing, underWay: source.underWay) }
        case (nil, let receiver?): note(receiver, in: \.extra, underWay: false)
        case (let source?, let receiver?):
            if source.hash == nil {
                note(receiver, in: \.extra, underWay: true)
            } else if source.hash != receiver.hash {
                note(source, in: \.different, underWay: source.underWay)
            }
        }
    }

    private mutating func note(
        _ row: ComparedRow, in list: WritableKeyPath<RowDifferences, [String]>, underWay: Bool
    ) {
        if underWay {
            differences.underWay += 1
        } else if differences[keyPath: list].count >= RowDifferences.kept {
            differences.beyondLimit += 1
        } else {
            differences[keyPath: list].append(row.digest)
            if differences.samples.count < RowDifferences.samplesMax { differences.samples.append(row.key) }
        }
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
