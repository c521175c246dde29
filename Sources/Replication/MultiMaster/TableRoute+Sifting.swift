import Model
import Postgres

/// The statements by which rows are kept out that a table refuses.
extension TableRoute {
    private var texts: String { columns.map { "s.\(SQLText.identifier($0))::text" }.joined(separator: ", ") }
    private var staged: String { list(columns, of: "s") }

    var siftList: String { receiverRender("multimaster/sift_list") }

    var siftInsert: String {
        receiverRender(
            "multimaster/sift_insert", ["table": target.name.sql, "columns": list(columns), "staged": staged])
    }

    var stagedRow: String {
        receiverRender(
            "multimaster/staged_row",
            ["columns": texts, "stamps": stagedStamps.first.map { "s.\($0)::text" } ?? "NULL"])
    }

    var takeOut: String { receiverRender("multimaster/take_out") }

    var markHidden: String {
        receiverRender("multimaster/mark_staged", ["standing": "\(Standing.hidden.rawValue)"])
    }

    var markShown: String {
        receiverRender("multimaster/mark_staged", ["standing": "\(Standing.settled.rawValue)"])
    }

    /// Finds the rows that keep a staged one out by a constraint.
    func findBlockers(_ parts: ConstraintParts) -> String {
        guard let key = receiverKey else { return "" }
        let delta = DeltaColumns(key, of: target)
        let rowKeys = zip(key.columns, delta.columns).map { "t.\(SQLText.identifier($0)) AS \($1.arrayName)" }
        let values = columns.map { "t.\(SQLText.identifier($0))::text" }
        return asVersions(
            receiverRender(
                "multimaster/find_blockers",
                [
                    "row_keys": rowKeys.joined(separator: ", "), "values": values.joined(separator: ", "),
                    "looks_at": parts.looksAt, "where": parts.condition.map { " WHERE \($0)" } ?? "",
                    "staged": whole(parts),
                    "clash": parts.clash,
                ]))
    }

    /// A staged row with the columns that the table generates from it.
    private func whole(_ parts: ConstraintParts) -> String {
        let generated = parts.generated.map { "(\($0.expression)) AS \(SQLText.identifier($0.column))" }
        guard !generated.isEmpty else { return "(SELECT \(staged))" }
        return "(SELECT r.*, \(generated.joined(separator: ", ")) FROM (SELECT \(staged)) AS r)"
    }

    /// The rows that a query finds, with the version that each of them is.
    func asVersions(_ rows: String) -> String {
        guard let masters, let key = receiverKey else { return "" }
        let changed =
            "SELECT c.* FROM (\(ownChanges("true"))) AS c JOIN b ON \(join(.numbered("c"), .numbered("b"), key))"
        let more = stampParts("b", change: "c", versions(masters.receiverID), key, isThere: "true")
        return receiverRender(
            "multimaster/rows_as_versions",
            [
                "rows": rows,
                "changed": lastChange(
                    changed, window: "true", of: target, versions(masters.receiverID), key, at: masters.receiver),
                "more_of": masters.tracksColumns ? ", v.stamps" : "",
                "more": more.columns.isEmpty ? "NULL" : more.columns, "more_joins": more.joins,
                "same_key": join(.numbered("c"), .numbered("b"), key),
                "version_joins": join(.numbered("v"), .numbered("b"), key),
                "context_joins": join(.numbered("x"), .numbered("b"), key),
                "stage_joins": join(.columns("s"), .numbered("b"), key), "node": SQLText.literal(masters.receiver),
            ])
    }

    /// Forgets the versions of one row; the parameters are the key's values.
    var forgetKey: String { receiverRender("multimaster/forget_key", ["condition": keyIsParameters("v")]) }

    private func keyIsParameters(_ row: String) -> String {
        guard let key = receiverKey else { return "false" }
        return DeltaColumns(key, of: target).columns.enumerated().map { index, column in
            "\(row).\(column.arrayName) \(key.equality[index]) \(column.typed("$\(index + 1)"))"
        }.joined(separator: " AND ")
    }

