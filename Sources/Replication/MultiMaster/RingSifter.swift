import Postgres

/// Inserts staged rows that refer to one another, of one table or of several: those whose references lead to rows that are there, or to
/// one another. One that has to give way to another row leaves, and with it those that refer to it; nothing that they pushed out
/// stays out for them.
struct RingSifter {
    private let tables: [(sifter: RowSifter, rows: [RowSifter.Staged])]
    private let references: ReferenceKeeper
    private let session: Session

    /// - Parameter tables: the rows of each, the latest first.
    init(
        _ tables: [(sifter: RowSifter, rows: [RowSifter.Staged])], _ references: ReferenceKeeper, _ session: Session
    ) {
        self.tables = tables
        self.references = references
        self.session = session
    }

    /// - Returns: of each table the rows that do not stay.
    func insert() throws -> [[RowSifter.Staged]] {
        var ring = try closed(tables.map(\.rows))
        while ring.contains(where: { !$0.isEmpty }) {
            try session.execute("SAVEPOINT switchback_ring")
            guard let lost = try placeEach(ring) else {
                try session.execute("RELEASE SAVEPOINT switchback_ring")
                break
            }
            try session.execute("ROLLBACK TO SAVEPOINT switchback_ring")
            try session.execute("RELEASE SAVEPOINT switchback_ring")
            ring[lost.table].removeAll { $0.place == lost.place }
            ring = try closed(ring)
        }
        return tables.indices.map { table in
            let places = Set(ring[table].map(\.place))
            return tables[table].rows.filter { !places.contains($0.place) }
        }
    }

    /// The rows that are left when all are gone that refer to a row that is neither there nor among those that are left.
    private func closed(_ rows: [[RowSifter.Staged]]) throws -> [[RowSifter.Staged]] {
        var ring = rows
        var isClosed = false
        while !isClosed {
            isClosed = true
            let places = Dictionary(
                zip(tables, ring).map { ($0.sifter.route.receiverRelation, $1.map(\.place)) },
                uniquingKeysWith: { first, _ in first })
            for table in tables.indices where !ring[table].isEmpty {
                let orphans = try references.orphans(tables[table].sifter.route, among: places)
                let before = ring[table].count
                ring[table].removeAll { orphans.contains($0.place) }
                if ring[table].count < before { isClosed = false }
            }
        }
        return ring
    }

    /// Puts the rows into their tables, each in the place of what was written earlier.
    ///
    /// - Returns: one that found no place; nil when all have theirs. Those that lose to a row of the ring come last: that one may lose its own.
    private func placeEach(_ ring: [[RowSifter.Staged]]) throws -> (table: Int, place: String)? {
        var lostToRing: (table: Int, place: String)?
        for (table, rows) in ring.enumerated() where !rows.isEmpty {
            let sifter = tables[table].sifter
            guard try sifter.attempt(rows[...]) != nil else { continue }
            for row in rows {
                guard let refusal = try sifter.attempt([row]) else { continue }
                switch try sifter.takePlace(row, refusal) {
                case .placed: continue
                case .standsBelow, .refused: return (table, row.place)
                case .loses(let blockers):
                    let isInRing =
                        blockers.last?.stagedPlace.map { place in rows.contains { $0.place == place } } ?? false
                    guard isInRing else { return (table, row.place) }
                    lostToRing = lostToRing ?? (table, row.place)
                }
            }
        }
        return lostToRing
    }
}
