import Foundation
import Model
import Postgres

/// How knowledge stands in the nodes' tables: a JSON object of snapshots by the names of the nodes.
extension Knowledge {
    /// The SQL that asks a node what it has seen.
    static func question(hasLinks: Bool) -> String { hasLinks ? "multimaster/known" : "multimaster/seen" }

    /// What `multimaster/seen` answers.
    init(rows: QueryResult) {
        var snapshots: [String: Snapshot] = [:]
        for row in 0..<rows.rowCount { snapshots[rows.text(row, 0)] = Snapshot(rows.text(row, 1)) }
        self.init(snapshots)
    }

    /// - Returns: nil when the text is not of that form.
    init?(json: String) {
        guard let names = try? JSONDecoder().decode([String: String].self, from: Data(json.utf8)) else { return nil }
        self.init(names.compactMapValues { Snapshot($0) })
    }

    var json: String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        let names = snapshots.mapValues(\.description)
        // A dictionary of strings can always be encoded.
        return (try? encoder.encode(names)).map { String(decoding: $0, as: UTF8.self) } ?? "{}"
    }

    /// What is known together with a snapshot of one more node, or a later one of the same.
    func adding(_ node: String, _ snapshot: Snapshot) -> Knowledge {
        var more = self
        more.learn(snapshot, of: node)
        return more
    }

    func union(_ other: Knowledge?) -> Knowledge {
        guard let other else { return self }
        var more = self
        more.formUnion(other)
        return more
    }

    /// Everything that a node wrote itself.
    static func all(of node: String) -> Knowledge { Knowledge([node: Snapshot(xmin: .max, xmax: .max)]) }

    /// SQL: whether the version of an entry, v, is not in it.
    var lacksEntry: String { lacks(origin: "v.origin", transaction: "v.txid") }

    /// SQL: whether a version is not in it.
    func lacks(origin: String, transaction: String) -> String {
        let cases = snapshots.sorted { $0.key < $1.key }.map { node, snapshot in
            let isNews =
                snapshot.xmax == .max
                ? "false" : "NOT pg_visible_in_snapshot(\(transaction)::text::xid8, '\(snapshot)'::pg_snapshot)"
            return "WHEN \(SQLText.literal(node)) THEN \(isNews)"
        }
        return cases.isEmpty ? "true" : "CASE \(origin) \(cases.joined(separator: " ")) ELSE true END"
    }
}
