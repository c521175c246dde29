/// Whether two databases hold the same rows, by a comparison of the benchmark's own.
enum Equality {
    /// What differs; nil where nothing does.
    ///
    /// - Parameter patience: How long rows that are on their way may take.
    static func difference(
        _ tables: [String], _ source: Node, _ targets: [Node], patience: Duration
    ) async throws -> String? {
        let wanted = try await Link.with(source) { try await digests(tables, $0) }
        let end = ContinuousClock.now + patience
        for target in targets {
            var difference = try await compare(tables, wanted, target)
            while difference != nil && ContinuousClock.now < end {
                try await Task.sleep(for: .seconds(1))
                difference = try await compare(tables, wanted, target)
            }
            if let difference { return difference }
        }
        return nil
    }

    private static func compare(_ tables: [String], _ wanted: [String], _ target: Node) async throws -> String? {
        let found = try await Link.with(target) { try await digests(tables, $0) }
        for (table, (one, other)) in zip(tables, zip(wanted, found)) where one != other {
            return "\(table) differs: \(one) rows and their sum at the source, \(other) in \(target.database)"
        }
        return nil
    }

    /// Of each table the number of its rows and the sum of a 64-bit hash of each, in which no order matters.
    private static func digests(_ tables: [String], _ link: Link) async throws -> [String] {
        var digests: [String] = []
        for table in tables {
            digests.append(
                try await link.value(
                    "SELECT count(*) || ' ' || coalesce(sum(hashtextextended(t::text, 0)::numeric), 0) FROM \(table) AS t"
                )
                    ?? "")
        }
        return digests
    }
}
