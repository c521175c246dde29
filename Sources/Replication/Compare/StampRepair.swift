import Assets
public import Model
import Postgres
import Settings

/// What a repair by stamps says of one table.
public struct StampedDifference: Sendable, Equatable {
    public let sync: String
    public let table: TableName
    /// How many rows are mended, by the node that has them right.
    public internal(set) var mended: [String: Int] = [:]
    /// How many differ of which nobody knows which one is right.
    public internal(set) var left = 0
    /// Keys of some of those.
    public internal(set) var samples: [String] = []
    /// Why the table could not be looked at.
    public internal(set) var problem: String?

    public var isIdentical: Bool { mended.isEmpty && left == 0 && problem == nil }
}

/// Makes all nodes of a sync of several sources equal where they differ: of each row all are to have the version with the highest stamp
/// that any source knows, a deletion being one.
public struct StampRepair: Sendable {
    let cluster: Cluster
    let sync: SyncSettings

    /// - Returns: nil where the sync has one source only, which is right then.
    public init?(_ cluster: Cluster, sync name: String) {
        guard let sync = cluster.settings.syncs.first(where: { $0.name == name }), sync.isMultiMaster else {
            return nil
        }
        self.cluster = cluster
        self.sync = sync
    }

    /// The streams of the sync that are compared: around all sources, and from the first to each target. Where these are equal, all are.
    private var ring: [StreamID] {
        let streams = cluster.settings.streams.filter { $0.sync == sync.name }
        let sources = streams.map(\.source).reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
        return streams.filter { stream in
            guard let at = sources.firstIndex(of: stream.source) else { return false }
            let next = sources[(at + 1) % sources.count]
            return stream.receiver == next || at == 0 && !sources.contains(stream.receiver)
        }
    }

    /// Looks for rows that differ, and has them mended: what is overwritten goes to the history of its node first; then the streams carry
    /// what is right.
    ///
    /// - Parameters:
    ///   - isDry: only looks.
    ///   - include: which tables.
    ///   - carry: brings what is on its way to where it belongs. That is done between two looks, for with it stamps are forgotten.
    /// - Returns: what it found, and set out to mend.
    /// - Throws: `StreamStopped`, `NodeUnreachable`, `PostgresError`, `SpoolFailed`, and what `carry` throws.
    public func run(
        isDry: Bool, include: @escaping @Sendable (TableName) -> Bool = { _ in true },
        carry: @escaping @Sendable () async throws -> Void
    ) async throws -> [StampedDifference] {
        try await withComparisons(ring[...], []) { comparisons in
            var found: [StampedDifference] = []
            for comparison in comparisons {
                if let stopped = comparison.stopped { throw stopped }
                for (table, problem) in comparison.problems where include(table) {
                    found.append(StampedDifference(sync: sync.name, table: table, problem: problem))
                }
            }
            let tables = comparisons[0].routes.filter { include($0.name) }
                .compactMap { StampedTable($0.name, comparisons) }
            var first: [TableName: [RowDigest: StampedTable.Seen]] = [:]
            for table in tables { first[table.name] = try await table.look() }
            if !isDry && first.contains(where: { !$0.value.isEmpty }) { try await carry() }
            for table in tables {
                let seen = first[table.name] ?? [:]
                let now = isDry || seen.isEmpty ? seen : try await table.look()
                found.append(try await table.mend(now, recalling: seen, isDry: isDry))
            }
            return found.sorted { $0.table < $1.table }
        }
    }

    /// Opens them all, one within the other.
    private func withComparisons<R>(
        _ streams: ArraySlice<StreamID>, _ open: [Comparison], _ body: ([Comparison]) async throws -> R
    ) async throws -> R {
        guard let stream = streams.first else { return try await body(open) }
        return try await Differ(stream: stream, cluster: cluster).withComparison { comparison in
            try await withComparisons(streams.dropFirst(), open + [comparison], body)
        }
    }
}

/// One table at all nodes.
private struct StampedTable {
    /// A node, by the stream that is compared and ends there.
    struct Place {
        let route: TableRoute
        let comparison: Comparison

        var node: String { comparison.stream.receiver }
    }

    let name: TableName
    let places: [Place]
    private static let digestsAtOnce = 10_000

    /// - Returns: nil where the table has not several masters.
    init?(_ name: TableName, _ comparisons: [Comparison]) {
        let places = comparisons.compactMap { comparison in
            comparison.routes.first { $0.name == name && $0.masters != nil }.map {
                Place(route: $0, comparison: comparison)
            }
        }
        guard places.count == comparisons.count else { return nil }
        self.name = name
        self.places = places
    }

    /// What the nodes show of the rows that differ.
    func look() async throws -> [RowDigest: Seen] {
        var seen: [RowDigest: Seen] = [:]
        var rest = try await differing()[...]
        while !rest.isEmpty {
            seen.merge(try await look(at: Array(rest.prefix(Self.digestsAtOnce)))) { $1 }
            rest = rest.dropFirst(Self.digestsAtOnce)
        }
        return seen
    }

