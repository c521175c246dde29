import Model
import Postgres

/// How one table travels from its source to one receiver. The statements at both ends are in extensions.
///
/// Rows travel as a flag whether the row is there, followed by `columns`, the key first.
struct TableRoute: Sendable {
    let name: TableName
    /// The table's number at the source; part of its delta tables' names.
    let sourceID: Int
    let sourceRelation: UInt32
    let receiverRelation: UInt32
    let table: SelectedTable
    let target: TableDefinition
    /// The key at the source, with the receiver's operators; nil when the table travels whole.
    let receiverKey: KeyDefinition?
    let deltaA: String
    let deltaB: String
    /// What else there is to know where it has several masters.
    var masters: MasterRoute?

    var keyCount: Int { table.key?.columns.count ?? 0 }
    var columns: [String] { table.columns }

    /// The most columns that a table of Postgres can have.
    private static let columnsMost = 1600

    /// Whether there are so many columns that the flag has no place beside them: what is there and what is gone then
    /// travel one after the other.
    var isWide: Bool { columns.count >= Self.columnsMost }

    /// Whether single rows can be written one by one. Otherwise they are staged, which every table allows.
    var takesSingleRows: Bool {
        guard let key = receiverKey else { return false }
        let identityBesidesKey = table.columns.dropFirst(keyCount).contains {
            target.column($0)?.identityAlways ?? false
        }
        // ON CONFLICT is refused beside rules, also beside those that replica role switches off.
        return key.immediate && target.deferrable.isEmpty && !identityBesidesKey && !target.hasRules
            && !(target.hasInheritance || target.isPartition)
    }

    /// Whether rows that are new can be copied straight into the table. Constraints that replica role does not check are
    /// looked at in the stage.
    var takesInsertedRows: Bool { receiverKey?.immediate == true && target.deferrable.isEmpty }

    // MARK: - Parts of statements

    func list(_ columns: [String], of row: String? = nil) -> String {
        columns.map { (row.map { "\($0)." } ?? "") + SQLText.identifier($0) }.joined(separator: ", ")
    }

    /// The key's columns of a delta: `k1, k2`.
    var numberedKeys: [String] { (0..<keyCount).map { "k\($0 + 1)" } }
}
