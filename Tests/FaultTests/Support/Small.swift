import Synchronization

/// Counts calls from one.
final class Counter: Sendable {
    private let count = Mutex(0)

    func next() -> Int {
        count.withLock {
            $0 += 1
            return $0
        }
    }
}

extension Sequence where Element: Sendable {
    /// One after the other.
    func asyncMap<R>(_ body: (Element) async throws -> R) async rethrows -> [R] {
        var results: [R] = []
        for element in self { results.append(try await body(element)) }
        return results
    }
}

/// What is left of deltas at a source.
enum Trimming {
    /// All rows of all delta tables, as one number.
    static let rows = """
        SELECT coalesce(sum((xpath('/row/n/text()', query_to_xml(
                   format('SELECT count(*) AS n FROM %s', delta), false, true, '')))[1]::text::int), 0)
          FROM switchback.replicated_table
         CROSS JOIN LATERAL (VALUES (delta_a), (delta_b)) AS slot (oid)
         CROSS JOIN LATERAL (SELECT slot.oid::regclass AS delta) AS named
         WHERE slot.oid IS NOT NULL
        """
}
