import Assets
import Model
import Postgres

/// Writes a staged batch between masters: what nobody else changed as it is, all else as the rule settles it.
///
/// Rows are locked before anything is looked up, so that no application changes them in between. A row that is not there cannot
/// be locked: where an application wrote one meanwhile, the batch is begun again.
struct MultiMasterApplier {
    let applier: BatchApplier
    let session: Session
    /// No application may write the tables meanwhile: unique values change places.
    let isAlone: Bool
    /// What the sender had seen, and what this node has.
    private let theirs: Knowledge
    private let mine: Knowledge
    /// The tables that have rows in quarantine here.
    private let quarantined: Set<TableName>
    private let references: ReferenceKeeper
    /// The number of this transaction, in a sync with links.
    private let transaction: UInt64?

    /// Has this stream be the only one that writes at the receiver, until the transaction ends.
    ///
    /// - Parameters:
    ///   - cursor: the stream's, before the batch.
    ///   - routes: the tables that the batch has something of.
    ///   - isAlone: locks out applications, for what could not be written beside them.
    init(
        _ applier: BatchApplier, _ head: BatchHead, cursor: Cursor, _ routes: [TableRoute], isAlone: Bool,
        _ session: Session
    ) throws {
        self.applier = applier
        self.session = session
        self.isAlone = isAlone
        let stream = applier.stream
        theirs = applier.knowledge(head) ?? Knowledge()
        // What is kept out may be in tables that the batch has nothing of.
        let reach = isAlone ? Array(applier.routes.routes.values) : routes
        let answers = try session.pipeline { pipeline in
            pipeline.query(Assets.sql("multimaster/lock_sync"), [stream.sync])
            let seen = Knowledge.question(hasLinks: applier.routes.hasLinks)
            for question in [seen, "multimaster/quarantined_tables"] {
                pipeline.prepareIfNeeded(question, Assets.sql(question))
                pipeline.prepared(question, [stream.sync])
            }
            pipeline.prepareIfNeeded(ForeignKey.query, Assets.sql(ForeignKey.query))
            pipeline.prepared(ForeignKey.query, [stream.sync, reach.map(\.receiverRelation).postgresArray])
        }
        if applier.routes.hasLinks {
            guard let known = KnowledgeOfAll(rows: answers[1]), let number = known.transaction else {
                throw StreamStopped.linksUnknown(stream, at: stream.receiver)
            }
            transaction = number
            mine = known.own.union(.all(of: stream.receiver))
        } else {
            transaction = nil
            var seen = Knowledge(rows: answers[1]).snapshots
            // It has moved already, in this transaction.
            seen[stream.source] = cursor.snapshot
            mine = Knowledge(seen).union(.all(of: stream.receiver))
        }
        quarantined = Set(Quarantine.tables(answers[2]))
        references = ReferenceKeeper(ForeignKey.list(answers[3]), applier.routes.routes.values, session)
    }

    /// Writes what was staged of these tables.
    ///
    /// - Returns: under whose keys applications can still write before the batch is committed.
    /// - Throws: `Overtaken` when an application wrote rows of the batch meanwhile; `PostgresError`. Nothing is to be kept then.
    func apply(_ staged: [TableRoute]) throws -> LateWrites? {
        guard !staged.isEmpty else { return nil }
        let routes = references.keys.parentsFirst(staged)
        try handOn(routes)
        if isAlone { try lockOut(routes) }
        let written = try routes.map(write)
        let orphaned = try keepOrphansOut(written)
        for table in written { try finish(table, hasOrphans: orphaned.contains(table.route.receiverRelation)) }
        let absent = written.filter(\.hasAbsent)
        let late = LateWrites(applier.stream, absent.map(\.route), since: absent.first?.asOf)
        try late?.owe(session)
        return late
    }

    /// In a sync with links: leaves out what came another way before, and notes the rest as what is to be handed on.
    private func handOn(_ routes: [TableRoute]) throws {
        guard let transaction else { return }
        var isHandedOn = false
        for route in routes {
            _ = try session.query(route.dropKnown(mine))
            guard let handOn = route.handOn(in: transaction) else { continue }
            isHandedOn = try session.query(handOn).affectedRows > 0 || isHandedOn
        }
        if isHandedOn { _ = try session.query("SELECT switchback.ring()") }
    }

    /// Locks applications out of the tables, and of those whose rows refer to theirs.
    private func lockOut(_ routes: [TableRoute]) throws {
        let relations = references.keys.dependents(of: routes.map(\.receiverRelation))
        let names = relations.compactMap { references.routes[$0]?.target.sqlOnly }.sorted()
        try session.execute("LOCK TABLE \(names.joined(separator: ", ")) IN SHARE ROW EXCLUSIVE MODE")
    }

    /// A table of the batch that was written.
    private struct Written {
        let route: TableRoute
        let counters: CounterKeeper?
        let asOf: Snapshot
        /// Of some keys no row was there, and perhaps none is now.
        let hasAbsent: Bool
        /// It was looked through row by row.
        let isSifted: Bool
    }

    private func write(_ route: TableRoute) throws -> Written {
        let counters = CounterKeeper(route, receiver: applier.stream.receiver, session)
        let (asOf, unseen, absent) = try lookUp(route, counters)
        if unseen > 0 {
            let settler = RowSettler(
                route, sync: applier.stream.sync, mine: mine, theirs: theirs, asOf: asOf, session)
            try settler.settle()
        }
        try counters?.show()
        try references.leaveStaged(route)
        let isSifted = try write(route, asOf)
        return Written(route: route, counters: counters, asOf: asOf, hasAbsent: absent > 0, isSifted: isSifted)
    }

