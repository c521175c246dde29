import Model

/// What a batch begins with: the source's snapshot, and the tables that have something past the cursor.
struct BatchHead: Sendable {
    struct Candidate: Sendable {
        let id: Int
        let shape: String
        let truncated: Bool
        let whole: Bool
        /// Some rows may be too large to hold many of them.
        let large: Bool
        /// About how many rows the table has; 0 when that is not known.
        let tableRows: Int
        let window: Window
        var changes = TableChanges()

        /// Nothing of the table is in the window.
        var isEmpty: Bool { !truncated && !whole && changes.rows == 0 }

        /// How the source is to find the changed rows.
        var steering: Steering {
            // Beyond a few percent of a table, looking its rows up one by one costs more than reading it through.
            let joins = tableRows > 0 ? changes.rows > max(1000, tableRows / 20) : changes.rows > 10_000
            return joins ? .join : .lookUp
        }
    }

    let snapshot: Snapshot
    /// The source's clock when the snapshot was taken.
    var asOf: String
    let fingerprints: SourceFingerprints
    var candidates: [Candidate]
    /// Between masters: what the source had seen of the others in that snapshot.
    var seen: Knowledge?
    /// Between masters: how far the source's log had been written by then.
    var written: String?
    /// In a sync with links: what it knew of all.
    var known: KnowledgeOfAll?
    /// Where the sequences stood, after the snapshot, that the candidates take values from; by their oids at the source.
    var sequences: [UInt32: SequencePosition] = [:]

    /// More tables than this, or more rows, are not read with one pipeline.
    private static let smallTablesMax = 64
    private static let smallRowsMax = 1000
    /// As they are stored; they may be a hundred times as large once they are unpacked.
    static let smallStoredBytesMax = 256 << 10

    /// The same, of a later moment in which nothing had changed.
    func seen(at clock: String) -> BatchHead {
        var head = self
        head.asOf = clock
        return head
    }

    /// The same with nothing left to carry.
    var carried: BatchHead {
        var head = self
        head.candidates = []
        return head
    }

    /// Whether the batch has few rows, all of tables to which single rows can be written.
    func isSmall(_ routes: RouteTable) -> Bool {
        guard candidates.count <= Self.smallTablesMax,
            candidates.reduce(0, { $0 + $1.changes.rows }) <= Self.smallRowsMax
        else { return false }
        return candidates.allSatisfy { candidate in
            !candidate.truncated && !candidate.whole && routes.routes[candidate.id]?.takesSingleRows == true
        }
    }
}

/// What happened to one table in a window.
struct TableChanges: Sendable, Equatable {
    /// Changes of rows; several of one row count each.
    var rows = 0
    /// There are changes, and all of them are insertions.
    var onlyInsertions = false
    var hasDeletions = false
}

/// How the planner is to join keys with their table.
enum Steering: Sendable, Equatable {
    case lookUp
    case join

    /// What `stream/steer` takes.
    var parameters: [String?] {
        switch self {
        case .lookUp: ["on", "off", "4MB"]
        case .join: ["off", "on", "64MB"]
        }
    }
}

/// How the rows of one table get into the receiver's in a batch of many rows.
enum ApplyPath: Equatable {
    /// All rows travel, and replace those that are there.
    case replaceAll
    /// The changed rows travel, after the table was emptied.
    case refill
    /// Only insertions: the rows go straight into the table.
    case insert
    /// The changed rows are staged, and the table is brought to them.
    case merge

    /// - Parameter mustStage: rows must not go straight into the table.
    init(_ candidate: BatchHead.Candidate, _ route: TableRoute, mustStage: Bool) {
        if candidate.whole || route.table.isWhole {
            self = .replaceAll
        } else if candidate.truncated {
            self = .refill
        } else if candidate.changes.onlyInsertions && route.takesInsertedRows && !mustStage {
            self = .insert
        } else {
            self = .merge
        }
    }
}
