import Assets
import Model
import Postgres

/// Reads what a database holds.
enum CatalogueReader {
    /// Reads everything that could be replicated.
    static func read(_ session: Session) throws -> Catalogue {
        let facts = try serverFacts(session)
        let tables = try tables(session)
        return Catalogue(
            facts: facts, tables: tables, sequences: try sequences(session), functions: try functions(session))
    }

    private static func functions(_ session: Session) throws -> [RuleFunction] {
        let answer = try session.query(Assets.sql("catalog/rule_functions"))
        return (0..<answer.rowCount).map { row in
            RuleFunction(
                name: TableName(schema: answer.text(row, 0), table: answer.text(row, 1)),
                isImmutable: answer.bool(row, 2), fingerprint: answer.text(row, 3))
        }
    }

    /// Reads who the server is.
    static func serverFacts(_ session: Session) throws -> ServerFacts {
        let answer = try session.query(Assets.sql("catalog/server"))
        guard answer.rowCount == 1 else { throw PostgresError(.misuse, "the server did not say who it is") }
        return ServerFacts(
            systemIdentifier: answer.text(0, 0), databaseOID: Int64(answer.int(0, 1)),
            timeline: Int64(answer.int(0, 2)), versionNumber: answer.int(0, 3), version: answer.text(0, 4),
            inRecovery: answer.bool(0, 5), preparedTransactionsMax: answer.int(0, 6), clock: answer.text(0, 7),
            hasSchema: answer.bool(0, 8), isInstalled: answer.bool(0, 9), mayCreateSchema: answer.bool(0, 10),
            mayBecomeReplica: answer.bool(0, 11), role: answer.text(0, 12), database: answer.text(0, 13),
            largeObjects: answer.int(0, 14), monetaryLocale: answer.text(0, 15),
            mayUseSchema: answer.bool(0, 16), mayMakeTemporary: answer.bool(0, 17),
            schemaIsOurs: answer.bool(0, 18))
    }

    private static func tables(_ session: Session) throws -> [TableDefinition] {
        let answer = try session.query(Assets.sql("catalog/tables"))
        var tables = (0..<answer.rowCount).map { row in
            TableDefinition(
                oid: answer.oid(row, 0), name: TableName(schema: answer.text(row, 1), table: answer.text(row, 2)),
                isPartitioned: answer.text(row, 3) == "p", isPartition: answer.bool(row, 4), root: answer.oid(row, 5),
                hasInheritance: answer.bool(row, 6), rowSecurityHidesRows: answer.bool(row, 7),
                maySelect: answer.bool(row, 8), mayWrite: answer.bool(row, 9), mayTrigger: answer.bool(row, 10),
                hasRules: answer.bool(row, 11), isUnlogged: answer.bool(row, 12), isOwned: answer.bool(row, 13),
                hasForeignPartitions: answer.bool(row, 14))
        }
        try fill(&tables, session)
        return tables
    }

    /// Reads tables' columns, keys, constraints and partitions.
    private static func fill(_ tables: inout [TableDefinition], _ session: Session) throws {
        let position = Dictionary(uniqueKeysWithValues: tables.enumerated().map { ($1.oid, $0) })
        let all = tables.map(\.oid).postgresArray

        let columns = try session.query(Assets.sql("catalog/columns"), [all])
        var columnsOf: [[ColumnDefinition]] = Array(repeating: [], count: tables.count)
        for row in 0..<columns.rowCount {
            guard let table = position[columns.oid(row, 0)] else { continue }
            columnsOf[table].append(
                ColumnDefinition(
                    name: columns.text(row, 2), number: columns.int(row, 1), type: columns.text(row, 3),
                    bareType: columns.text(row, 4),
                    collation: columns[row, 5], notNull: columns.bool(row, 6), generated: columns.bool(row, 7),
                    identityAlways: columns.text(row, 8) == "a",
                    isArray: columns.bool(row, 9),
                    domainBase: columns.text(row, 10) == columns.text(row, 4) ? nil : columns.text(row, 10),
                    hasDefault: columns.bool(row, 11) || !columns.text(row, 8).isEmpty, structure: columns[row, 12]))
        }

        for (table, columns) in columnsOf.enumerated() { tables[table].columns = columns }

        let keys = try session.query(Assets.sql("catalog/keys"), [all])
        var first = 0
        while first < keys.rowCount {
            let index = keys.oid(first, 1)
            let end = (first..<keys.rowCount).first { keys.oid($0, 1) != index } ?? keys.rowCount
            if let table = position[keys.oid(first, 0)] {
                tables[table].keys.append(
                    KeyDefinition(
                        index: keys.text(first, 2), immediate: keys.bool(first, 3),
                        columns: (first..<end).map { keys.text($0, 4) },
                        equality: (first..<end).map { keys.text($0, 5) }))
            }
            first = end
        }

        let constraints = try session.query(Assets.sql("catalog/deferrable_constraints"), [all])
        for row in 0..<constraints.rowCount {
            guard let table = position[constraints.oid(row, 0)] else { continue }
            tables[table].deferrable.append(
                DeferrableConstraint(
                    name: constraints.text(row, 1), looksAt: constraints.text(row, 2),
                    clash: constraints.text(row, 3), condition: constraints[row, 4]))
        }

        let roots = tables.filter { $0.isPartitioned }.map(\.oid).postgresArray
        let partitions = try session.query(Assets.sql("catalog/partitions"), [roots])
        for row in 0..<partitions.rowCount {
            guard let table = position[partitions.oid(row, 0)] else { continue }
            tables[table].partitions.append(
                PartitionDefinition(
                    oid: partitions.oid(row, 1),
                    name: TableName(schema: partitions.text(row, 2), table: partitions.text(row, 3)),
                    isLeaf: partitions.bool(row, 4), isOwned: partitions.bool(row, 5),
                    maySelect: partitions.bool(row, 6), mayTrigger: partitions.bool(row, 7)))
        }
    }

    private static func sequences(_ session: Session) throws -> [SequenceDefinition] {
        let answer = try session.query(Assets.sql("catalog/sequences"))
        return (0..<answer.rowCount).map { row in
            SequenceDefinition(
                oid: answer.oid(row, 0), name: TableName(schema: answer.text(row, 1), table: answer.text(row, 2)),
                owner: answer[row, 3].flatMap(UInt32.init), ownerColumn: answer[row, 4],
                users: Set(answer.text(row, 5).split(separator: " ").compactMap { UInt32($0) }),
                mayRead: answer.bool(row, 6), maySet: answer.bool(row, 7), increment: Int64(answer.int(row, 8)),
                position: Int64(answer.int(row, 9)))
        }
    }
}
