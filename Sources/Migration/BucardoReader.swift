import Assets
import Model
import Postgres
import Settings

/// Reads a Bucardo control database. It changes nothing there, and reads no password.
public enum BucardoReader {
    /// The catalogue, in one snapshot.
    ///
    /// - Parameter dsn: a libpq connection string or URI of the control database.
    /// - Throws: `BucardoError`; `PostgresError` when the dsn cannot be read or the task was cancelled.
    public static func read(dsn: String) async throws -> BucardoCatalogue {
        let settings = ConnectionSettings(dsn: dsn, applicationName: "switchback init")
        try settings.validate()
        let address = settings.safeDescription
        let connection: Connection
        do { connection = try await Connection.open(settings) } catch let error as PostgresError
            where error.kind != .cancelled
        {
            throw BucardoError.unreachable(address: address, reason: error.message)
        }
        do {
            let catalogue = try await connection.run(deadline: .seconds(60)) { session in
                try session.transaction(begin: "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY") {
                    try read(session, address)
                }
            }
            await connection.close()
            return catalogue
        } catch {
            await connection.close()
            guard let error = error as? PostgresError, error.kind != .cancelled else { throw error }
            throw BucardoError.unreadable(address: address, reason: error.message)
        }
    }

    private static func read(_ session: Session, _ address: String) throws -> BucardoCatalogue {
        let columns = try columns(session)
        let isReplicated = columns["bucardo_delta_names"] != nil || columns["bucardo_delta_targets"] != nil
        guard columns["sync"] != nil, columns["bucardo_config"] != nil else {
            throw BucardoError.noCatalogue(address: address, isReplicated: isReplicated)
        }
        let config = columns["bucardo_config"] ?? []
        let settings = try config.isSuperset(of: ["name", "setting", "type", "item"]) ? self.settings(session) : []
        let version = settings.first { $0.name == "bucardo_version" && $0.item == nil }?.value ?? ""
        let missing = BucardoSchema.missing(in: columns)
        guard missing.isEmpty else { throw BucardoError.otherVersion(version, missing: missing) }
        return BucardoCatalogue(
            version: version, databases: try databases(session), groups: try groups(session),
            relations: try relations(session), relgroups: try relgroups(session), syncs: try syncs(session),
            customColumns: try customColumns(session), customNames: try customNames(session),
            customCode: try customCode(session), customTriggers: try customTriggers(session), settings: settings,
            unknownColumns: BucardoSchema.unknown(in: columns))
    }

    private static func columns(_ session: Session) throws -> [String: Set<String>] {
        var columns: [String: Set<String>] = [:]
        for row in try session.query(Assets.sql("bucardo/columns")).rows {
            columns[row["relation"] ?? "", default: []].insert(row["name"] ?? "")
        }
        return columns
    }

    private static func settings(_ session: Session) throws -> [BucardoCatalogue.Setting] {
        try session.query(Assets.sql("bucardo/settings")).rows.map { row in
            BucardoCatalogue.Setting(
                name: row["name"] ?? "", value: row["setting"] ?? "", original: row["original"], kind: row["type"],
                item: row["item"])
        }
    }

    private static func databases(_ session: Session) throws -> [BucardoCatalogue.Database] {
        try session.query(Assets.sql("bucardo/databases")).rows.map { row in
            BucardoCatalogue.Database(
                name: row["name"] ?? "", kind: row["dbtype"] ?? "postgres", dsn: Secret(row["dbdsn"] ?? ""),
                host: row["dbhost"] ?? "", port: row["dbport"] ?? "", database: row["dbname"] ?? "",
                user: row["dbuser"] ?? "", words: Secret(row["dbconn"] ?? ""), service: row["dbservice"] ?? "",
                passwordFile: row["pgpass"] ?? "", hasPassword: row.bool("has_password") ?? false,
                status: row["status"] ?? "", preparesAtServer: row.bool("server_side_prepares") ?? true,
                makesDeltas: isOn(row["makedelta"]))
        }
    }

    private static func groups(_ session: Session) throws -> [BucardoCatalogue.Group] {
        var groups: [BucardoCatalogue.Group] = []
        for row in try session.query(Assets.sql("bucardo/groups")).rows {
            let name = row["name"] ?? ""
            if groups.last?.name != name { groups.append(BucardoCatalogue.Group(name: name)) }
            guard let database = row["db"] else { continue }
            groups[groups.count - 1].members.append(
                BucardoCatalogue.Member(database: database, role: row["role"] ?? ""))
        }
        return groups
    }

