import Assets
import Model
import Postgres
import Settings

/// What an installation tells while it works.
public enum InstallProgress: Sendable {
    /// A step was done at a node, after so many others, of so many in all.
    case done(node: String, step: String, number: Int, of: Int)
    /// A step waits for transactions that use its table; it lets them and others pass in between.
    case waiting(node: String, step: String)
    case warning(node: String, message: String)
}

/// Puts the `switchback` schema, the capture triggers and the fences into the nodes, and takes them away again.
public struct Installer: Sendable {
    let cluster: Cluster

    public init(_ cluster: Cluster) { self.cluster = cluster }

    /// What an installation would do now, node by node, changing nothing.
    ///
    /// - Parameter partsSequences: whether sequences that hand out the same values at several sources are given a stride.
    /// - Throws: `NodeUnreachable`; `SetupRefused` with everything that forbids it.
    public func plan(partsSequences: Bool = false) async throws -> [(node: String, steps: [InstallStep])] {
        let survey = try await Survey.take(cluster)
        try survey.requireFitness()
        let parts = partsSequences ? sequenceSteps(survey) : [:]
        var plans: [(node: String, steps: [InstallStep])] = []
        for node in nodesInOrder {
            guard let catalogue = survey.catalogues[node.name] else { continue }
            let (_, state) = try await look(node.name)
            plans.append(
                (
                    node.name,
                    schemaSteps(node.name, catalogue.facts, state) + tableSteps(node.name, survey, state)
                        + (parts[node.name] ?? [])
                ))
        }
        return plans
    }

    /// Installs, or brings an installation up to date. Safe to run again, and beside another.
    ///
    /// - Parameter partsSequences: whether sequences that hand out the same values at several sources are given a stride.
    /// - Throws: `NodeUnreachable` and `SetupRefused` before anything is changed; `PostgresError` in the middle, after which it can be run again.
    public func install(
        partsSequences: Bool = false, progress: @escaping @Sendable (InstallProgress) -> Void
    ) async throws {
        let survey = try await Survey.take(cluster)
        try survey.requireFitness()
        let parts = partsSequences ? sequenceSteps(survey) : [:]
        for node in nodesInOrder {
            try await locked(node.name) { connection in
                let steps = try await connection.run(deadline: .seconds(60)) { session in
                    // Read under the lock: another installer may have been here.
                    let (now, state) = try Self.look(node.name, session)
                    try checkIdentity(node.name, facts: now, session: session, state: state)
                    return schemaSteps(node.name, now, state) + tableSteps(node.name, survey, state)
                        + (parts[node.name] ?? [])
                }
                try await run(steps, on: connection, node: node.name, progress: progress)
            }
        }
    }

    /// Targets come before sources. A table that goes is then forgotten at its targets first, and one of its name that comes
    /// back is copied to them, wherever an installation was cut off. The other way round they would take their old rows for
    /// those of the new table.
    private var nodesInOrder: [NodeSettings] {
        let sources = Set(cluster.settings.syncs.flatMap(\.sources))
        let nodes = cluster.settings.nodes
        return nodes.filter { !sources.contains($0.name) } + nodes.filter { sources.contains($0.name) }
    }

    /// Runs the migrations that an older installation lacks, and leaves tables as they are.
    public func upgrade(progress: @escaping @Sendable (InstallProgress) -> Void) async throws {
        for node in cluster.settings.nodes {
            try await locked(node.name) { connection in
                let steps = try await connection.run(deadline: .seconds(60)) { session in
                    let (facts, state) = try Self.look(node.name, session)
                    guard facts.isInstalled else {
                        throw SetupRefused([
                            Finding(
                                .problem, node: node.name, "Switchback is not installed here",
                                remedy: "switchback schema install")
                        ])
                    }
                    return schemaSteps(node.name, facts, state)
                }
                try await run(steps, on: connection, node: node.name, progress: progress)
            }
        }
    }

    /// What an upgrade would do.
    public func upgradePlan() async throws -> [(node: String, steps: [InstallStep])] {
        var plans: [(node: String, steps: [InstallStep])] = []
        for node in cluster.settings.nodes {
            let (facts, state) = try await look(node.name)
            plans.append((node.name, facts.isInstalled ? schemaSteps(node.name, facts, state) : []))
        }
        return plans
    }

