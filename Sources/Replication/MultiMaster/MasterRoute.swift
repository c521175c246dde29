import Model
import Settings

/// What a route needs beyond the ordinary where several nodes write the table.
struct MasterRoute: Sendable {
    let rule: ConflictRule
    /// The nodes at both ends, as versions name them.
    let source: String
    let receiver: String
    /// The table's number at the receiver; part of the names of its versions and deltas there.
    let receiverID: Int
    /// The receiver's own delta tables; nil where nobody writes there.
    let receiverDeltas: (a: String, b: String)?
    /// Conflicts are settled column by column: versions and deltas say which columns are from which change.
    var tracksColumns: Bool { rule == .merge }
    /// Columns whose differences are added up.
    let counters: [String]
    /// Whether versions of more than one node arrive here, so that of each row must be known whose it shows. Where only one
    /// sends, it has always seen what it sent before.
    let tellsAll: Bool
    /// Whether versions come over nodes that hand them on.
    let hasLinks: Bool
    /// Whether the receiver is such a node.
    let handsOn: Bool

    /// - Throws: `StreamStopped` when the receiver was not prepared for several masters.
    init(
        _ sync: SyncSettings, _ table: TableName, _ target: TableDefinition, _ receiver: ReceiverView,
        _ stream: StreamID
    ) throws {
        let own = receiver.own[target.oid]
        guard let own, own.keepsVersions else {
            throw StreamStopped(
                message: "\(table) at \(stream.receiver) keeps no versions of its rows, which several sources need",
                hint: "run \"switchback schema install\"")
        }
        rule = sync.rule(of: table)
        if rule == .merge && !own.tracksColumns { throw StreamStopped.withoutColumns(table, at: stream.receiver) }
        counters = sync.override(for: table)?.counters ?? []
        if !counters.isEmpty && !own.keepsCounts {
            throw StreamStopped(
                message: "\(table) at \(stream.receiver) keeps no sums of its counters",
                hint: "run \"switchback schema install\"")
        }
        source = stream.source
        self.receiver = stream.receiver
        receiverID = own.id
        receiverDeltas = own.deltas
        hasLinks = sync.links != nil
        handsOn = sync.handsOn(stream.receiver)
        // With links a version of a conflict may have come before the others, and is not taken for one that was superseded.
        tellsAll = sync.senders(to: stream.receiver).count > 1 || hasLinks
    }
}

extension StreamStopped {
    /// The rule needs what an older installation does not capture.
    static func withoutColumns(_ table: TableName, at node: String) -> StreamStopped {
        StreamStopped(
            message:
                "\(table) at \(node) does not tell which columns a change changed, which its conflicts are settled by",
            hint: "run \"switchback schema install\"")
    }
}