    private static func relations(_ session: Session) throws -> [BucardoCatalogue.Relation] {
        try session.query(Assets.sql("bucardo/relations")).rows.map { row in
            BucardoCatalogue.Relation(
                id: row.int("id") ?? 0, database: row["db"] ?? "",
                name: TableName(schema: row["schemaname"] ?? "", table: row["tablename"] ?? ""),
                isSequence: row["reltype"] == "sequence",
                key: row["pkey"].map { $0.split(separator: "|").map(String.init) }, autokick: row.bool("autokick"),
                conflictStrategy: row["conflict_strategy"], makesDeltas: row["makedelta"],
                rebuildsIndex: row.int("rebuild_index") ?? 0 != 0, isGhost: row.bool("ghost") ?? false,
                isStrict: row.bool("strict_checking") ?? true, bypassesDeltas: row.bool("delta_bypass") ?? false)
        }
    }

    private static func relgroups(_ session: Session) throws -> [BucardoCatalogue.Relgroup] {
        var groups: [BucardoCatalogue.Relgroup] = []
        for row in try session.query(Assets.sql("bucardo/relgroups")).rows {
            let name = row["name"] ?? ""
            if groups.last?.name != name { groups.append(BucardoCatalogue.Relgroup(name: name)) }
            guard let relation = row.int("goat") else { continue }
            groups[groups.count - 1].relations.append(relation)
            if row.int("priority") ?? 0 != 0 { groups[groups.count - 1].hasPriorities = true }
        }
        return groups
    }

    private static func syncs(_ session: Session) throws -> [BucardoCatalogue.Sync] {
        try session.query(Assets.sql("bucardo/syncs")).rows.map { row in
            BucardoCatalogue.Sync(
                name: row["name"] ?? "", relgroup: row["herd"], group: row["dbs"], status: row["status"] ?? "",
                conflictStrategy: row["conflict_strategy"] ?? "", autokick: row.bool("autokick") ?? true,
                checkInterval: row["checktime"], rebuildsIndex: row.int("rebuild_index") ?? 0 != 0,
                isStrict: row.bool("strict_checking") ?? true, oneTimeCopy: row.int("onetimecopy") ?? 0,
                deleteMethod: row["deletemethod"] ?? "delete", copyExtra: row["copyextra"] ?? "",
                isolationLevel: row["isolation_level"], overdue: row["overdue"], expired: row["expired"],
                lifetime: row["lifetime"], kicksMax: row.int("maxkicks") ?? 0,
                staysAlive: row.bool("stayalive") ?? true, kidsStayAlive: row.bool("kidsalive") ?? true,
                analyzes: row.bool("analyze_after_copy") ?? true, vacuums: row.bool("vacuum_after_copy") ?? false,
                priority: row.int("priority") ?? 0, tracksRates: row.bool("track_rates") ?? false)
        }
    }

    private static func customColumns(_ session: Session) throws -> [BucardoCatalogue.CustomColumns] {
        try session.query(Assets.sql("bucardo/custom_columns")).rows.map { row in
            BucardoCatalogue.CustomColumns(
                relation: row.int("goat") ?? 0, clause: row["clause"] ?? "", database: row["db"], sync: row["sync"])
        }
    }

    private static func customNames(_ session: Session) throws -> [BucardoCatalogue.CustomName] {
        try session.query(Assets.sql("bucardo/custom_names")).rows.map { row in
            BucardoCatalogue.CustomName(
                relation: row.int("goat") ?? 0, name: row["newname"] ?? "", database: row["db"], sync: row["sync"])
        }
    }

    private static func customCode(_ session: Session) throws -> [BucardoCatalogue.CustomCode] {
        var code: [BucardoCatalogue.CustomCode] = []
        for row in try session.query(Assets.sql("bucardo/custom_code")).rows {
            let next = BucardoCatalogue.CustomCode(
                name: row["name"] ?? "", moment: row["whenrun"] ?? "", isActive: row.bool("is_active") ?? true,
                syncs: row["sync"].map { [$0] } ?? [], relations: row.int("goat").map { [$0] } ?? [])
            // One that is in use at one place and not at another stands as two.
            if let last = code.last, last.name == next.name, last.isActive == next.isActive {
                code[code.count - 1].syncs += next.syncs
                code[code.count - 1].relations += next.relations
            } else {
                code.append(next)
            }
        }
        return code
    }

    private static func customTriggers(_ session: Session) throws -> [BucardoCatalogue.CustomTrigger] {
        try session.query(Assets.sql("bucardo/custom_triggers")).rows.map { row in
            BucardoCatalogue.CustomTrigger(
                relation: row.int("goat") ?? 0, name: row["trigger_name"] ?? "", kind: row["trigger_type"] ?? "")
        }
    }

    /// A switch that some versions keep as a boolean and others as a word.
    private static func isOn(_ text: String?) -> Bool { ["t", "true", "on", "1", "yes"].contains(text ?? "") }
}
