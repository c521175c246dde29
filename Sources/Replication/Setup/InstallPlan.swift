import Assets
import Model
import Postgres

/// One transaction of an installation.
public struct InstallStep: Sendable, Equatable {
    /// What it does: `capture changes of public.item`.
    public let title: String
    /// Its statements, in order. They run in one transaction.
    public let statements: [String]
    /// Something the operator must know, if any.
    public let warning: String?

    init(_ title: String, _ statements: [String], warning: String? = nil) {
        self.title = title
        self.statements = statements
        self.warning = warning
    }
}

/// What a node's tables are to be, by the configuration.
struct DesiredTable: Sendable {
    let definition: TableDefinition
    /// Set where changes are captured.
    var captured: SelectedTable?
    /// The syncs that capture it.
    var syncs: Set<String> = []
    /// The sync that it is a read-only target of.
    var fencedBy: String?
}

/// What was made at a node by earlier installations.
struct InstalledState: Sendable {
    struct Table: Sendable {
        let id: Int
        let relation: UInt32
        let name: TableName
        let capture: String?
        let fenced: Bool
        let fingerprint: String
        let exists: Bool
        let syncs: Set<String>
    }

    var versions: [Int] = []
    var isRecorded = false
    var tables: [Table] = []
    /// Switchback's triggers that fire, by table.
    var triggers: [UInt32: Set<String>] = [:]
    /// Tables on which one of them is disabled.
    var disabled: Set<UInt32> = []

    static func read(_ session: Session, installed: Bool) throws -> InstalledState {
        var state = InstalledState()
        guard installed else { return state }
        let versions = try session.query(Assets.sql("install/versions"))
        state.versions = (0..<versions.rowCount).map { versions.int($0, 0) }
        guard !state.versions.isEmpty else { return state }
        state.isRecorded = try session.query(Assets.sql("install/node")).rowCount > 0
        let tables = try session.query(Assets.sql("install/tables"))
        state.tables = (0..<tables.rowCount).map { row in
            Table(
                id: tables.int(row, 0), relation: tables.oid(row, 1),
                name: TableName(schema: tables.text(row, 2), table: tables.text(row, 3)), capture: tables[row, 4],
                fenced: tables.bool(row, 5), fingerprint: tables.text(row, 6), exists: tables.bool(row, 7),
                syncs: Set(tables.text(row, 8).split(separator: "\n").map(String.init)))
        }
        let triggers = try session.query(Assets.sql("install/triggers"))
        for row in 0..<triggers.rowCount {
            if triggers.bool(row, 2) {
                state.triggers[triggers.oid(row, 0), default: []].insert(triggers.text(row, 1))
            } else {
                state.disabled.insert(triggers.oid(row, 0))
            }
        }
        return state
    }
}

/// Decides what an installation has to do at one node. A value: it reads and writes nothing.
struct InstallPlan {
    let node: String
    let desired: [DesiredTable]
    let installed: InstalledState

    /// The steps that bring the node's tables to what is desired; empty when they are.
    func steps() -> [InstallStep] {
        var nextID = (installed.tables.map(\.id).max() ?? 0) + 1
        let existing = Dictionary(uniqueKeysWithValues: installed.tables.map { ($0.relation, $0) })
        var steps: [InstallStep] = []
        let wanted = Set(desired.map(\.definition.oid))
        for table in installed.tables where !wanted.contains(table.relation) { steps.append(forget(table)) }
        let captured = Set(installed.tables.filter { $0.capture != nil }.map(\.name))
        for table in desired {
            let before = existing[table.definition.oid]
            let id = before?.id ?? nextID
            if before == nil { nextID += 1 }
            let isNewUnderOldName = before == nil && captured.contains(table.definition.name)
            if let step = step(for: table, id: id, before: before, marked: isNewUnderOldName) { steps.append(step) }
        }
        return steps
    }

    private func forget(_ table: InstalledState.Table) -> InstallStep {
        var statements: [String] = []
        if table.fenced && table.exists {
            statements.append(SQLTemplate.render("install/drop_fence", ["table": table.name.sql]))
        }
        statements.append(SQLTemplate.render("install/forget_table", ["id": "\(table.id)"]))
        statements.append(SQLTemplate.render("install/forget_state", literals(table.name)))
        return InstallStep("forget \(table.name)", statements)
    }

    private func literals(_ name: TableName, prefix: String = "") -> [String: String] {
        [prefix + "schema": SQLText.literal(name.schema), prefix + "table": SQLText.literal(name.table)]
    }