    /// Locks the rows that are to be written, and looks for such as cannot be written as they came.
    ///
    /// - Returns: what was there when they were looked for, how many they are, and of how many nothing can be locked.
    private func lookUp(
        _ route: TableRoute, _ counters: CounterKeeper?
    ) throws -> (asOf: Snapshot, unseen: Int, absent: Int) {
        if let counters {
            _ = try session.pipeline { lock(route, &$0) }
            try counters.gather()
        }
        // With applications locked out none comes between.
        let marking = isAlone ? nil : route.markAbsent
        let answers = try session.pipeline { pipeline in
            if counters == nil { lock(route, &pipeline) }
            pipeline.query(Snapshot.question)
            pipeline.query(route.findUnseen(theirs))
            if let marking { pipeline.query(marking) }
        }.suffix(marking == nil ? 2 : 3).map(\.self)
        guard answers.count > 1 else { throw PostgresError(.misuse, "the receiver did not answer") }
        let absent = marking == nil ? 0 : answers[2].affectedRows
        return (try Snapshot(answer: answers[0]), answers[1].affectedRows, absent)
    }

    private func lock(_ route: TableRoute, _ pipeline: inout Pipeline) {
        pipeline.query(route.raiseFloor)
        pipeline.query(route.lockRows)
    }

    /// Looks, when all tables are written, for rows that refer to a row that is not there. To keep them out is a matter for when no
    /// application can come between.
    ///
    /// - Returns: the tables of which rows were kept out.
    private func keepOrphansOut(_ written: [Written]) throws -> Set<UInt32> {
        guard !references.keys.isEmpty else { return [] }
        try session.execute("SET LOCAL enable_seqscan = off")
        let violation = try references.firstViolation(written.map(\.route))
        try session.execute("SET LOCAL enable_seqscan TO DEFAULT")
        guard let violation else { return [] }
        guard isAlone else { throw violation.key.violation(by: violation.route.name.table) }
        let known = Dictionary(written.map { ($0.route.receiverRelation, $0.asOf) }, uniquingKeysWith: { $1 })
        var orphaned: Set<UInt32> = []
        try references.settle { route, rows, refusal in
            try sifter(route, known[route.receiverRelation] ?? Snapshot.current(session)).keepOut(rows, refusal)
            orphaned.insert(route.receiverRelation)
        }
        return orphaned
    }

    private func sifter(_ route: TableRoute, _ asOf: Snapshot) throws -> RowSifter {
        try RowSifter(
            route, sync: applier.stream.sync, context: theirs, asOf: asOf, references: references, session)
    }

    /// Keeps what is to be known of the rows that were written.
    private func finish(_ table: Written, hasOrphans: Bool) throws {
        let route = table.route
        let hasQuarantine = table.isSifted || hasOrphans || quarantined.contains(route.name)
        let overtaken = route.findOvertaken(since: table.asOf)
        if let counters = table.counters {
            if let overtaken { try refuse(overtaken: session.query(overtaken)) }
            try counters.keep()
        }
        let answers = try session.pipeline { pipeline in
            // What follows is undone with the rest where a row was overtaken.
            if table.counters == nil, let overtaken { pipeline.query(overtaken) }
            pipeline.query(route.forgetPlain)
            if route.masters?.rule == .hold { pipeline.query(route.decideStaged(sync: applier.stream.sync)) }
            // Rows that others have to give way to, or that give way to others, must be known with their stamps.
            let tellsAll = route.masters?.tellsAll == true || hasQuarantine
            if tellsAll || table.hasAbsent {
                // That a row is gone must be known with what had been seen where one may be written now.
                pipeline.query(
                    route.tellVersions(onlyAbsent: !tellsAll),
                    [transaction == nil ? theirs.json : nil, table.asOf.description])
            }
            if hasQuarantine { pipeline.query(route.releaseShown(sync: applier.stream.sync)) }
        }
        if table.counters == nil, overtaken != nil, let first = answers.first { try refuse(overtaken: first) }
    }

    private func refuse(overtaken found: QueryResult) throws {
        guard found.int(0, 0) == 0 else { throw Overtaken() }
    }

    /// Writes what is staged. What the table refuses is a matter for when no application can come between: then it is kept out.
    ///
    /// - Returns: whether the table was looked through row by row.
    private func write(_ route: TableRoute, _ asOf: Snapshot) throws -> Bool {
        guard isAlone else {
            try applier.mergeVersions(route, isAlone: false, on: session)
            return false
        }
        try session.execute("SAVEPOINT switchback_write")
        do {
            try applier.mergeVersions(route, isAlone: true, on: session)
            try session.execute("RELEASE SAVEPOINT switchback_write")
            return false
        } catch let error as PostgresError where error.isRefusal {
            try session.execute("ROLLBACK TO SAVEPOINT switchback_write")
            try session.execute("RELEASE SAVEPOINT switchback_write")
            try sifter(route, asOf).sift()
            return true
        }
    }
}

/// An application wrote rows of a batch while it was being applied.
struct Overtaken: Error, Sendable {}
