import Model
import Postgres

/// Inserts staged rows that refer to one another, of one table or of several: those whose references lead to rows that are there, or to
/// one another. One that has to give way to another row leaves, and with it those that refer to it; nothing that they pushed out
/// stays out for them. What a row refers to does not give way to it, be it through others: then it leaves itself.
///
/// Where a row lost to another, what refers to the loser may be in the way of what the winner refers to. Then there are two sets of rows
/// that could be shown, and which of them a node has come to goes by what it heard of first. Of the two the one is shown that has the latest of the rows in which they differ.
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

    private typealias Place = ReferenceKeeper.StagedPlace

    /// - Returns: of each table the rows that do not stay.
    func insert() throws -> [[RowSifter.Staged]] {
        var left = try insertAll(tables.map(\.rows))
        // What a batch brings is tried again when it is there with all that it refers to.
        guard tables.allSatisfy(\.sifter.isRetry) else { return left }
        while let placed = try overturn() {
            for (relation, places) in Dictionary(grouping: placed, by: \.relation) {
                let table = tables.first { $0.sifter.route.receiverRelation == relation }
                try table?.sifter.markShown(places.map(\.place))
            }
            left = rows(left) { !placed.contains($0) }
            left = try insertAll(left)
        }
        return left
    }

    private func insertAll(_ rows: [[RowSifter.Staged]]) throws -> [[RowSifter.Staged]] {
        var left = rows
        var count: Int
        repeat {
            count = left.joined().count
            left = try insert(of: left)
            // What gave way to a row that had to leave itself may have its place now.
        } while left.joined().count < count
        return left
    }

    /// - Parameter forced: one that takes its place whatever is in its way.
    private func insert(of rows: [[RowSifter.Staged]], forced: Place? = nil) throws -> [[RowSifter.Staged]] {
        var ring = try closed(rows)
        while ring.contains(where: { !$0.isEmpty }) {
            let removed = references.removed
            try session.execute("SAVEPOINT switchback_ring")
            guard let lost = try placeEach(ring, ancestors(ring), forced) else {
                try session.execute("RELEASE SAVEPOINT switchback_ring")
                break
            }
            try session.execute("ROLLBACK TO SAVEPOINT switchback_ring")
            try session.execute("RELEASE SAVEPOINT switchback_ring")
            references.removed = removed
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
    private func ancestors(_ ring: [[RowSifter.Staged]]) throws -> [Place: Set<Place>] {
        let parents = try references.references(among: places(ring))
        return Dictionary(
            uniqueKeysWithValues: parents.keys.map { row in
                var found: Set<Place> = []
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
        _ ring: [[RowSifter.Staged]], _ ancestors: [Place: Set<Place>], _ forced: Place?
    ) throws -> (table: Int, place: String)? {
        var lostToRing: (table: Int, place: String)?
        for (table, rows) in ring.enumerated() where !rows.isEmpty {
            let sifter = tables[table].sifter
            // Constraints that are checked later are looked at against the table, and not among the rows.
            if sifter.route.target.deferrable.isEmpty, try sifter.attempt(rows[...]) == nil { continue }
            func ancestorsOf(_ place: String) -> Set<Place> {
                ancestors[.init(relation: sifter.route.receiverRelation, place: place)] ?? []
            }
            for row in rows {
                guard let refusal = try sifter.attempt([row]) else { continue }
                let isForced = forced == sifter.place(of: row)
                switch try sifter.takePlace(row, refusal, through: ancestorsOf(row.place), isForced: isForced) {
                case .placed: continue
                case .standsBelow, .refused: return (table, row.place)
                case .loses(let blockers):
                    guard let place = blockers.last?.stagedPlace, rows.contains(where: { $0.place == place }) else {
                        return (table, row.place)
                    }
                    if ancestorsOf(place).contains(sifter.place(of: row)) { return (table, place) }
                    lostToRing = lostToRing ?? (table, row.place)
                }
            }
        }
        return lostToRing
    }

    // MARK: - Of two sets of rows

    /// So many rows that refer to one another are tried together at most, so many of them, and so many are looked at for such: applications wait meanwhile.
    private static let tiedMost = 16
    private static let triedMost = 64
    private static let lookedAtMost = 1_000

    /// Shows another set of rows, if there is one that counts.
    ///
    /// - Returns: the rows that have their places now; nil when all stays as it is.
    private func overturn() throws -> Set<Place>? {
        let hidden = try closed(tables.map { try $0.sifter.list() })
        let ancestors = try ancestors(hidden)
        // Those that neither refer to another that is not shown nor are referred to by one are settled by themselves.
        let groups = Self.groups(ancestors).filter { $0.count <= Self.tiedMost }
        let all = groups.reduce(into: Set<Place>()) { $0.formUnion($1) }
        for row in try candidates(rows(hidden) { all.contains($0) }, ancestors) {
            let together = all.count <= Self.tiedMost ? all : groups.first { $0.contains(row) } ?? []
            let tried = rows(hidden) { together.contains($0) }
            let removed = references.removed
            references.removed = []
            defer { references.removed = removed }
            try session.execute("SAVEPOINT switchback_overturn")
            if let others = try overturned(by: row, tried) {
                try session.execute("RELEASE SAVEPOINT switchback_overturn")
                return staged(tried).subtracting(staged(others))
            }
            try session.execute("ROLLBACK TO SAVEPOINT switchback_overturn")
            try session.execute("RELEASE SAVEPOINT switchback_overturn")
        }
        return nil
    }

    /// The rows that refer to one another, be it through others.
    private static func groups(_ ancestors: [Place: Set<Place>]) -> [Set<Place>] {
        var groups: [Set<Place>] = []
        for (row, above) in ancestors where !above.isEmpty {
            let tied = above.union([row])
            let apart = groups.partition { !$0.isDisjoint(with: tied) }
            groups = groups[..<apart] + [groups[apart...].reduce(tied) { $0.union($1) }]
        }
        return groups
    }

    private func rows(_ rows: [[RowSifter.Staged]], where isWanted: (Place) -> Bool) -> [[RowSifter.Staged]] {
        zip(tables, rows).map { table, rows in rows.filter { isWanted(table.sifter.place(of: $0)) } }
    }

    private func staged(_ rows: [[RowSifter.Staged]]) -> Set<Place> {
        Set(zip(tables, rows).flatMap { table, rows in rows.map(table.sifter.place) })
    }

    /// The rows that others keep out which were written earlier than something that refers to them, be it through others; those first that have the latest of such.
    private func candidates(_ rows: [[RowSifter.Staged]], _ ancestors: [Place: Set<Place>]) throws -> [Place] {
        var known: [Place: (row: RowSifter.Staged, sifter: RowSifter)] = [:]
        for (table, rows) in zip(tables, rows) {
            for row in rows { known[table.sifter.place(of: row)] = (row, table.sifter) }
        }
        var latest: [Place: Stamp] = [:]
        for (place, own) in known {
            for above in ancestors[place] ?? [] { latest[above] = max(latest[above] ?? own.row.stamp, own.row.stamp) }
        }
        // Those of one transaction have one stamp.
        let sorted = latest.sorted {
            ($0.value, $0.key.relation, $0.key.place) > ($1.value, $1.key.relation, $1.key.place)
        }
        var found: [Place] = []
        for (place, stamp) in sorted.prefix(Self.lookedAtMost) where found.count < Self.triedMost {
            guard let own = known[place], let other = try own.sifter.latestInTheWay(of: own.row), other < stamp else {
                continue
            }
            found.append(place)
        }
        return found
    }

    /// Has a row take its place from a later one, with those that refer to it.
    ///
    /// - Returns: the rows that find no place then; nil when what is shown now cannot stay so, or does not count.
    private func overturned(by row: Place, _ left: [[RowSifter.Staged]]) throws -> [[RowSifter.Staged]]? {
        var others = try insert(of: left, forced: row)
        guard !staged(others).contains(row) else { return nil }
        var count: Int
        repeat {
            count = others.joined().count
            try references.settle { try sifter(of: $0).keepOut($1, $2) }
            // What has lost its place, or what it refers to, had others wait.
            others = try insertAll(others)
        } while others.joined().count < count
        let removed = references.removed
        let placed = staged(left).subtracting(staged(others))
        let newest = rows(left) { placed.contains($0) }.joined().map(\.stamp).max()
        let ranked = Set(tables.map(\.sifter.route.receiverRelation))
        // Of what goes with them from other tables not every node knows when it was written.
        for one in removed where ranked.contains(one.relation) {
            guard let newest, one.rank < newest, let route = references.routes[one.relation] else { return nil }
            // One that was placed must not have gone with what it refers to.
            let staged = one.row.stagedPlace.map { Place(relation: one.relation, place: $0) }
            if let staged, placed.contains(staged) { return nil }
            if try sifter(of: route).canReturn(one.row, as: one.rank) { return nil }
        }
        return others
    }

    private func sifter(of route: TableRoute) throws -> RowSifter { try tables[0].sifter.sibling(route) }
}
