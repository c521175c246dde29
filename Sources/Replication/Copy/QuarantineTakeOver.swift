import Assets
import Model
import Postgres

/// Has a receiver take over what its source keeps in quarantine of one table.
///
/// Such a row is in no table, and the streams of a node that joins begin past it: nothing else tells the node of it. With it goes what the
/// source knows of the versions of the table's rows, for these tell which row gives way to which when something leaves.
struct QuarantineTakeOver {
    let stream: StreamID
    private let route: TableRoute
    private let masters: MasterRoute
    private let sourceKey: KeyDefinition
    private let key: KeyDefinition

    /// - Returns: nil where no rows of the table are kept out; and with links, for there all versions travel once more.
    init?(_ stream: StreamID, _ route: TableRoute) {
        guard let masters = route.masters, !masters.hasLinks, let sourceKey = route.table.key,
            let key = route.receiverKey
        else { return nil }
        self.stream = stream
        self.route = route
        self.masters = masters
        self.sourceKey = sourceKey
        self.key = key
    }

    /// What is done with the receiver's own rows.
    struct Manner: Sendable {
        /// Rows that the source keeps out are taken out of the receiver's table. Otherwise those that it shows stay.
        let takesOut: Bool
        /// Rows that the source has seen and does not keep out leave the receiver's quarantine. Only before the tables are compared: if the
        /// source shows them they are found missing then.
        let forgets: Bool
        /// Why rows go to the history.
        let reason: String
    }

    /// Takes over what is in quarantine at the source now.
    ///
    /// - Throws: `PostgresError`; nothing was taken over then.
    func run(_ source: Connection, _ receiver: Connection, _ manner: Manner) async throws {
        let isThere = try await hasRows(source)
        if !isThere {
            guard manner.forgets, try await hasRows(receiver) else { return }
        }
        do {
            let seen = try await beginReading(source)
            let stages = makeStages
            try await receiver.run(deadline: StreamRunner.stepDeadline) { session in
                try session.execute("BEGIN")
                for stage in stages { try session.execute(stage) }
            }
            for copy in copies {
                try await copyBetween(
                    from: source, copy.out, to: receiver, copy.into, deadline: StreamRunner.batchDeadline)
            }
            try await receiver.run(deadline: StreamRunner.batchDeadline) { session in
                try takeOver(seen, manner, session)
                try session.execute("COMMIT")
            }
            await source.rollBack()
        } catch {
            await source.rollBack()
            await receiver.rollBack()
            throw error
        }
    }

    /// The rows that the source keeps out and does not show, by the digests of their keys: they are not sent again, for without a row that would
    /// be their deletion.
    func digests(_ source: Connection) async throws -> Set<RowDigest> {
        let question = keptDigests
        return try await source.run(deadline: StreamRunner.batchDeadline) { session in
            let answer = try session.query(question)
            return Set((0..<answer.rowCount).compactMap { RowDigest(text: answer.text($0, 0)) })
        }
    }

    private func hasRows(_ connection: Connection) async throws -> Bool {
        let (sync, name) = (stream.sync, route.name)
        return try await connection.run(deadline: StreamRunner.stepDeadline) { session in
            Quarantine.tables(try session.query(Assets.sql("multimaster/quarantined_tables"), [sync])).contains(name)
        }
    }

    /// Begins to read the source in one snapshot.
    ///
    /// - Returns: what it has seen of the others.
    private func beginReading(_ source: Connection) async throws -> Knowledge {
        let sync = stream.sync
        return try await source.run(deadline: StreamRunner.stepDeadline) { session in
            try session.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            return Knowledge(rows: try session.query(Assets.sql("multimaster/seen"), [sync]))
        }
    }

    /// Takes over what is staged, with the streams and the applications at the receiver locked out.
    private func takeOver(_ seen: Knowledge, _ manner: Manner, _ session: Session) throws {
        // What the receiver has changed and the source has not seen is settled when it is sent.
        let unsent = seen.snapshots[stream.receiver].map { Window(after: $0).condition } ?? "true"
        let theirs = seen.union(.all(of: stream.source))
        _ = try session.query(Assets.sql("multimaster/lock_sync"), [stream.sync])
        try session.execute("LOCK TABLE \(route.target.sqlOnly) IN SHARE ROW EXCLUSIVE MODE")
        try session.execute(spareRows(unsent, theirs))
        if !manner.takesOut { try session.execute(render("copy/spare_shown")) }
        try session.execute(spareVersions(theirs))
        if manner.forgets {
            let unseen = theirs.lacks(origin: "q.origin", transaction: "q.txid")
            let values = ["unseen": unseen, "reason": SQLText.literal(manner.reason)]
            try session.execute(render("copy/forget_kept", values))
        }
        if manner.takesOut { try session.execute(takeOut(manner.reason)) }
        try session.execute(render("copy/forget_known"))
        try session.execute(render("copy/take_over_versions"))
        try session.execute(render("copy/take_over_rows"))
    }
}

