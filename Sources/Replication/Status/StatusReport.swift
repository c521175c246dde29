/// What `status` shows. Every field was looked at; what could not be is nil, with the reason beside it.
public struct StatusReport: Encodable, Sendable {
    public struct Node: Encodable, Sendable {
        public let name: String
        public let reachable: Bool
        /// Its replicated tables refuse application writes.
        public let fenced: Bool?
        public let version: String?
        public let error: String?
        /// Bytes of captured changes that some receiver has not confirmed, or that were not emptied yet.
        public let deltaBytes: Int?
        /// The longest that a client's transaction has been open.
        public let oldestTransactionSeconds: Int?
        /// By how much its clock is ahead of this machine's.
        public var clockOffsetSeconds: Double?
    }

    public struct Stream: Encodable, Sendable {
        public let from: String
        public let to: String
        /// A `StreamState`.
        public let state: String
        public let lagSeconds: Double?
        public let pendingRows: Int?
        /// There are so many that they were not counted one by one.
        public let pendingIsEstimate: Bool
        public let lastAppliedAt: String?
        public let appliedRows: Int64?
        public let batch: Int64?
        /// Why it does not move, if it does not.
        public let error: String?
        public let hint: String?
        /// An engine carries it just now.
        public let engine: Bool?
        /// Tables that the configuration names and that the next `schema install` will capture.
        public let tablesNotCaptured: [String]
        /// Tables that have not been copied yet.
        public let tablesNotCopied: [String]
        public let copy: CopyState?
        /// What its source keeps for a receiver that is away; nil while it is not.
        public let kept: Kept?

        var isWell: Bool {
            state == StreamState.streaming.rawValue && error == nil && tablesNotCaptured.isEmpty
                && tablesNotCopied.isEmpty
        }
    }

    /// What a node costs another by being away.
    public struct Kept: Encodable, Sendable {
        public let since: String
        /// Changes of rows that it has not confirmed, where they could be counted.
        public var rows: Int?
        /// Of deltas that it has not confirmed, and of the versions that are kept with them.
        public let bytes: Int
    }

    /// A clock that is further off than the sync allows.
    public struct Clock: Encodable, Sendable {
        public let node: String
        public let seconds: Double
        public let message: String
    }

    public struct CopyState: Encodable, Sendable {
        public let chunksDone: Int
        public let chunksTotal: Int
        public let rows: Int
    }

    public struct Sync: Encodable, Sendable {
        public let name: String
        /// The worst of its streams' states.
        public let state: String
        public let streams: [Stream]
        /// The sources' clocks that are off, by which conflicts are settled.
        public let clocks: [Clock]
    }

    public struct Conflicts: Encodable, Sendable {
        public let total: Int
        public let held: Int
        /// Versions that the history no longer has, for they were older than the configuration keeps them.
        public let removed: Int
    }

    /// Where the site is, as the journal of its plans tells it.
    public struct Site: Encodable, Sendable {
        public let active: String?
        /// `none` without sites that move; otherwise `home`, `away`, `moving`, `stopped`, or `unknown` when nobody could tell.
        public let state: String
        public let epoch: Int

        public init(active: String?, state: String, epoch: Int) {
            self.active = active
            self.state = state
            self.epoch = epoch
        }
    }

    public let cluster: String
    public let nodes: [Node]
    public let syncs: [Sync]
    public let conflicts: Conflicts
    public let quarantined: Int
    public var site: Site

    /// Whether every node answers, every stream moves, and every table that is named is carried.
    public var isWell: Bool {
        nodes.allSatisfy { $0.reachable && $0.error == nil } && syncs.flatMap(\.streams).allSatisfy(\.isWell)
            && syncs.allSatisfy(\.clocks.isEmpty)
    }
}
