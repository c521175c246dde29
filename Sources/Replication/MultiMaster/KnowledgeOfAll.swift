import Foundation
import Model
import Postgres

/// What a node of a sync with links knows: what it has seen itself, and what each other source had seen when what came from it was
/// read, over however many nodes it came.
///
/// A node takes over all of it with the batch that it comes with (see `Knowledge`). What it has seen tells whether a version is
/// news; what the others have seen tells when nobody needs it any more.
struct KnowledgeOfAll: Sendable {
    /// What the node has seen, but for what it wrote itself.
    var own: Knowledge
    private var others: [String: Facts]
    private let identity: String?
    /// The number of the transaction that asked, if it has one.
    let transaction: UInt64?

    private struct Facts: Codable {
        var seen: [String: String]
        var identity: String?
    }

    /// - Parameter rows: what `multimaster/known` answers.
    /// - Returns: nil where the node takes part in no such sync.
    init?(rows: QueryResult) {
        guard let mine = (0..<rows.rowCount).first(where: { rows.bool($0, 2) }) else { return nil }
        own = Knowledge(json: rows.text(mine, 1)) ?? Knowledge()
        identity = rows[mine, 3]
        transaction = rows[mine, 4].flatMap { UInt64($0) }
        others = [:]
        for row in 0..<rows.rowCount where row != mine {
            let seen = Knowledge(json: rows.text(row, 1)) ?? Knowledge()
            others[rows.text(row, 0)] = Facts(seen: seen.texts, identity: rows[row, 3])
        }
    }

    /// What a receiver takes over.
    ///
    /// - Parameter snapshot: what it was read in, at the node of that name.
    func told(by node: String, in snapshot: Snapshot) -> String {
        var all = others
        all[node] = Facts(seen: own.adding(node, snapshot).texts, identity: identity)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // Texts can always be encoded.
        return (try? encoder.encode(all)).map { String(decoding: $0, as: UTF8.self) } ?? "{}"
    }
}

extension Knowledge {
    fileprivate var texts: [String: String] { snapshots.mapValues(\.description) }
}

extension StreamStopped {
    /// A node that was not told of the sync's links, or not that it has none.
    static func linksUnknown(_ stream: StreamID, at node: String) -> StreamStopped {
        StreamStopped(
            message: "\(node) was not installed with the links that sync \(stream.sync) has in the configuration",
            hint:
                "run \"switchback schema install\"; a sync that runs with links goes on with some, and one without goes on without"
        )
    }
}