    /// The digests of the keys whose rows differ between any two neighbours.
    private func differing() async throws -> [RowDigest] {
        var found: Set<RowDigest> = []
        let list = try RepairList(keepsUnderWay: false)
        for place in places {
            var diff = place.comparison.diff(place.route)
            diff.looksMost = 1
            _ = try await diff.run(into: list)
            for spool in [list.atReceiver, list.atSource] { found.formUnion(try spool.digests()) }
        }
        return found.sorted()
    }

    /// A row that differs.
    struct Seen {
        var sights: [StampedRow.Sight] = []
        var key: String?
    }

    private func look(at digests: [RowDigest]) async throws -> [RowDigest: Seen] {
        var seen: [RowDigest: Seen] = [:]
        let sources = Set(places.map(\.comparison.stream.source))
        for place in places {
            let spool = try DigestSpool(digests)
            try await Mending.load(spool, place.comparison.receiver)
            let sql = DiffText(route: place.route, buckets: 1).stampedRows
            let node = place.node
            let found = try await place.comparison.receiver.run(deadline: TableDiff.deadline) { session in
                let rows = try session.query(sql)
                return (0..<rows.rowCount).compactMap { row -> (RowDigest, String?, StampedRow.Sight)? in
                    guard let digest = RowDigest(text: rows.text(row, 0)) else { return nil }
                    let stamp = rows[row, 3].map {
                        Stamp(
                            microseconds: Int64(rows.int(row, 5)), origin: $0,
                            transaction: UInt64(rows.text(row, 4)) ?? 0)
                    }
                    let sight = StampedRow.Sight(
                        node: node, isSource: sources.contains(node), hash: rows[row, 1].flatMap { Int64($0) },
                        stamp: stamp, isAsStamped: rows.bool(row, 6))
                    return (digest, rows[row, 2], sight)
                }
            }
            for (digest, key, sight) in found {
                seen[digest, default: Seen()].sights.append(sight)
                if let key { seen[digest]?.key = key }
            }
        }
        return seen
    }

    /// - Parameters:
    ///   - rows: as they are.
    ///   - earlier: as they were when more stamps were known.
    func mend(
        _ rows: [RowDigest: Seen], recalling earlier: [RowDigest: Seen], isDry: Bool
    ) async throws -> StampedDifference {
        var result = StampedDifference(sync: places[0].comparison.stream.sync, table: name)
        // By node: what it loses; and by the node that is right, where the keys of its rows are read.
        var overwritten: [String: [String: [RowDigest]]] = [:]
        var carried: [String: [String: [RowDigest]]] = [:]
        for (digest, row) in rows {
            let before = earlier[digest].map { StampedRow(sights: $0.sights) }
            switch StampedRow(sights: row.sights).recalling(before).decision {
            case .equal: continue
            case .unknown:
                result.left += 1
                if result.samples.count < RowDifferences.samplesMax { result.samples.append(row.key ?? "\(digest)") }
            case .mend(let right):
                result.mended[right, default: 0] += 1
                let hash = row.sights.first { $0.node == right }?.hash
                for sight in row.sights where sight.hash != nil && sight.hash != hash {
                    overwritten[sight.node, default: [:]][right, default: []].append(digest)
                }
                let reader = hash != nil ? right : row.sights.first { $0.hash != nil }?.node
                if let reader { carried[right, default: [:]][reader, default: []].append(digest) }
            }
        }
        guard !isDry else { return result }
        for place in places {
            for (right, digests) in overwritten[place.node] ?? [:] { try await keep(digests, at: place, from: right) }
        }
        for (right, readers) in carried { try await carryAgain(from: right, readers) }
        return result
    }

    /// Keeps in the history what a node will lose.
    private func keep(_ digests: [RowDigest], at place: Place, from right: String) async throws {
        let list = try RepairList()
        for digest in digests { try list.atReceiver.add(digest) }
        let stream = StreamID(sync: place.comparison.stream.sync, source: right, receiver: place.node)
        try await Mending(stream: stream, source: place.comparison.source, receiver: place.comparison.receiver)
            .keep(place.route, list, reason: "repair by stamps")
    }

    /// Has the node that is right send rows again, as if they had just been changed.
    private func carryAgain(from right: String, _ readers: [String: [RowDigest]]) async throws {
        guard let sender = places.first(where: { $0.comparison.stream.source == right }) else { return }
        let source = sender.comparison.source
        let text = DiffText(route: sender.route, buckets: 1)
        try await Mending.makeStage(text, source)
        for place in places {
            guard let digests = readers[place.node] else { continue }
            try await Mending.load(try DigestSpool(digests), place.comparison.receiver)
            let keys = DiffText(route: place.route, buckets: 1).keysOf(atSource: false)
            try await copyBetween(
                from: place.comparison.receiver, "COPY (\(keys)) TO STDOUT", to: source,
                "COPY \(DiffText.keyStageName) FROM STDIN", deadline: TableDiff.deadline)
        }
        try await Mending.touch(text, source)
    }
}