    /// What an uninstallation would do.
    public func uninstallPlan() async throws -> [(node: String, steps: [InstallStep])] {
        var plans: [(node: String, steps: [InstallStep])] = []
        for node in cluster.settings.nodes {
            let (facts, state) = try await look(node.name)
            plans.append((node.name, removalSteps(facts, state)))
        }
        return plans
    }

    /// Takes everything away, in small transactions so that thousands of tables do not exhaust the lock table.
    public func uninstall(progress: @escaping @Sendable (InstallProgress) -> Void) async throws {
        for node in cluster.settings.nodes {
            try await locked(node.name) { connection in
                let steps = try await connection.run(deadline: .seconds(60)) { session in
                    let (facts, state) = try Self.look(node.name, session)
                    return removalSteps(facts, state)
                }
                try await run(steps, on: connection, node: node.name, progress: progress)
            }
        }
    }

    // MARK: - Deciding

    private func look(_ node: String) async throws -> (ServerFacts, InstalledState) {
        let connection = try await cluster.open(node, purpose: "schema")
        do {
            let result = try await connection.run(deadline: .seconds(60)) { try Self.look(node, $0) }
            await connection.close()
            return result
        } catch {
            await connection.close()
            throw error
        }
    }

    /// - Throws: `SetupRefused` when a newer program has been here, whose doings this one does not understand.
    private static func look(_ node: String, _ session: Session) throws -> (ServerFacts, InstalledState) {
        let facts = try CatalogueReader.serverFacts(session)
        let state = try InstalledState.read(session, installed: facts.isInstalled)
        if let version = state.unknownVersion {
            throw SetupRefused([
                Finding(
                    .problem, node: node,
                    "the schema switchback is of a newer version: migration \(version) is not known to this program",
                    remedy: "use the Switchback that installed it, or a newer one")
            ])
        }
        return (facts, state)
    }

    private func schemaSteps(_ node: String, _ facts: ServerFacts, _ state: InstalledState) -> [InstallStep] {
        var steps: [InstallStep] = []
        if !facts.hasSchema {
            steps.append(InstallStep("create schema switchback", [SQLTemplate.render("install/make_schema")]))
        }
        for migration in Assets.migrations where !state.versions.contains(migration.version) {
            let record = SQLTemplate.render(
                "install/record_migration",
                ["version": "\(migration.version)", "name": SQLText.literal(migration.name)])
            steps.append(InstallStep("migration \(migration.name)", [migration.sql, record]))
        }
        if !state.isRecorded {
            let record = SQLTemplate.render(
                "install/record_node",
                [
                    "cluster": SQLText.literal(cluster.settings.cluster), "name": SQLText.literal(node),
                    "system_identifier": SQLText.literal(facts.systemIdentifier),
                    "database_oid": "\(facts.databaseOID)",
                ])
            steps.append(InstallStep("record the node as \(node)", [record]))
        }
        let gated = cluster.settings.syncs.filter { cluster.settings.isGated(node, $0) }
        if !gated.isEmpty && !state.hasFence {
            let isStandby = gated.contains { $0.standbys.contains(node) }
            let begin = SQLTemplate.render("fence/begin", ["closed": isStandby ? "true" : "false"])
            steps.append(InstallStep("\(isStandby ? "close" : "open") the node's fence", [begin]))
        }
        return steps
    }

    private func tableSteps(_ node: String, _ survey: Survey, _ state: InstalledState) -> [InstallStep] {
        var desired = Self.desired(node, survey)
        // A fence that somebody asked for stays until all is taken away.
        for index in desired.indices where state.hasFence {
            desired[index].gatedBy = desired[index].gatedBy ?? desired[index].syncs.min()
        }
        return memberSteps(node, state) + linkSteps(node, state)
            + InstallPlan(node: node, desired: desired, installed: state).steps()
    }

