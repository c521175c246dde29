import Model
import Postgres
import Settings

/// Keys that sources generate for themselves: two of them must not come to the same.
enum GeneratedKeys {
    /// The sequences of a sync's tables that hand out the same values at two sources, with the statements that part them.
    ///
    /// Sources whose sequences have one stride, and start at different places within it, never meet.
    static func findings(_ sync: SyncSettings, catalogues: [String: Catalogue]) -> [Finding] {
        colliding(sync, catalogues: catalogues).map { finding($0.name, $0.places, sync) }
    }

    /// A place that a sequence is given at one node: every so many-th value, from one on that no source has reached.
    struct Part: Sendable, Equatable {
        let node: String
        let name: TableName
        let stride: Int64
        let start: Int64

        /// The step of an installation that gives it.
        var step: InstallStep {
            InstallStep(
                "\(name): hand out \(start), \(start + stride), \(start + 2 * stride) and so on",
                [
                    SQLTemplate.render(
                        "install/part_sequence",
                        [
                            "sequence": name.sql, "schema_literal": SQLText.literal(name.schema),
                            "name_literal": SQLText.literal(name.table), "stride": "\(stride)", "start": "\(start)",
                        ])
                ])
        }
    }

    /// So many values may be handed out at a source between the look at its sequence and the change of it.
    private static let margin: Int64 = 10_000

    /// The places that part a sync's sequences. Those that count down are left to a person.
    static func parts(_ sync: SyncSettings, catalogues: [String: Catalogue]) -> [Part] {
        colliding(sync, catalogues: catalogues).flatMap { name, places -> [Part] in
            guard places.allSatisfy({ $0.sequence.increment > 0 }) else { return [] }
            let (stride, base) = layout(places, ahead: margin)
            return places.enumerated().map { index, place in
                Part(node: place.node, name: name, stride: stride, start: base + Int64(index))
            }
        }
    }

    private typealias Places = [(node: String, sequence: SequenceDefinition)]

    /// The stride for so many sources, and a multiple of it that none has reached.
    private static func layout(_ places: Places, ahead: Int64) -> (stride: Int64, base: Int64) {
        let stride = Int64(places.count)
        let furthest = (places.map(\.sequence.position).max() ?? 0) + ahead
        return (stride, (furthest / stride + 1) * stride)
    }

    /// The sequences that meet, where they are.
    private static func colliding(
        _ sync: SyncSettings, catalogues: [String: Catalogue]
    ) -> [(name: TableName, places: Places)] {
        var found: [TableName: [(node: String, sequence: SequenceDefinition)]] = [:]
        // A standby's sequences follow the active node's: they are meant to be the same.
        for node in sync.namedSources {
            guard let catalogue = catalogues[node] else { continue }
            let (tables, _) = SyncTables.select(sync, in: catalogue, node: node)
            for sequence in catalogue.sequences(of: tables, sync) {
                found[sequence.name, default: []].append((node, sequence))
            }
        }
        return found.sorted { $0.key < $1.key }.filter { meet($0.value.map(\.sequence)) }.map { ($0.key, $0.value) }
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
        _ name: TableName, _ places: Places, _ sync: SyncSettings
    ) -> Finding {
        let nodes = places.map(\.node).joined(separator: " and ")
        let (stride, base) = layout(places, ahead: 0)
        // The start is what the catalogue tells of a sequence that has handed out nothing since it was restarted.
        let statements = places.enumerated().map { index, place in
            "at \(place.node): ALTER SEQUENCE \(name.sql) INCREMENT BY \(stride) START WITH \(base + Int64(index)) RESTART"
        }
        return Finding(
            .notice, sync: sync.name,
            "sequence \(name) hands out the same values at \(nodes): rows that get them are conflicts",
            remedy:
                "switchback schema install --part-sequences; or, by hand, \(statements.joined(separator: "; "))")
    }
}
