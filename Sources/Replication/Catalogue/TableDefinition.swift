public import Model

/// A column as the catalogue has it.
public struct ColumnDefinition: Sendable, Equatable {
    public let name: String
    /// The type with its modifier, as `format_type` prints it; two nodes' columns are compared by it.
    public let type: String
    /// The type without its modifier, qualified and quoted.
    public let bareType: String
    /// A collation other than the type's own, qualified and quoted.
    public let collation: String?
    public let notNull: Bool
    /// Computed by the server: not carried, but computed again at the receiver.
    public let generated: Bool
    /// `GENERATED ALWAYS AS IDENTITY`: can be inserted with `OVERRIDING SYSTEM VALUE`, never updated.
    public let identityAlways: Bool
    /// Its type is an array, or a domain over one.
    public let isArray: Bool
}

/// A unique index over columns that cannot be null: what identifies a row.
public struct KeyDefinition: Sendable, Equatable {
    public let index: String
    /// False when deferrable: then `ON CONFLICT` cannot use it.
    public let immediate: Bool
    public let columns: [String]
    /// The equality operator of each column's operator class, as `OPERATOR(schema.=)`.
    public let equality: [String]
}

/// A constraint that is not checked in replica role.
public struct DeferrableConstraint: Sendable, Equatable {
    public let name: String
    /// SQL over rows `a` and `b`: whether they clash.
    public let clash: String
}

/// A partition of a partitioned table.
public struct PartitionDefinition: Sendable, Equatable {
    public let oid: UInt32
    public let name: TableName
    public let isLeaf: Bool
}

/// A table as the catalogue has it.
public struct TableDefinition: Sendable, Equatable {
    public let oid: UInt32
    public let name: TableName
    public let isPartitioned: Bool
    public let isPartition: Bool
    /// The topmost partitioned table above it; its own for others.
    public let root: UInt32
    /// Has inheritance parents or children (partitions not meant).
    public let hasInheritance: Bool
    /// Row security would hide rows from our role.
    public let rowSecurityHidesRows: Bool
    public let maySelect: Bool
    public let mayWrite: Bool
    public let mayTrigger: Bool
    public var columns: [ColumnDefinition] = []
    /// Candidates, the best first; empty when there is none.
    public var keys: [KeyDefinition] = []
    public var deferrable: [DeferrableConstraint] = []
    public var partitions: [PartitionDefinition] = []

    /// The table in a FROM clause: without its inheritance children, which are tables of their own here.
    var sqlOnly: String { isPartitioned ? name.sql : "ONLY " + name.sql }

    func column(_ name: String) -> ColumnDefinition? { columns.first { $0.name == name } }
}

/// A sequence as the catalogue has it.
public struct SequenceDefinition: Sendable, Equatable {
    public let oid: UInt32
    public let name: TableName
    /// The table whose column it feeds, if any.
    public let owner: UInt32?
    public let mayRead: Bool
    public let maySet: Bool
}

/// What a server says of itself and of us.
public struct ServerFacts: Sendable, Equatable {
    public let systemIdentifier: String
    public let databaseOID: Int64
    public let timeline: Int64
    /// Such as 150018.
    public let versionNumber: Int
    public let version: String
    public let inRecovery: Bool
    public let preparedTransactionsMax: Int
    /// The server's clock, as text in UTC.
    public let clock: String
    public let hasSchema: Bool
    public let isInstalled: Bool
    public let mayCreateSchema: Bool
    public let mayBecomeReplica: Bool
    public let role: String
    public let database: String
    public let largeObjects: Int

    /// Which database this is: changes when it is restored elsewhere, recreated, or promoted from another timeline.
    public var identity: DatabaseIdentity {
        DatabaseIdentity(systemIdentifier: systemIdentifier, databaseOID: databaseOID, timeline: timeline)
    }
}

/// Tells one database from every other, and from its own past.
public struct DatabaseIdentity: Sendable, Equatable {
    public let systemIdentifier: String
    public let databaseOID: Int64
    public let timeline: Int64
}

/// What a database holds, read in one go.
public struct Catalogue: Sendable {
    public let facts: ServerFacts
    public let tables: [TableDefinition]
    public let sequences: [SequenceDefinition]

    public func table(_ name: TableName) -> TableDefinition? { tables.first { $0.name == name } }
}
