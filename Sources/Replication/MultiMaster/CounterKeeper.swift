import Assets
import Model
import Postgres

/// Adds up the counters of one table's staged rows at a receiver.
///
/// What the sender knows of each row's counters comes with its versions. It is brought together with what the receiver knows, while
/// the rows are locked; the sums are put into the rows that are to be shown, whichever version that is; and what was brought
/// together is kept after the rows are written, in the order in which applications do it.
struct CounterKeeper {
    private let route: TableRoute
    private let masters: MasterRoute
    private let key: KeyDefinition
    private let receiver: String
    private let session: Session

    /// - Returns: nil where the table has no counters.
    init?(_ route: TableRoute, receiver: String, _ session: Session) {
        guard let masters = route.masters, !masters.counters.isEmpty, let key = route.receiverKey else { return nil }
        self.route = route
        self.masters = masters
        self.key = key
        self.receiver = receiver
        self.session = session
    }

    private var stage: String { "pg_temp.switchback_counts_\(route.receiverRelation)" }
    private var counters: String { CounterObjects.tableName(masters.receiverID) }
    private var keys: String { route.numberedKeys.joined(separator: ", ") }
    private var joined: String {
        SQLTemplate.render("multimaster/joined_counts", ["counts": stage, "keys": keys])
    }

    private func makeStage() throws {
        let nulls = DeltaColumns(key, of: route.target).nulls
        try session.execute(SQLTemplate.render("multimaster/counts_stage", ["stage": stage, "nulls": nulls]))
    }

    /// Brings together what both know of the staged rows.
    func gather() throws {
        try makeStage()
        let staged = zip(key.columns, route.numberedKeys).map { "s.\(SQLText.identifier($0)) AS \($1)" }
        try session.execute(
            SQLTemplate.render(
                "multimaster/gather_counts",
                [
                    "counts": stage, "keys": keys, "stage": route.stage, "sent": route.stagedCounts[0],
                    "staged_keys": staged.joined(separator: ", "), "counters": counters,
                    "joins": route.join(.numbered("x"), .columns("s"), key),
                ]))
    }

    /// Puts the sums into the rows that are to be shown.
    ///
    /// - Throws: `StreamStopped` when one has grown out of its column's type.
    func show() throws {
        try refuseOverflow()
        let sql = showCounts
        do { try session.execute(sql) } catch {
            guard error.sqlState == "22003" else { throw error }
            throw outgrown("a counter", "has grown out of its type (\(error.message))")
        }
    }

    private func refuseOverflow() throws {
        let joins = route.join(.columns("s"), .numbered("j"), key)
        let texts = route.numberedKeys.map { "j.\($0)" }.joined(separator: ", ")
        let found = try session.query(
            SQLTemplate.render(
                "multimaster/find_overflow",
                [
                    "joined": joined, "keys": keys, "key_texts": texts, "limits": limits, "stage": route.stage,
                    "flag": route.flagName, "joins": joins,
                ]))
        guard found.rowCount > 0 else { return }
        throw outgrown(
            "counter \(found.text(0, 1))",
            "has come to \(found.text(0, 2)) in the row with key \(found.text(0, 0))")
    }

    private var showCounts: String {
        let sums = masters.counters.enumerated().map { index, counter in
            "sum(sum) FILTER (WHERE counter = \(SQLText.literal(counter))) AS sum\(index)"
        }
        let assignments = masters.counters.enumerated().map { index, counter in
            let (name, sum) = (SQLText.identifier(counter), "j.sum\(index)")
            let type = route.target.column(counter)?.bareType ?? "numeric"
            return
                "\(name) = CASE WHEN \(sum) IS NULL OR \(sum) = 0 AND s.\(name) IS NULL THEN s.\(name) ELSE \(sum)::\(type) END"
        }
        return SQLTemplate.render(
            "multimaster/show_counts",
            [
                "stage": route.stage, "flag": route.flagName, "joined": joined, "keys": keys,
                "joins": route.join(.columns("s"), .numbered("j"), key),
                "sums": sums.joined(separator: ", "), "assignments": assignments.joined(separator: ", "),
            ])
    }

    /// Keeps what was brought together.
    func keep() throws {
        try session.execute(
            SQLTemplate.render("multimaster/keep_counts", ["counters": counters, "keys": keys, "joined": joined]))
    }

    /// Forgets what this node added itself, before what others know of it is taken over: it is at an earlier moment, and has counted on from there.
    func forgetOwn() throws {
        _ = try session.query(
            SQLTemplate.render("copy/forget_own_counts", ["counters": counters]), [receiver])
    }

    /// Begins to take over all that a source knows of the table's counters, in a transaction that `keep` and a commit end.
    ///
    /// - Returns: what it is copied with, out of the source and in here.
    func beginTakingOver() throws -> (out: String, into: String) {
        try session.execute("BEGIN")
        try makeStage()
        let read = SQLTemplate.render(
            "copy/all_counts", ["counters": CounterObjects.tableName(route.sourceID), "keys": keys])
        return ("COPY (\(read)) TO STDOUT", "COPY \(stage) (\(keys), counter, origin, sum, changes) FROM STDIN")
    }

    private func outgrown(_ what: String, _ how: String) -> StreamStopped {
        StreamStopped(
            message: "\(what) of \(route.name) at \(receiver) \(how): more than its type takes",
            hint: "give the column a larger type at every node, such as bigint or numeric; the stream goes on by itself"
        )
    }

    /// What each counter's type takes, where that is a type of whole numbers.
    private var limits: String {
        let limits = masters.counters.map { counter -> String in
            let column = route.target.column(counter)
            let bounds =
                switch CounterType(column) {
                case .smallint: "-32768, 32767"
                case .integer: "-2147483648, 2147483647"
                case .bigint: "-9223372036854775808, 9223372036854775807"
                case .numeric, nil: "'-Infinity'::numeric, 'Infinity'::numeric"
                }
            return "(\(SQLText.literal(counter)), \(bounds))"
        }
        return limits.joined(separator: ", ")
    }
}

/// The types that counters can have: those that are added up without rounding.
enum CounterType: String {
    case smallint = "pg_catalog.int2"
    case integer = "pg_catalog.int4"
    case bigint = "pg_catalog.int8"
    /// As Postgres quotes it, for it is a word of SQL.
    case numeric = "pg_catalog.\"numeric\""

    /// - Returns: nil for all other types.
    init?(_ column: ColumnDefinition?) {
        guard let column else { return nil }
        self.init(rawValue: column.domainBase ?? column.bareType)
    }
}
