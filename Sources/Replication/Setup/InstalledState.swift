import Assets
import Model
import Postgres

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

    /// A trigger of Switchback's; clones that partitions have of their parent's are not among them.
    struct Trigger: Sendable {
        let relation: UInt32
        let table: TableName
        let name: String
        /// In which roles it fires: `O` in the origin's, `A` always, `R` in the replica's, `D` never.
        let fires: String
        let function: String
        /// The number of the replicated table that it was made for.
        let tableID: Int?

        var isOff: Bool { fires == "D" || fires == "R" }
    }

    var versions: [Int] = []
    var isRecorded = false
    /// Whether the node's fence was put into its first state.
    var hasFence = false
    var tables: [Table] = []
    /// Whom this node has dealings with, by sync.
    var members: [(sync: String, node: String)] = []
    /// A sequence that was given a stride, with what it had before.
    struct PartedSequence: Sendable {
        let name: TableName
        let increment: Int
        let start: Int
    }
    var partedSequences: [PartedSequence] = []
    /// The sources of which this node keeps what they have seen, by sync.
    var linked: [String: Set<String>] = [:]
    private(set) var triggers: [Trigger] = []
    private var byRelation: [UInt32: [String: Trigger]] = [:]

    /// The migration that this program does not know: a newer program has been here.
    var unknownVersion: Int? {
        let known = Set(Assets.migrations.map(\.version))
        return versions.filter { !known.contains($0) }.max()
    }

    /// A table's triggers, by name.
    func triggers(of relation: UInt32) -> [String: Trigger] { byRelation[relation] ?? [:] }

    static func read(_ session: Session, installed: Bool) throws -> InstalledState {
        var state = InstalledState()
        guard installed else { return state }
        let versions = try session.query(Assets.sql("install/versions"))
        state.versions = (0..<versions.rowCount).map { versions.int($0, 0) }
        guard !state.versions.isEmpty, state.unknownVersion == nil else { return state }
        state.isRecorded = try session.query(Assets.sql("install/node")).rowCount > 0
        state.hasFence = try session.query(Assets.sql("fence/state")).rowCount > 0
        let tables = try session.query(Assets.sql("install/tables"))
        state.tables = (0..<tables.rowCount).map { row in
            Table(
                id: tables.int(row, 0), relation: tables.oid(row, 1),
                name: TableName(schema: tables.text(row, 2), table: tables.text(row, 3)), capture: tables[row, 4],
                fenced: tables.bool(row, 5), fingerprint: tables.text(row, 6), exists: tables.bool(row, 7),
                syncs: Set(tables.text(row, 8).split(separator: "\n").map(String.init)))
        }
        // An older installation has not heard of members that leave.
        if state.versions.contains(4) {
            let members = try session.query(Assets.sql("membership/members"))
            state.members = (0..<members.rowCount).map { (members.text($0, 0), members.text($0, 1)) }
        }
        if state.versions.contains(6) {
            let parted = try session.query(Assets.sql("install/parted_sequences"))
            state.partedSequences = (0..<parted.rowCount).map { row in
                PartedSequence(
                    name: TableName(schema: parted.text(row, 0), table: parted.text(row, 1)),
                    increment: parted.int(row, 2), start: parted.int(row, 3))
            }
        }
        if state.versions.contains(7) {
            let linked = try session.query(Assets.sql("install/linked"))
            for row in 0..<linked.rowCount {
                state.linked[linked.text(row, 0), default: []].insert(linked.text(row, 1))
            }
        }
        let triggers = try session.query(Assets.sql("install/triggers"))
        state.triggers = (0..<triggers.rowCount).map { row in
            Trigger(
                relation: triggers.oid(row, 0),
                table: TableName(schema: triggers.text(row, 1), table: triggers.text(row, 2)),
                name: triggers.text(row, 3), fires: triggers.text(row, 4),
                function: triggers.text(row, 5),
                tableID: triggers[row, 6].flatMap { Int($0) })
        }
        for trigger in state.triggers { state.byRelation[trigger.relation, default: [:]][trigger.name] = trigger }
        return state
    }
}
