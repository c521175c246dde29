import Model

/// Writes plans as a commented configuration.
///
/// As in the one that `init` writes, prose has a space behind its `#`, and a setting that is commented out has none.
struct ConfigurationWriter {
    let version: String
    let cluster: String
    private var body = YAMLLines()

    /// What was written as not carried over, in order.
    var remarks: [Remark] { body.remarks }

    init(version: String, cluster: String) {
        self.version = version
        self.cluster = cluster
    }

    /// The whole file.
    var text: String {
        var lines = head
        lines.add(body)
        return lines.text
    }

    /// - Parameter inUse: the names of the nodes that a sync in use has.
    mutating func write(nodes: [NodePlan], inUse: Set<String>, syncs: [SyncPlan], rest: [Remark]) {
        write(nodes: nodes, inUse: inUse)
        write(syncs: syncs)
        write(rest: rest)
    }

    private var head: YAMLLines {
        var lines = YAMLLines()
        let name = version.isEmpty ? "a Bucardo" : "Bucardo \(version)"
        lines.comment("Switchback's configuration, made of the catalogue of \(name) by \"switchback init\".")
        lines.comment("")
        lines.comment(
            "Look at it with \"switchback check\", which changes nothing. Docs/FromBucardo.md tells how to change over without "
                + "losing a row; Docs/Configuration.md has every key.")
        lines.comment("")
        let count = remarks.count == 1 ? "1 thing" : "\(remarks.count) things"
        lines.comment(
            remarks.isEmpty
                ? "Everything could be carried over."
                : "\(count) could not be carried over. Each stands where it belongs, with what to do instead. A node or sync "
                    + "that is left out stands behind #: take that one character away before each of its lines to use it."
        )
        return lines
    }

    // MARK: Nodes

    private mutating func write(nodes: [NodePlan], inUse: Set<String>) {
        body.blank()
        body.comment("The name of all of it together, in status and logs.")
        body.add("cluster: \(YAMLText.quoted(cluster))")
        body.blank()
        body.comment(
            "The databases that take part. The role is Bucardo's, a superuser; an ordinary one is enough, and \"switchback check\" "
                + "prints the grants that it lacks.")
        if nodes.contains(where: { $0.isPostgres && !$0.variables.isEmpty }) {
            body.comment(
                "A variable such as ${NAME} is to be set for switchback; a \\ stands before each ' and \\ in a password. Or keep "
                    + "passwords in ~/.pgpass or a service file and take them out here, or write a whole dsn as \"file:PATH\"."
            )
        }
        body.add("nodes:")
        for node in nodes { write(node, isInUse: inUse.contains(node.name)) }
    }

    private mutating func write(_ node: NodePlan, isInUse: Bool) {
        body.add(node.remarks, 2)
        guard node.isPostgres else { return }
        for comment in node.comments { body.comment(comment, 2) }
        if !isInUse && node.isActive {
            body.comment("No sync in use has it. Take the # away before both lines when one is to have it.", 2)
        }
        var lines = YAMLLines()
        lines.add("\(YAMLText.quoted(node.name)):", 2)
        lines.add("dsn: \(YAMLText.quoted(node.dsn))", 4)
        body.add(lines, commentedOut: !isInUse)
    }

    // MARK: Syncs

    private mutating func write(syncs: [SyncPlan]) {
        body.blank()
        body.comment("Sets of tables and the nodes they live on.")
        body.add("syncs:")
        for (position, sync) in syncs.enumerated() {
            if position > 0 { body.blank() }
            write(sync)
        }
    }

    private mutating func write(_ sync: SyncPlan) {
        body.comment(sync.comment, 2)
        if let obstacle = sync.obstacle { body.add([obstacle], 2) }
        var lines = YAMLLines()
        let place = "syncs.\(sync.name)"
        lines.add(sync.remarks.filter { $0.place == place }, 2)
        lines.add("\(YAMLText.quoted(sync.name)):", 2)
        lines.add(sync.remarks.filter { $0.place == place + ".nodes" }, 4)
        writeRoles(of: sync, to: &lines)
        writeTables(of: sync, to: &lines)
        writeExcluded(of: sync, to: &lines)
        writeConflict(of: sync, to: &lines)
        writeOverrides(of: sync, to: &lines)
        body.add(lines, commentedOut: sync.obstacle != nil)
    }

