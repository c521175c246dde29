import Postgres

/// Inserts staged rows that refer to one another, of one table or of several: those whose references lead to rows that are there, or to
/// one another. One that has to give way to another row leaves, and with it those that refer to it; nothing that they pushed out
/// stays out for them. What a row refers to does not give way to it, be it through others: then it leaves itself.
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
        var left = tables.map(\.rows)
        var count: Int
        repeat {
            count = left.joined().count
            left = try insert(of: left)
            // What gave way to a row that had to leave itself may have its place now.
        } while left.joined().count < count
        return left
    }

    private func insert(of rows: [[RowSifter.Staged]]) throws -> [[RowSifter.Staged]] {
        var ring = try closed(rows)
        while ring.contains(where: { !$0.isEmpty }) {
            try session.execute("SAVEPOINT switchback_ring")
            guard let lost = try placeEach(ring, ancestors(ring)) else {
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
            return rows[table].filter { !places.contains($0.place) }
        }
    }

    /// The rows that are left when all are gone that refer to a row that is neither there nor among those that are left.
    private func closed(_ rows: [[RowSifter.Staged]]) throws -> [[RowSifter.Staged]] {
        var ring = rows
        var isClosed = false
        while !isClosed {
            isClosed = true
            let places = places(ring)
            for table in tables.indices where !ring[table].isEmpty {
                let orphans = try references.orphans(tables[table].sifter.route, among: places)
                let before = ring[table].count
                ring[table].removeAll { orphans.contains($0.place) }
                if ring[table].count < before { isClosed = false }
            }
        }
        return ring
    }

    /// What each row refers to among the others, be it through them.
    private func ancestors(
        _ ring: [[RowSifter.Staged]]
    ) throws -> [ReferenceKeeper.StagedPlace: Set<ReferenceKeeper.StagedPlace>] {
        let parents = try references.references(among: places(ring))
        return Dictionary(
            uniqueKeysWithValues: parents.keys.map { row in
                var found: Set<ReferenceKeeper.StagedPlace> = []
                var open = [row]
                while let next = open.popLast() {
                    for parent in parents[next] ?? [] where found.insert(parent).inserted { open.append(parent) }
                }
                return (row, found)
            })
    }

    private func places(_ ring: [[RowSifter.Staged]]) -> [UInt32: [String]] {
        Dictionary(
            zip(tables, ring).map { ($0.sifter.route.receiverRelation, $1.map(\.place)) },
            uniquingKeysWith: { first, _ in first })
    }

    /// Puts the rows into their tables, each in the place of what was written earlier.
    ///
    /// - Returns: one that found no place; nil when all have theirs. Those that lose to a row of the ring come last: that one may lose its own.
    private func placeEach(
        _ ring: [[RowSifter.Staged]], _ ancestors: [ReferenceKeeper.StagedPlace: Set<ReferenceKeeper.StagedPlace>]
    ) throws -> (table: Int, place: String)? {
        var lostToRing: (table: Int, place: String)?
        for (table, rows) in ring.enumerated() where !rows.isEmpty {
            let sifter = tables[table].sifter
            // Constraints that are checked later are looked at against the table, and not among the rows.
            if sifter.route.target.deferrable.isEmpty, try sifter.attempt(rows[...]) == nil { continue }
            func ancestorsOf(_ place: String) -> Set<ReferenceKeeper.StagedPlace> {
                ancestors[.init(relation: sifter.route.receiverRelation, place: place)] ?? []
            }
            for row in rows {
                guard let refusal = try sifter.attempt([row]) else { continue }
                switch try sifter.takePlace(row, refusal, through: ancestorsOf(row.place)) {
                case .placed: continue
                case .standsBelow, .refused: return (table, row.place)
                case .loses(let blockers):
                    guard let place = blockers.last?.stagedPlace, rows.contains(where: { $0.place == place }) else {
                        return (table, row.place)
                    }
                    if ancestorsOf(place).contains(.init(relation: sifter.route.receiverRelation, place: row.place)) {
                        return (table, place)
                    }
                    lostToRing = lostToRing ?? (table, row.place)
                }
            }
        }
        return lostToRing
    }
}
