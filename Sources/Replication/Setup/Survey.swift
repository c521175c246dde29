import Model
import Postgres
public import Settings

/// What all nodes of a configuration hold, read once, and what that means for each sync.
public struct Survey: Sendable {
    public let settings: Settings
    /// By node's name; a node that could not be reached is missing.
    public let catalogues: [String: Catalogue]
    public let unreachable: [NodeUnreachable]
    /// What was found at nodes that could be reached and not be read.
    public let refused: [Finding]

    /// Reads all nodes, side by side.
    public static func take(_ cluster: Cluster) async throws -> Survey {
        var catalogues: [String: Catalogue] = [:]
        var unreachable: [NodeUnreachable] = []
        var refused: [Finding] = []
        try await withThrowingTaskGroup(of: (String, Result<Catalogue, any Error>).self) { group in
            for node in cluster.settings.nodes {
                group.addTask {
                    do {
                        let connection = try await cluster.open(node.name, purpose: "survey")
                        let catalogue: Result<Catalogue, any Error>
                        do {
                            catalogue = .success(
                                try await connection.run(deadline: .seconds(60)) { try CatalogueReader.read($0) })
                        } catch { catalogue = .failure(error) }
                        await connection.close()
                        return (node.name, .success(try catalogue.get()))
                    } catch  where error is NodeUnreachable || error is SetupRefused {
                        return (node.name, .failure(error))
                    }
                }
            }
            for try await (node, result) in group {
                switch result {
                case .success(let catalogue): catalogues[node] = catalogue
                case .failure(let error as NodeUnreachable): unreachable.append(error)
                case .failure(let error as SetupRefused): refused += error.findings
                case .failure(let error): throw error
                }
            }
        }
        return Survey(
            settings: cluster.settings, catalogues: catalogues,
            unreachable: unreachable.sorted { $0.node < $1.node },
            refused: refused.sorted { ($0.node ?? "") < ($1.node ?? "") })
    }

    /// Everything that keeps the syncs from working, and everything worth knowing.
    public func findings() -> [Finding] {
        var findings = unreachable.map {
            Finding(
                .problem, node: $0.node, $0.description,
                remedy: "start the server, or mend nodes.\($0.node).dsn, pg_hba.conf or the network between")
        }
        findings += refused
        for node in settings.nodes { findings += serverFindings(node.name) }
        for sync in settings.syncs { findings += syncFindings(sync) }
        return findings
    }

    /// The findings that forbid an installation.
    var problems: [Finding] { findings().filter { $0.severity == .problem } }

    /// - Throws: `NodeUnreachable`, or `SetupRefused` with everything that forbids an installation.
    func requireFitness() throws {
        if let unreachable = unreachable.first { throw unreachable }
        guard problems.isEmpty else { throw SetupRefused(problems) }
    }

    /// The tables of a sync at one of its sources.
    func selected(_ sync: SyncSettings, at source: String) -> [SelectedTable] {
        guard let catalogue = catalogues[source] else { return [] }
        return SyncTables.select(sync, in: catalogue, node: source).0
    }

    private func serverFindings(_ node: String) -> [Finding] {
        guard let facts = catalogues[node]?.facts else { return [] }
        var findings: [Finding] = []
        func problem(_ message: String, _ remedy: String) {
            findings.append(Finding(.problem, node: node, message, remedy: remedy))
        }
        if facts.inRecovery {
            problem("the server is a standby and cannot be written to", "name the primary in nodes.\(node).dsn")
        }
        if !facts.hasSchema && !facts.mayCreateSchema {
            problem(
                "role \(facts.role) may not create the schema switchback",
                "as its owner or a superuser: \(Grants.createSchema(facts))")
        }
        if facts.hasSchema && !facts.mayUseSchema {
            problem(
                "role \(facts.role) may not make objects in the schema switchback",
                "as its owner: \(Grants.useSchema(facts))")
        }
        if !facts.mayMakeTemporary {
            problem(
                "role \(facts.role) may not make temporary tables, in which rows arrive",
                "as the database's owner: \(Grants.temporary(facts))")
        }
        let isTarget = settings.syncs.contains { $0.targets.contains(node) || $0.sources.count > 1 }
        if isTarget && !facts.mayBecomeReplica {
            problem(
                "role \(facts.role) may not set session_replication_role",
                "as a superuser: \(Grants.replicaRole(facts))")
        }
        if facts.largeObjects > 0 {
            findings.append(
                Finding(
                    .notice, node: node,
                    "the database holds large objects, which no trigger sees and which are not replicated",
                    remedy: "move them into bytea columns if they must travel"))
        }
        return findings
    }

