import Foundation
import Settings

/// Which conflicts, or rows in quarantine, are meant.
public struct RecordFilter: Sendable {
    public var sync: String?
    /// `schema.table`.
    public var table: String?
    /// The writer of either version of a conflict; the node that keeps a row out.
    public var node: String?
    /// As Postgres reads times; inclusive.
    public var since: String?
    /// As Postgres reads times; exclusive.
    public var until: String?
    public var rowsMost: Int

    public init(
        sync: String? = nil, table: String? = nil, node: String? = nil, since: String? = nil, until: String? = nil,
        rowsMost: Int = 1000
    ) {
        self.sync = sync
        self.table = table
        self.node = node
        self.since = since
        self.until = until
        self.rowsMost = rowsMost
    }
}

extension Settings {
    /// The nodes of the syncs in which several nodes write, or may come to.
    var nodesBetweenMasters: [String] {
        Set(syncs.filter(\.isMultiMaster).flatMap { $0.sources + $0.targets }).sorted()
    }
}

/// Lists of values as a node's records have them.
enum RecordedValues {
    /// A JSON array of texts and nulls; nil when there is none.
    static func list(_ json: String?) -> [String?]? {
        json.flatMap { try? JSONDecoder().decode([String?].self, from: Data($0.utf8)) }
    }
}