    /// What parts the sequences that would collide, by node. A sequence of several syncs is parted for the one with the most sources.
    private func sequenceSteps(_ survey: Survey) -> [String: [InstallStep]] {
        var steps: [String: [InstallStep]] = [:]
        var parted: Set<TableName> = []
        let syncs = survey.settings.syncs.filter(\.isMultiMaster).sorted { $0.sources.count > $1.sources.count }
        for sync in syncs {
            let parts = GeneratedKeys.parts(sync, catalogues: survey.catalogues).filter { !parted.contains($0.name) }
            for part in parts { steps[part.node, default: []].append(part.step) }
            parted.formUnion(parts.map(\.name))
        }
        return steps
    }

    /// Nodes that have left a sync for good: the others go on without them.
    private func memberSteps(_ node: String, _ state: InstalledState) -> [InstallStep] {
        cluster.settings.syncs.filter { $0.sources.contains(node) }.flatMap { sync -> [InstallStep] in
            let left = state.members.filter { $0.sync == sync.name }.map(\.node)
                .filter { !(sync.sources + sync.targets).contains($0) }
            return left.map { other in
                InstallStep(
                    "count on \(other) no more, which has left sync \(sync.name)",
                    [
                        SQLTemplate.render(
                            "membership/part_from",
                            ["sync": SQLText.literal(sync.name), "node": SQLText.literal(other)])
                    ],
                    warning:
                        "what \(other) holds stays as it is, with the schema and the triggers of switchback: DROP SCHEMA switchback CASCADE in its database takes them away"
                )
            }
        }
    }

    /// What a node is to know of the other sources, where syncs have links.
    private func linkSteps(_ node: String, _ state: InstalledState) -> [InstallStep] {
        cluster.settings.syncs.compactMap { sync in
            guard let links = sync.links, (sync.sources + sync.targets).contains(node) else { return nil }
            let neighbours = links.neighbours(of: node)
            let members = state.members.filter { $0.sync == sync.name }.map(\.node)
            let isUpToDate = state.linked[sync.name] == Set(sync.sources) && members.allSatisfy(neighbours.contains)
            guard !isUpToDate else { return nil }
            return InstallStep(
                "take part in sync \(sync.name) along its links to \(neighbours.joined(separator: ", "))",
                [
                    SQLTemplate.render(
                        "multimaster/take_links",
                        [
                            "sync": SQLText.literal(sync.name), "sources": SQLText.literal(sync.sources.postgresArray),
                            "neighbours": SQLText.literal(neighbours.postgresArray),
                        ])
                ])
        }
    }

    /// What a node's tables are to be.
    static func desired(_ node: String, _ survey: Survey) -> [DesiredTable] {
        var tables: [UInt32: DesiredTable] = [:]
        for sync in survey.settings.syncs {
            if sync.sources.contains(node) {
                for table in survey.selected(sync, at: node) {
                    var wanted =
                        tables[table.definition.oid]
                        ?? DesiredTable(definition: table.definition, captured: table)
                    wanted.captured = wanted.captured ?? table
                    wanted.syncs.insert(sync.name)
                    if table.tracksColumns { wanted.captured?.tracksColumns = true }
                    wanted.hasCounters = wanted.hasCounters || !table.counters.isEmpty
                    wanted.tracksColumns = wanted.tracksColumns || table.tracksColumns
                    if table.isMultiMaster { wanted.versionKeys = table.deltaColumns }
                    if survey.settings.isGated(node, sync) { wanted.gatedBy = wanted.gatedBy ?? sync.name }
                    tables[table.definition.oid] = wanted
                }
            } else if sync.targets.contains(node), let source = sync.sources.first {
                for table in survey.selected(sync, at: source) {
                    guard let here = survey.catalogues[node]?.table(table.name) else { continue }
                    var wanted = tables[here.oid] ?? DesiredTable(definition: here, captured: nil)
                    wanted.fencedBy = wanted.fencedBy ?? sync.name
                    wanted.tracksColumns = wanted.tracksColumns || table.tracksColumns
                    wanted.hasCounters = wanted.hasCounters || !table.counters.isEmpty
                    if table.isMultiMaster { wanted.versionKeys = table.key.map { DeltaColumns($0, of: here) } }
                    tables[here.oid] = wanted
                }
            }
            guard sync.standbys.contains(node), let source = sync.namedSources.first else { continue }
            for table in survey.selected(sync, at: source) where table.oneWayReason != nil {
                guard let here = survey.catalogues[node]?.table(table.name) else { continue }
                var wanted = tables[here.oid] ?? DesiredTable(definition: here, captured: nil)
                wanted.fencedBy = wanted.fencedBy ?? sync.name
                tables[here.oid] = wanted
            }
        }
        return tables.values.sorted { $0.definition.name < $1.definition.name }
    }