    private func syncFindings(_ sync: SyncSettings) -> [Finding] {
        var findings: [Finding] = []
        if sync.isMultiMaster {
            findings += MultiMasterRules.findings(sync, catalogues: catalogues)
            findings += GeneratedKeys.findings(sync, catalogues: catalogues)
        }
        for source in sync.sources {
            guard let catalogue = catalogues[source] else { continue }
            let (tables, selection) = SyncTables.select(sync, in: catalogue, node: source)
            findings += selection
            if sync.hasStandbys { findings += oneWay(tables, sync, node: source) }
            if !sync.isMultiMaster { findings += notAlways(tables, sync: sync.name, node: source) }
            findings += Grants.missingAtSource(
                tables, sequences: followed(tables, sync, catalogue), sync: sync.name, node: source,
                facts: catalogue.facts)
            for target in sync.receivers(of: source) {
                guard let receiver = catalogues[target] else { continue }
                findings += pairFindings(
                    sync, tables, source: source, target: target, catalogue: catalogue, receiver: receiver)
            }
        }
        for target in sync.targets {
            let alsoSource = settings.syncs.filter { $0.sources.contains(target) }
            for other in alsoSource where !alsoSource.isEmpty {
                let shared = selected(other, at: target).map(\.name).filter { sync.names($0) }
                if let table = shared.first {
                    findings.append(
                        Finding(
                            .problem, node: target, sync: sync.name,
                            "\(table) is a target here and a source in sync \(other.name): forwarding is not done by this version",
                            remedy: "exclude the table from one of the two syncs"))
                }
            }
        }
        return findings
    }

    /// Loads in replica role pass ordinary triggers, and only a table's owner can have ours fire always.
    private func notAlways(_ tables: [SelectedTable], sync: String, node: String) -> [Finding] {
        let passed = tables.filter { !$0.firesAlways }.map(\.name)
        guard let first = passed.first else { return [] }
        let others = passed.count > 1 ? " and \(passed.count - 1) more" : ""
        return [
            Finding(
                .notice, node: node, sync: sync,
                "\(first)\(others): not owned by Switchback's role, so what a session in replica role writes there is not captured",
                remedy:
                    "do not load data with session_replication_role = replica there, or run \"switchback repair \(sync)\" after it; a member of the tables' owner captures that too"
            )
        ]
    }

    /// What a failover does not make writable.
    private func oneWay(_ tables: [SelectedTable], _ sync: SyncSettings, node: String) -> [Finding] {
        tables.compactMap { table in
            table.oneWayReason.map { why in
                Finding(
                    .notice, node: node, sync: sync.name,
                    "\(table.name) goes one way only: \(why); at \(sync.standbys.joined(separator: " and ")) it stays read-only after a failover",
                    remedy: "if the site must write it there, change that")
            }
        }
    }

    /// The sequences that follow their source's. Between masters that are active at once none does: each hands out values of
    /// its own.
    private func followed(
        _ tables: [SelectedTable], _ sync: SyncSettings, _ catalogue: Catalogue
    ) -> [SequenceDefinition] {
        sync.sequencesFollow ? catalogue.sequences(of: tables, sync) : []
    }

    private func pairFindings(
        _ sync: SyncSettings, _ tables: [SelectedTable], source: String, target: String, catalogue: Catalogue,
        receiver: Catalogue
    ) -> [Finding] {
        var findings: [Finding] = []
        var writable: [TableDefinition] = []
        for table in tables {
            do throws(SchemaDifference) {
                writable.append(
                    try SchemaDifference.check(
                        table, source: catalogue, receiver: receiver, sourceName: source, receiverName: target))
            } catch {
                findings.append(
                    Finding(.problem, node: target, sync: sync.name, error.message, remedy: error.hint))
            }
        }
        let followed = Set(followed(tables, sync, catalogue).map(\.name))
        return findings
            + Grants.missingAtTarget(
                writable, sequences: receiver.sequences.filter { followed.contains($0.name) }, sync: sync.name,
                node: target, facts: receiver.facts)
    }
}
