/// What a catalogue of Bucardo 5 is made of.
enum BucardoSchema {
    struct Table {
        let name: String
        /// Columns that are read, and that every Bucardo 5 has.
        let needed: [String]
        /// Columns that are read where they are there, and ones that say nothing about the configuration.
        let others: [String]
    }

    static let tables: [Table] = [
        Table(
            name: "bucardo_config", needed: ["name", "setting", "type", "item"], others: ["about", "defval", "cdate"]),
        Table(
            name: "db",
            needed: [
                "name", "dbtype", "dbhost", "dbport", "dbname", "dbuser", "dbpass", "dbconn", "dbservice", "pgpass",
                "status", "server_side_prepares", "cdate",
            ],
            others: ["dbdsn", "makedelta"]),
        Table(name: "dbgroup", needed: ["name"], others: ["about", "cdate"]),
        Table(name: "dbmap", needed: ["db", "dbgroup", "priority", "role"], others: ["gang", "cdate"]),
        Table(
            name: "goat",
            needed: [
                "id", "db", "schemaname", "tablename", "reltype", "pkey", "autokick", "rebuild_index", "ghost",
                "strict_checking", "delta_bypass",
            ],
            others: [
                "qpkey", "pkeytype", "has_delta", "conflict_strategy", "standard_conflict", "makedelta",
                "analyze_after_copy", "vacuum_after_copy", "delta_bypass_min", "delta_bypass_count",
                "delta_bypass_percent", "cdate",
            ]),
        Table(name: "herd", needed: ["name"], others: ["about", "cdate"]),
        Table(name: "herdmap", needed: ["herd", "goat", "priority"], others: ["cdate"]),
        Table(
            name: "sync",
            needed: [
                "name", "herd", "dbs", "status", "conflict_strategy", "autokick", "checktime", "rebuild_index",
                "strict_checking", "onetimecopy", "deletemethod", "copyextra", "overdue", "expired", "lifetime",
                "maxkicks", "stayalive", "kidsalive", "analyze_after_copy", "vacuum_after_copy", "priority",
                "track_rates", "cdate",
            ],
            others: ["isolation_level"]),
        Table(name: "customcols", needed: ["id", "goat", "clause", "db", "sync"], others: ["cdate"]),
        Table(name: "customname", needed: ["id", "goat", "newname", "db", "sync"], others: ["cdate"]),
        Table(
            name: "customcode", needed: ["id", "name", "whenrun", "status"],
            others: ["about", "getdbh", "src_code", "priority", "cdate"]),
        Table(name: "customcode_map", needed: ["code", "sync", "goat", "active"], others: ["priority", "cdate"]),
        Table(
            name: "bucardo_custom_trigger", needed: ["id", "goat", "trigger_name", "trigger_type"],
            others: ["trigger_language", "trigger_body", "trigger_level", "status", "cdate"]),
    ]

    /// What is needed and not there, as `sync.dbs`; a whole table by its name alone.
    ///
    /// - Parameter columns: what is there, by table.
    static func missing(in columns: [String: Set<String>]) -> [String] {
        tables.flatMap { table -> [String] in
            guard let present = columns[table.name] else { return [table.name] }
            return table.needed.filter { !present.contains($0) }.map { "\(table.name).\($0)" }
        }
    }

    /// What is there and not known, as `sync.column`: a setting could be in it.
    static func unknown(in columns: [String: Set<String>]) -> [String] {
        tables.flatMap { table in
            let known = Set(table.needed + table.others)
            return (columns[table.name] ?? []).subtracting(known).sorted().map { "\(table.name).\($0)" }
        }
    }
}
