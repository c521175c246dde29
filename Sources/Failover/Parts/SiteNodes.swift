/// How a node's fence stands.
public struct FenceLook: Sendable, Hashable {
    /// Applications cannot write.
    public let isClosed: Bool
    /// The newest plan that the node has heard of. It takes no orders of an older one.
    public let epoch: Int
    /// Why it is closed.
    public let reason: String?

    public init(isClosed: Bool, epoch: Int, reason: String? = nil) {
        self.isClosed = isClosed
        self.epoch = epoch
        self.reason = reason
    }
}

/// Rows of a table that one node took and another has not.
public struct TableCount: Sendable, Hashable, Codable {
    /// `schema.table`.
    public let table: String
    public let rows: Int
    /// The keys of some of them, as people read them; empty where they were not asked for, or are not known.
    public let keys: [String]

    /// How many keys are told of a table.
    public static let keysMost = 5

    public init(table: String, rows: Int, keys: [String] = []) {
        self.table = table
        self.rows = rows
        self.keys = keys
    }

    /// For people: `public.item 12 (3, 4, 5, 6, 7, …)`.
    public var text: String { keys.isEmpty ? plainText : "\(plainText) (\(keysText))" }

    /// The same without keys, for what leaves the nodes: `public.item 12`. A key may be somebody's address.
    public var plainText: String { "\(table) \(rows)" }

    /// The keys in one line. Several changes of one row have one key.
    var keysText: String {
        let isCut = keys.count >= Self.keysMost && rows > keys.count
        return keys.joined(separator: ", ") + (isCut ? ", …" : "")
    }
}

/// The databases of both sites, as plans need them. Every call names nodes of the configuration.
///
/// Each throws ``StepFailure``, with `isGone` when a node could not be reached at all.
public protocol SiteNodes: Sendable {
    /// How the fence stands.
    func look(_ node: String) async throws -> FenceLook
    /// Takes an epoch at a node: the next one above a number, and above all that the node gave before, that leaves this
    /// remainder. It is given once and to nobody else, also after a crash.
    func takeEpoch(at node: String, above: Int, remainder: Int, of count: Int) async throws -> Int
    /// Takes a node on to an epoch. Its fence stays as it stands, or is closed; transactions that are under way are not waited
    /// for.
    func raise(_ node: String, epoch: Int, closes: Bool, reason: String) async throws
    /// Fences a node: applications can write no more, and what they had under way has ended or will fail.
    func close(_ node: String, epoch: Int, reason: String) async throws
    /// Lets applications write at a node.
    func open(_ node: String, epoch: Int) async throws
    /// What keeps a node from taking writes, were it unfenced; empty when nothing does.
    func obstacles(at node: String) async throws -> [String]
    /// What keeps streams between two nodes from moving; empty when they move.
    func standstill(from: String, to: String) async throws -> [String]
    /// What one node took and another has not, by table.
    func pending(from: String, to: String) async throws -> [TableCount]
    /// The same, with the keys of some of the rows of each table.
    func stranded(from: String, to: String) async throws -> [TableCount]
    /// Brings to one node all that was committed at another before the call.
    ///
    /// - Returns: how many rows came.
    func carry(from: String, to: String, limit: Duration) async throws -> Int
    /// The same, when the first is fenced: also what was under way when it was, and its sequences.
    func drain(from: String, to: String, limit: Duration) async throws -> Int
    /// Holds back at one node what comes from another.
    func hold(from: String, at node: String) async throws
    /// Lets it pass.
    func release(from: String, at node: String) async throws
    /// Tables in which two nodes differ, with how; rows on their way do not count.
    func differences(from: String, to: String) async throws -> [String]
    /// Writes at a node as an application would, once it takes writes.
    func prove(_ node: String) async throws
    /// Writes at a node and rolls back.
    func rehearse(_ node: String) async throws
    /// Versions that lost a conflict, as far as a node knows.
    func conflicts(at node: String) async throws -> Int
}