    private func removalSteps(_ facts: ServerFacts, _ state: InstalledState) -> [InstallStep] {
        guard facts.hasSchema, facts.isInstalled || facts.schemaIsOurs else { return [] }
        return InstallPlan.removal(of: state, keepsSchema: !facts.schemaIsOurs)
    }

    private func checkIdentity(_ node: String, facts: ServerFacts, session: Session, state: InstalledState) throws {
        guard state.isRecorded else { return }
        let recorded = try session.query(Assets.sql("install/node"))
        guard recorded.rowCount == 1 else { return }
        let name = recorded.text(0, 1)
        if name != node {
            throw SetupRefused([
                Finding(
                    .problem, node: node, "this database was installed as node \(name), not \(node)",
                    remedy:
                        "if it is a copy of \(name)'s database, drop the copied schema (DROP SCHEMA switchback CASCADE) and install again; otherwise mend nodes.\(node).dsn"
                )
            ])
        }
        if recorded.text(0, 2) != facts.systemIdentifier || Int64(recorded.int(0, 3)) != facts.databaseOID {
            throw SetupRefused([
                Finding(
                    .problem, node: node, "this database is a copy of the one that was installed as \(node)",
                    remedy:
                        "drop the copied schema (DROP SCHEMA switchback CASCADE), install again, and run \"switchback copy\""
                )
            ])
        }
    }

    // MARK: - Doing

    /// Runs a body under the installers' lock of a node, so that two of them take turns.
    private func locked(
        _ node: String, _ body: (Connection) async throws -> Void
    ) async throws {
        let connection = try await cluster.open(node, purpose: "schema")
        do {
            try await connection.run(deadline: .seconds(120)) { session in
                _ = try session.query("SELECT pg_advisory_lock(1398227523, 2)")
            }
            try await body(connection)
        } catch {
            await connection.close()
            throw error
        }
        await connection.close()
    }

    private func run(
        _ steps: [InstallStep], on connection: Connection, node: String,
        progress: @escaping @Sendable (InstallProgress) -> Void
    ) async throws {
        for (number, step) in steps.enumerated() {
            var backoff = Backoff(first: .milliseconds(100), most: .seconds(2))
            var random = SystemRandomNumberGenerator()
            var patience = Self.firstPatience
            while true {
                do {
                    try await connection.run(deadline: .seconds(300)) { [patience] session in
                        try Self.perform(step, session, patience)
                    }
                    break
                } catch let error as PostgresError where error.isLockNotAvailable || error.sqlState == "40P01" {
                    // The table is in use. Let everybody pass before we queue for it again, a little longer each time:
                    // whoever comes behind us waits as long as we do.
                    patience = min(patience * 2, Self.mostPatience)
                    progress(.waiting(node: node, step: step.title))
                    try await Task.sleep(for: backoff.next(using: &random))
                }
            }
            if let warning = step.warning { progress(.warning(node: node, message: warning)) }
            progress(.done(node: node, step: step.title, number: number + 1, of: steps.count))
        }
    }

    /// How long a step queues for a table, in milliseconds.
    private static let firstPatience = 50
    private static let mostPatience = 1000

    private static func perform(_ step: InstallStep, _ session: Session, _ patience: Int) throws {
        try session.execute("BEGIN")
        do {
            try session.execute("SET LOCAL lock_timeout = \(patience)")
            for statement in step.statements { try session.execute(statement) }
            try session.execute("COMMIT")
        } catch {
            if !session.isBroken { try? session.execute("ROLLBACK") }
            throw error
        }
    }
}
