import Model
import Postgres
import Settings

/// Keys that sources generate for themselves: two of them must not come to the same.
enum GeneratedKeys {
    /// The sequences of a sync's tables that hand out the same values at two sources, with the statements that part them.
    ///
    /// Sources whose sequences have one stride, and start at different places within it, never meet.
    static func findings(_ sync: SyncSettings, catalogues: [String: Catalogue]) -> [Finding] {
        var found: [TableName: [(node: String, sequence: SequenceDefinition)]] = [:]
        // A standby's sequences follow the active node's: they are meant to be the same.
        for node in sync.namedSources {
            guard let catalogue = catalogues[node] else { continue }
            let (tables, _) = SyncTables.select(sync, in: catalogue, node: node)
            for sequence in catalogue.sequences(of: tables, sync) {
                found[sequence.name, default: []].append((node, sequence))
            }
        }
        return found.sorted { $0.key < $1.key }.compactMap { name, places in
            meet(places.map(\.sequence)) ? finding(name, places, sync) : nil
        }
    }

    /// Whether two of the sequences come to one value.
    static func meet(_ sequences: [SequenceDefinition]) -> Bool {
        guard sequences.count > 1, let stride = sequences.first?.increment.magnitude, stride > 0 else { return false }
        guard sequences.allSatisfy({ $0.increment.magnitude == stride }) else { return true }
        let places = sequences.map { sequence in
            let place = sequence.position % Int64(stride)
            return place < 0 ? place + Int64(stride) : place
        }
        return Set(places).count < sequences.count
    }

    private static func finding(
        _ name: TableName, _ places: [(node: String, sequence: SequenceDefinition)], _ sync: SyncSettings
    ) -> Finding {
        let nodes = places.map(\.node).joined(separator: " and ")
        let stride = Int64(places.count)
        let furthest = places.map(\.sequence.position).max() ?? 0
        let base = (furthest / stride + 1) * stride
        // The start is what the catalogue tells of a sequence that has handed out nothing since it was restarted.
        let statements = places.enumerated().map { index, place in
            "at \(place.node): ALTER SEQUENCE \(name.sql) INCREMENT BY \(stride) START WITH \(base + Int64(index)) RESTART"
        }
        return Finding(
            .notice, sync: sync.name,
            "sequence \(name) hands out the same values at \(nodes): rows that get them are conflicts",
            remedy: statements.joined(separator: "; "))
    }
}
