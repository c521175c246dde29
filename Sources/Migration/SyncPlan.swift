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
    /// Why this sync cannot stand beside one before it: no node hands on what it was brought.
    func obstacle(beside others: [SyncPlan]) -> Remark? {
        for other in others where other.obstacle == nil {
            let names = Set(other.tables.map(\.name))
            guard let shared = tables.first(where: { names.contains($0.name) })?.name else { continue }
            let takesOn = sources.filter { other.receivers.contains($0) }
            let handsOn = receivers.filter { other.sources.contains($0) }
            let both = targets.filter { other.targets.contains($0) }
            if !takesOn.isEmpty && !handsOn.isEmpty { return mutual(with: other, shared) }
            if let node = takesOn.first { return chain(from: other, at: node, shared) }
            if let node = handsOn.first { return chain(into: other, at: node, shared) }
            if let node = both.first { return junction(with: other, at: node, shared) }
        }
        return nil
    }

    private func mutual(with other: SyncPlan, _ table: TableName) -> Remark {
        let both = other.sources + sources.filter { !other.sources.contains($0) }
        let others = (other.targets + targets).filter { !both.contains($0) }
        var nodes = both.map { "\($0): source" }
        for node in others where !nodes.contains("\(node): target") { nodes.append("\(node): target") }
        return Remark(
            place, "it brings \(table) back to where sync \(other.name) takes it from",
            instead: "make one sync of the two: nodes: { \(nodes.joined(separator: ", ")) }")
    }

    private func chain(from other: SyncPlan, at node: String, _ table: TableName) -> Remark {
        Remark(
            place,
            "it takes \(table) on from \(node), where sync \(other.name) brings it; no node hands on what it was brought",
            instead: naming(receivers, in: other))
    }

    private func chain(into other: SyncPlan, at node: String, _ table: TableName) -> Remark {
        Remark(
            place,
            "it brings \(table) to \(node), where sync \(other.name) takes it from; no node hands on what it was brought",
            instead:
                "name \(other.targets.joined(separator: ", ")) as target here, whose sources send to every node, and take "
                + "sync \(other.name) out")
    }

    private func junction(with other: SyncPlan, at node: String, _ table: TableName) -> Remark {
        Remark(
            place, "it brings \(table) to \(node), as sync \(other.name) does",
            instead: sources == other.sources
                ? naming(receivers, in: other)
                : "let one sync carry a table to a node; rows of several sources belong into one sync with several sources"
        )
    }

    /// To have another sync bring its tables to more nodes.
    private func naming(_ nodes: [String], in other: SyncPlan) -> String {
        let news = nodes.filter { !other.sources.contains($0) && !other.targets.contains($0) }
        return news.isEmpty
            ? "leave it out; sync \(other.name) brings it to all these nodes"
            : "name \(news.joined(separator: ", ")) as target in sync \(other.name), whose sources send to every node"
    }

    private var place: String { "syncs.\(name)" }
}
