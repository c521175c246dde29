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
    /// Whether versions of more than one node arrive here, so that of each row must be known whose it shows. Where only one
    /// sends, it has always seen what it sent before.
    let tellsAll: Bool

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
        rule = sync.override(for: table)?.conflict ?? sync.conflict
        source = stream.source
        self.receiver = stream.receiver
        receiverID = own.id
        receiverDeltas = own.deltas
        tellsAll = sync.sources.count > (sync.sources.contains(stream.receiver) ? 2 : 1)
    }
}