    /// Keeps a version that is not shown: the key's columns, origin, transaction, microseconds, what is stored, the context, the
    /// receiver's snapshot, and the stamps of the columns where the rule needs them.
    var hideVersion: String {
        let keys = (1...max(1, keyCount)).map { "$\($0)" }
        let more = ["origin", "txid", "micros", "stored", "context", "as_of"]
        var values = Dictionary(uniqueKeysWithValues: zip(more, (keyCount + 1)...).map { ($0, "$\($1)") })
        values["more"] = stagedStamps.isEmpty ? "" : ", stamps"
        values["more_values"] = stagedStamps.isEmpty ? "" : ", $\(keyCount + more.count + 1)::jsonb"
        return receiverRender(
            "multimaster/hide_version", values.merging(["parameters": keys.joined(separator: ", ")]) { $1 })
    }

    /// Sends on what lost nodes had written of the rows that are about to leave quarantine. None where there are links, for then it was handed on, and
    /// none where nobody writes.
    func sendOnReleased(sync: String) -> [String] {
        guard let masters, !masters.hasLinks, let deltas = masters.receiverDeltas, let key = receiverKey else {
            return []
        }
        let delta = DeltaColumns(key, of: target)
        let values = release(sync).merging([
            "elements": delta.elements("s"),
            "arrays": delta.columns.map { "ARRAY[e.\($0.arrayName)]" }.joined(separator: ", "),
        ]) { $1 }
        return [(deltas.a, "0"), (deltas.b, "1")].map { name, turn in
            receiverRender("multimaster/send_on_released", values.merging(["delta": name, "turn": turn]) { $1 })
        }
    }

    /// Lets rows out of quarantine that a batch has shown or superseded.
    func releaseShown(sync: String) -> String { receiverRender("multimaster/release_shown", release(sync)) }

    /// Lets rows out of quarantine and of the stage that the table shows.
    func leaveShown(sync: String) -> String {
        let joins = receiverKey.map { join(.columns("s"), .columns("t"), $0) } ?? "false"
        return receiverRender(
            "multimaster/leave_shown",
            release(sync).merging(["target": target.sqlOnly, "joins": joins]) { $1 })
    }

    /// For which reasons the staged rows are in quarantine.
    func keptBefore(sync: String) -> String { receiverRender("multimaster/kept_before", release(sync)) }

    private func release(_ sync: String) -> [String: String] {
        let keys = (receiverKey?.columns ?? []).map { "s.\(SQLText.identifier($0))::text" }
        return [
            "sync": SQLText.literal(sync), "schema": SQLText.literal(name.schema),
            "table_name": SQLText.literal(name.table), "same_key": isKeyOfStaged("q.key_values"),
            "hidden": "\(Standing.hidden.rawValue)", "key_texts": keys.joined(separator: ", "),
        ]
    }

    /// Notes of the rows that came out of quarantine that the table shows them.
    var showVersions: String {
        let names = columns.map(SQLText.literal).joined(separator: ", ")
        return receiverRender(
            "multimaster/show_versions",
            [
                "is_settled": standing(.settled), "shown": "jsonb_object(ARRAY[\(names)], ARRAY[\(texts)])",
                "counters": SQLText.literal((masters?.counters ?? []).postgresArray),
            ])
    }

    /// Lets rows out of quarantine, at the receiver, under whose key something was written there since.
    ///
    /// That is not a matter of stamps: under most rules the version that was written first can be the one that counts.
    var leaveWrittenHere: String {
        guard let masters else { return "" }
        return leaveWritten(ownChanges("true"), versions(masters.receiverID), receiverKey)
    }

    /// - Parameters:
    ///   - changed: the query for what was changed there.
    ///   - versions: what is known there of the rows' versions.
    func leaveWritten(_ changed: String, _ versions: String, _ key: KeyDefinition?) -> String {
        guard let key, let delta = table.deltaColumns else { return "" }
        return SQLTemplate.render(
            "multimaster/leave_written",
            [
                "changed": changed,
                "same_key": delta.matches(
                    texts: "q.key_values", delta.columns.map { "o.\($0.arrayName)" }, key.equality),
                "versions": versions, "version_joins": join(.numbered("v"), .numbered("o"), key),
            ])
    }
}
