import TestSupport

/// Compares all nodes with what an oracle says, when everybody has heard of everything.
struct ScheduleCheck {
    let oracle: Oracle

    /// - Returns: what is wrong.
    func findings(_ place: TestMasters) async throws -> [String] {
        let found = try await place.answers(
            "SELECT string_agg(concat_ws(' ', id, name, n), ', ' ORDER BY id) FROM item")
        var findings = oracle.stampsBehind.map {
            "the stamp of \($0.transaction) at \(Oracle.name($0.node)) is earlier than one that it had seen"
        }
        for (node, rows) in found.enumerated() {
            let wanted = Schedule.keys.compactMap { key in
                oracle.outcome(of: key, at: node).row.map { "\(key) \($0.name) \($0.n)" }
            }.joined(separator: ", ")
            if rows ?? "" != wanted { findings.append("node \(node + 1) shows \(rows ?? ""), and should \(wanted)") }
        }
        for (node, database) in place.nodes.enumerated() {
            findings += try await history(database, node)
            findings += try await versions(database, node)
        }
        return findings
    }

    /// What a node keeps of a row is all that is left of its writes, deletions among them, each with its stamp. It keeps nothing of most
    /// rows: everybody has seen what they show. What it wrote over itself stays until then, and counts for nothing.
    private func versions(_ database: TestDatabase, _ node: Int) async throws -> [String] {
        let rows = try await database.rows(
            "SELECT k1, origin, txid, (extract(epoch FROM at) * 1000000)::bigint, alive FROM switchback.version_1")
        var kept: [String: Set<String>] = [:]
        var findings: [String] = []
        for row in rows.map({ $0.map { $0 ?? "" } }) {
            guard let write = find(row[0], row[1], row[2]) else {
                findings.append("node \(node + 1) keeps a version that nobody wrote: \(row)")
                continue
            }
            guard !oracle.isReplaced(write, at: node) else { continue }
            kept[row[0], default: []].insert("\(row[1]):\(row[2]) at \(row[3]) \(row[4] == "t" ? "there" : "deleted")")
        }
        for (key, versions) in kept {
            let wanted = Set(
                oracle.left(of: Int(key) ?? 0).map { write in
                    "\(Oracle.name(write.node)):\(write.transaction) at \(write.microseconds) \(write.row == nil ? "deleted" : "there")"
                })
            if versions != wanted {
                findings.append(
                    "node \(node + 1) keeps \(versions.sorted()) of key \(key), and should \(wanted.sorted())")
            }
        }
        return findings
    }

    /// The history has every version that is left and not shown, and none that did not lose.
    private func history(_ database: TestDatabase, _ node: Int) async throws -> [String] {
        let rows = try await database.rows(
            "SELECT key_values[1], winner_origin, winner_txid, loser_origin, loser_txid FROM switchback.conflict")
        let told = rows.map { $0.map { $0 ?? "" } }
        var findings: [String] = []
        for entry in told {
            guard let winner = find(entry[0], entry[1], entry[2]), let loser = find(entry[0], entry[3], entry[4]) else {
                findings.append("node \(node + 1) tells of a write that nobody made: \(entry)")
                continue
            }
            if !oracle.areConcurrent(winner, loser) { findings.append("node \(node + 1): \(entry) was no conflict") }
        }
        for key in Schedule.keys {
            for write in oracle.outcome(of: key, at: node).losers {
                let isTold = told.contains {
                    $0[0] == "\(key)" && $0[3] == Oracle.name(write.node) && $0[4] == "\(write.transaction)"
                }
                if !isTold { findings.append("node \(node + 1) does not tell what lost at key \(key)") }
            }
        }
        return findings
    }

    private func find(_ key: String, _ origin: String, _ transaction: String) -> Oracle.Write? {
        oracle.writes.first {
            "\($0.key)" == key && Oracle.name($0.node) == origin && "\($0.transaction)" == transaction
        }
    }
}