/// The statements.
extension QuarantineTakeOver {
    private var rows: String { "pg_temp.switchback_quarantined_\(route.receiverRelation)" }
    private var known: String { "pg_temp.switchback_known_\(route.receiverRelation)" }
    private var stamps: [String] { masters.tracksColumns ? ["stamps"] : [] }
    private var delta: DeltaColumns { DeltaColumns(key, of: route.target) }
    private var sourceDelta: DeltaColumns { DeltaColumns(sourceKey, of: route.table.definition) }

    private func render(_ template: String, _ values: [String: String] = [:]) -> String {
        let usual = [
            "sync": SQLText.literal(stream.sync), "source": SQLText.literal(stream.source),
            "schema": SQLText.literal(route.name.schema), "table_name": SQLText.literal(route.name.table),
            "rows": rows, "known": known, "keys": delta.names, "versions": route.versions(masters.receiverID),
            "version_joins": route.join(.numbered("v"), .numbered("s"), key), "target": route.target.sqlOnly,
            "more": stamps.map { ", \($0)" }.joined(), "is_row": isKeyOfRow("t", key, delta),
        ]
        return SQLTemplate.render(template, usual.merging(values) { $1 })
    }

    /// The condition that q has the key of a row of the table.
    private func isKeyOfRow(_ row: String, _ key: KeyDefinition, _ delta: DeltaColumns) -> String {
        let columns = key.columns.map { "\(row).\(SQLText.identifier($0))" }
        return delta.matches(texts: "q.key_values", columns, key.equality)
    }

    /// The condition that q has a key that stands as k1, k2, ….
    private func isKey(_ row: String, _ key: KeyDefinition, _ delta: DeltaColumns) -> String {
        delta.matches(texts: "q.key_values", delta.columns.map { "\(row).\($0.arrayName)" }, key.equality)
    }

    fileprivate var makeStages: [String] { [render("copy/kept_rows_stage"), render("copy/kept_versions_stage")] }

    /// What is copied, out of the source and into the receiver's stages.
    fileprivate var copies: [(out: String, into: String)] {
        let values = [
            "changed": route.sourceChanges, "versions": route.versions(route.sourceID),
            "version_joins": route.join(.numbered("v"), .numbered("o"), sourceKey),
            "same_key": isKey("o", sourceKey, sourceDelta),
            "keys": sourceDelta.columns.map { "v.\($0.arrayName)" }.joined(separator: ", "),
            "more": stamps.map { ", v.\($0)" }.joined(),
        ]
        let keptRows = render("copy/kept_rows", values)
        let keptVersions = render("copy/kept_versions", values)
        return [
            ("COPY (\(keptRows)) TO STDOUT", "COPY \(rows) FROM STDIN"),
            ("COPY (\(keptVersions)) TO STDOUT", "COPY \(known) FROM STDIN"),
        ]
    }

    fileprivate var keptDigests: String {
        render(
            "copy/kept_digests",
            [
                "key_text": DiffText.text(sourceDelta.values(texts: "q.key_values")),
                "table": route.table.definition.sqlOnly, "is_row": isKeyOfRow("t", sourceKey, sourceDelta),
            ])
    }

    fileprivate func spareRows(_ unsent: String, _ theirs: Knowledge) -> String {
        render(
            "copy/spare_rows",
            [
                "changed": route.ownChanges(unsent), "same_key": isKey("o", key, delta),
                "has_version": isKey("v", key, delta), "unseen": theirs.lacksEntry,
            ])
    }

    fileprivate func spareVersions(_ theirs: Knowledge) -> String {
        render(
            "copy/spare_versions",
            [
                "changed": route.ownChanges("true"), "known_joins": route.join(.numbered("o"), .numbered("s"), key),
                "has_row": isKey("s", key, delta), "unseen": theirs.lacksEntry,
            ])
    }

    /// All that the receiver's rows hold goes to the history: also what does not travel.
    fileprivate func takeOut(_ reason: String) -> String {
        let columns = route.target.columns.map(\.name)
        return render(
            "copy/take_out_kept",
            [
                "reason": SQLText.literal(reason), "columns": SQLText.literal(columns.postgresArray) + "::text[]",
                "values": columns.map { "t.\(SQLText.identifier($0))::text" }.joined(separator: ", "),
            ])
    }
}

extension QuarantineTakeOver.Manner {
    /// Before the tables are compared.
    init(before choice: CopyChoice) {
        // What is to be replaced is emptied, and what nobody decided about is left alone.
        self.init(takesOut: choice == .repair, forgets: choice.isDecided, reason: Self.reason(choice))
    }

    /// Once the receiver has the source's rows, or is about to.
    init(after choice: CopyChoice) { self.init(takesOut: true, forgets: false, reason: Self.reason(choice)) }

    private static func reason(_ choice: CopyChoice) -> String {
        switch choice {
        case .refuse: "copy"
        case .repair: "copy --repair"
        case .replace: "copy --replace"
        }
    }
}
