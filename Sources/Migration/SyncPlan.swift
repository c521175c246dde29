import Model

/// How one of Bucardo's syncs is carried over.
struct SyncPlan: Sendable, Equatable {
    /// A node and what it is to the sync.
    struct Role: Sendable, Equatable {
        let node: String
        /// Its name in Bucardo.
        let original: String
        let isSource: Bool
        var comment: String?
    }

    /// A table and what is different for it.
    struct Table: Sendable, Equatable {
        let name: TableName
        var columns: [String]?
        var isFullCopy = false
        var remarks: [Remark] = []
    }

    /// Its name in the configuration.
    let name: String
    /// What it was made of in Bucardo.
    let comment: String
    var roles: [Role] = []
    var tables: [Table] = []
    var sequences: [TableName] = []
    /// Tables that are named and yet not carried here, for another sync carries them.
    var excluded: [TableName] = []
    var excludeRemarks: [Remark] = []
    /// Nil where one node alone is written to.
    var conflict: ConflictPlan?
    /// Whether all tables travel whole.
    var isFullCopy = false
    var remarks: [Remark] = []
    /// What concerns several tables, or one that was left out.
    var tableRemarks: [Remark] = []
    /// Why it is not in use as it was written.
    var obstacle: Remark?

    var sources: [String] { roles.filter(\.isSource).map(\.node) }
    var targets: [String] { roles.filter { !$0.isSource }.map(\.node) }
    /// Nodes that others' changes are brought to.
    var receivers: [String] { sources.count > 1 ? sources + targets : targets }
}

extension SyncPlan {
    /// Makes room for syncs before this one, for no sync takes on what another brought: what cannot stand beside them is
    /// excluded, and when nothing is left, the sync is out as a whole.
    mutating func settle(beside others: [SyncPlan]) {
        for other in others where other.obstacle == nil && obstacle == nil {
            let theirs = Set(other.carried)
            let shared = carried.filter { theirs.contains($0) }
            guard !shared.isEmpty else { continue }
            let isAll = shared.count == carried.count
            guard let remark = clash(with: other, shared.listed, place: "syncs.\(name)\(isAll ? "" : ".exclude")")
            else {
                continue
            }
            if isAll {
                obstacle = remark
            } else {
                excluded += shared
                excludeRemarks.append(remark)
            }
        }
    }

    private var carried: [TableName] { tables.map(\.name).filter { !excluded.contains($0) } }

    /// Why tables cannot be in both syncs; nil when they can.
    private func clash(with other: SyncPlan, _ tables: String, place: String) -> Remark? {
        let takesOn = sources.first { other.receivers.contains($0) }
        let handsOn = receivers.first { other.sources.contains($0) }
        let note: Note? =
            if takesOn != nil && handsOn != nil {
                mutual(with: other, tables)
            } else if let takesOn {
                chain(from: other, at: takesOn, tables)
            } else if let handsOn {
                chain(into: other, at: handsOn, tables)
            } else {
                targets.first { other.targets.contains($0) }.map { junction(with: other, at: $0, tables) }
            }
        return note?.at(place)
    }

    private func mutual(with other: SyncPlan, _ tables: String) -> Note {
        let both = other.sources + sources.filter { !other.sources.contains($0) }
        var nodes = both.map { "\($0): source" }
        for node in other.targets + targets where !both.contains(node) && !nodes.contains("\(node): target") {
            nodes.append("\(node): target")
        }
        return Note(
            "it brings \(tables) back to where sync \(other.name) takes it from",
            instead: "carry that in one sync: nodes: { \(nodes.joined(separator: ", ")) }")
    }

    private func chain(from other: SyncPlan, at node: String, _ tables: String) -> Note {
        Note(
            "it takes \(tables) on from \(node), where sync \(other.name) brings it; no sync takes on what another brought",
            instead: naming(receivers, in: other))
    }

    private func chain(into other: SyncPlan, at node: String, _ tables: String) -> Note {
        Note(
            "it brings \(tables) to \(node), where sync \(other.name) takes it from; no sync takes on what another brought",
            instead:
                "name \(other.targets.joined(separator: ", ")) as target here, whose sources send to every node, and take "
                + "that out of sync \(other.name)")
    }

    private func junction(with other: SyncPlan, at node: String, _ tables: String) -> Note {
        Note(
            "it brings \(tables) to \(node), as sync \(other.name) does",
            instead: sources == other.sources
                ? naming(receivers, in: other)
                : "let one sync carry a table to a node; rows of several sources belong into one sync with several sources"
        )
    }

    /// To have another sync bring its tables to more nodes.
    private func naming(_ nodes: [String], in other: SyncPlan) -> String {
        let news = nodes.filter { !other.sources.contains($0) && !other.targets.contains($0) }
        return news.isEmpty
            ? "nothing; sync \(other.name) brings it to all these nodes"
            : "name \(news.joined(separator: ", ")) as target in sync \(other.name), whose sources send to every node"
    }
}

extension [TableName] {
    /// The names for people; of very many, the first.
    var listed: String {
        let names = map(\.description)
        let shown = names.count > 20 ? names[..<20] + ["\(names.count - 20) more"] : names[...]
        return shown.joined(separator: ", ")
    }
}