    /// - Parameter marked: whether the table is to travel whole once.
    private func step(
        for table: DesiredTable, id: Int, before: InstalledState.Table?, marked: Bool
    ) -> InstallStep? {
        let objects = table.captured.map { CaptureObjects(table: $0, id: id) }
        let deltas = objects?.deltaTables() ?? []
        let functions = objects?.functions() ?? []
        let triggers = objects?.triggers() ?? []
        let fence = table.fencedBy.map { CaptureObjects.fence(table.definition, node: node, sync: $0) } ?? []
        let shapeOfKey = Fingerprint.of(deltas + [table.captured?.capture.rawValue ?? ""])
        let fingerprint = "\(shapeOfKey).\(Fingerprint.of(functions + triggers + fence))"

        let keyChanged = before.map { $0.capture != nil && !$0.fingerprint.hasPrefix(shapeOfKey + ".") } ?? false
        let upToDate =
            before?.fingerprint == fingerprint && before?.name == table.definition.name
            && hasItsTriggers(table) && before?.syncs == table.syncs
        if upToDate { return nil }

        var statements: [String] = []
        if keyChanged { statements.append(SQLTemplate.render("install/rebuild_table", ["id": "\(id)"])) }
        if before?.fenced == true && table.fencedBy == nil {
            statements.append(SQLTemplate.render("install/drop_fence", ["table": table.definition.name.sql]))
        }
        if before?.capture == nil || keyChanged { statements += deltas }
        statements += functions + triggers + fence
        if marked && table.captured != nil {
            statements.append(SQLTemplate.render("install/mark_whole", ["id": "\(id)"]))
        }
        if let before, before.name != table.definition.name {
            let names = literals(before.name, prefix: "old_").merging(literals(table.definition.name)) { $1 }
            statements.append(SQLTemplate.render("install/rename_state", names))
        }
        statements.append(record(table, id: id, objects: objects, fingerprint: fingerprint))
        statements += table.syncs.subtracting(before?.syncs ?? []).sorted().map { sync in
            SQLTemplate.render("install/record_sync_table", ["sync": SQLText.literal(sync), "id": "\(id)"])
        }
        statements += (before?.syncs ?? []).subtracting(table.syncs).sorted().map { sync in
            SQLTemplate.render("install/forget_sync_table", ["sync": SQLText.literal(sync), "id": "\(id)"])
        }
        let action = table.captured != nil ? "capture changes of" : "fence"
        return InstallStep("\(action) \(table.definition.name)", statements, warning: warning(table, before))
    }

    /// Triggers that were taken away or switched off let changes pass unseen.
    private func warning(_ table: DesiredTable, _ before: InstalledState.Table?) -> String? {
        guard let before, before.capture != nil, before.exists, table.captured != nil else { return nil }
        let present = installed.triggers[before.relation] ?? []
        let gone = CaptureTriggers.names(table.captured?.capture).contains { !present.contains($0) }
        guard gone || installed.disabled.contains(before.relation) else { return nil }
        return
            "capture of \(before.name) had been switched off: changes may be missing; compare with \"switchback diff\""
    }

    private func hasItsTriggers(_ table: DesiredTable) -> Bool {
        let present = installed.triggers[table.definition.oid] ?? []
        guard CaptureTriggers.names(table.captured?.capture).allSatisfy(present.contains) else { return false }
        if table.fencedBy != nil && !present.contains("switchback_fence") { return false }
        if table.definition.isPartitioned {
            return table.definition.partitions.allSatisfy { partition in
                let there = installed.triggers[partition.oid] ?? []
                return
                    (table.captured == nil || table.captured?.isWhole == true
                    || there.contains("switchback_capture_truncate"))
                    && (table.fencedBy == nil || there.contains("switchback_fence"))
            }
        }
        return true
    }

    private func record(_ table: DesiredTable, id: Int, objects: CaptureObjects?, fingerprint: String) -> String {
        let key = table.captured?.key?.columns ?? []
        let hasDeltas = !key.isEmpty
        func delta(_ name: String?) -> String { hasDeltas ? SQLText.literal("switchback.\(name ?? "")") : "NULL" }
        return SQLTemplate.render(
            "install/record_table",
            [
                "id": "\(id)", "relation": "\(table.definition.oid)",
                "schema": SQLText.literal(table.definition.name.schema),
                "table": SQLText.literal(table.definition.name.table),
                "capture": table.captured.map { SQLText.literal($0.capture.rawValue) } ?? "NULL",
                "keys": SQLText.literal(key.postgresArray), "fenced": table.fencedBy == nil ? "false" : "true",
                "delta_a": delta(objects?.deltaA), "delta_b": delta(objects?.deltaB),
                "fingerprint": SQLText.literal(fingerprint),
            ])
    }
}

/// The names of the triggers of each kind of capture.
enum CaptureTriggers {
    static func names(_ kind: CaptureKind?) -> [String] {
        switch kind {
        case nil: []
        case .whole: ["switchback_capture_whole"]
        case .row: ["switchback_capture_row", "switchback_capture_truncate"]
        case .statement:
            ["insert", "update", "delete", "key", "truncate"].map { "switchback_capture_\($0)" }
        }
    }
}

/// A short fingerprint of texts, to notice that they changed. Not for security.
enum Fingerprint {
    /// FNV-1a, 64 bits, in hexadecimal.
    static func of(_ texts: [String]) -> String {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for text in texts {
            for byte in text.utf8 + [0] { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
        }
        return String(hash, radix: 16)
    }
}