    private func writeRoles(of sync: SyncPlan, to lines: inout YAMLLines) {
        lines.add("nodes:\(sync.roles.isEmpty ? " {}" : "")", 4)
        for role in sync.roles {
            if let comment = role.comment { lines.comment(comment, 6) }
            lines.add("\(YAMLText.quoted(role.node)): \(role.isSource ? "source" : "target")", 6)
        }
    }

    private func writeTables(of sync: SyncPlan, to lines: inout YAMLLines) {
        lines.add(sync.remarks.filter { $0.place == "syncs.\(sync.name).tables" }, 4)
        lines.add(sync.tableRemarks, 4)
        lines.add("tables:\(sync.tables.isEmpty && sync.sequences.isEmpty ? " []" : "")", 4)
        for table in sync.tables {
            lines.add(table.remarks, 6)
            lines.add("- \(YAMLText.value(table.name.description))", 6)
        }
        guard !sync.sequences.isEmpty else { return }
        lines.comment("Sequences. One that a table's column draws from travels with its table, named or not.", 6)
        for name in sync.sequences { lines.add("- \(YAMLText.value(name.description))", 6) }
    }

    private func writeExcluded(of sync: SyncPlan, to lines: inout YAMLLines) {
        guard !sync.excluded.isEmpty else { return }
        lines.add(sync.excludeRemarks, 4)
        lines.add("exclude:", 4)
        for name in sync.excluded { lines.add("- \(YAMLText.value(name.description))", 6) }
    }

    private func writeConflict(of sync: SyncPlan, to lines: inout YAMLLines) {
        guard let conflict = sync.conflict else { return }
        if let comment = conflict.comment { lines.comment(comment, 4) }
        if let note = conflict.note { lines.add([note.at("syncs.\(sync.name).conflict")], 4) }
        lines.add(Self.text(conflict.rule), 4)
    }

    private static func text(_ rule: ConflictRule) -> String {
        switch rule {
        case .latest: "conflict: latest"
        case .earliest: "conflict: earliest"
        case .merge: "conflict: merge"
        case .hold: "conflict: hold"
        case .prefer(let nodes): "prefer: [\(nodes.map(YAMLText.value).joined(separator: ", "))]"
        case .largest(let column): "largest: \(YAMLText.value(column))"
        case .smallest(let column): "smallest: \(YAMLText.value(column))"
        case .function(let name): "function: \(YAMLText.value(name))"
        }
    }

    private func writeOverrides(of sync: SyncPlan, to lines: inout YAMLLines) {
        let own = sync.tables.filter { $0.columns != nil || $0.isFullCopy && !sync.isFullCopy }
        guard sync.isFullCopy || !own.isEmpty else { return }
        lines.add("overrides:", 4)
        if sync.isFullCopy {
            lines.comment(
                "Bucardo emptied and filled these tables at each run (fullcopy). A table with a key needs no full_copy: "
                    + "without it, the rows that changed travel and no others.", 6)
            lines.add("\"*.*\": { full_copy: true }", 6)
        }
        for table in own { lines.add("\(YAMLText.quoted(table.name.description)): \(Self.text(table))", 6) }
    }

    private static func text(_ table: SyncPlan.Table) -> String {
        var settings: [String] = []
        if let columns = table.columns {
            settings.append("columns: [\(columns.map(YAMLText.value).joined(separator: ", "))]")
        }
        if table.isFullCopy { settings.append("full_copy: true") }
        return "{ \(settings.joined(separator: ", ")) }"
    }

    // MARK: The rest

    private mutating func write(rest: [Remark]) {
        guard !rest.isEmpty else { return }
        body.blank()
        body.comment("--- What else stood in Bucardo's catalogue. ---")
        body.add(rest)
    }
}
