public import Model

/// A column as the catalogue has it.
public struct ColumnDefinition: Sendable, Equatable {
    public let name: String
    /// Its number in the table, which stays when it is renamed.
    public var number = 0
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
    /// The type below all domains, qualified and quoted; nil where the type is no domain.
    public var domainBase: String?
    /// There is a value for rows that give none: a default, or an identity.
    public var hasDefault = false
    /// How the type and those that it consists of are built; nil for types of Postgres itself. Two nodes' types of one
    /// name are compared by it.
    public var structure: String?

    /// Whether its values have an order that depends on a collation.
    var isCollatable: Bool {
        ["text", "\"varchar\"", "bpchar", "name", "citext"].contains {
            bareType.hasSuffix($0) || domainBase?.hasSuffix($0) == true
        }
    }
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
    /// What it looks at: SQL over the table's columns, called x1, x2, ….
    public let looksAt: String
    /// SQL over `a.x1`, `b.x1` and so on: whether the rows clash.
    public let clash: String
    /// SQL over the table's columns: which rows it looks at; nil for all.
    public let condition: String?
}

/// A partition of a partitioned table.
public struct PartitionDefinition: Sendable, Equatable {
    public let oid: UInt32
    public let name: TableName
    public let isLeaf: Bool
    public var isOwned = false
    public var maySelect = false
    public var mayTrigger = false
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
    /// Rules rewrite what is written to it.
    public var hasRules = false
    /// A crash of the server empties it, or a partition of it, and no trigger tells.
    public var isUnlogged = false
    /// Our role owns it.
    public var isOwned = false
    /// Rows of it lie in tables elsewhere, where no trigger of ours fires.
    public var hasForeignPartitions = false
    public var columns: [ColumnDefinition] = [] {
        didSet {
            position = Dictionary(columns.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
        }
    }
    private(set) var position: [String: Int] = [:]
    /// Candidates, the best first; empty when there is none.
    public var keys: [KeyDefinition] = []
    public var deferrable: [DeferrableConstraint] = []
    public var partitions: [PartitionDefinition] = []

    /// The table in a FROM clause: without its inheritance children, which are tables of their own here.
    var sqlOnly: String { isPartitioned ? name.sql : "ONLY " + name.sql }

    /// Its rows can be written under another table's name: a parent's, where only that one's statement triggers fire.
    var hasOtherNames: Bool { isPartitioned || isPartition || hasInheritance }

    func column(_ name: String) -> ColumnDefinition? { position[name].map { columns[$0] } }

    /// The key over the same columns as another table's; one that is checked at once, if there is one.
    func counterpart(of key: KeyDefinition) -> KeyDefinition? {
        let same = keys.filter { Set($0.columns) == Set(key.columns) }
        return same.first(where: \.immediate) ?? same.first
    }
}

/// A sequence as the catalogue has it.
public struct SequenceDefinition: Sendable, Equatable {
    public let oid: UInt32
    public let name: TableName
    /// The table whose column it feeds, if any.
    public let owner: UInt32?
    /// That column's name.
    public var ownerColumn: String?
    /// The tables with columns that take their values from it.
    public var users: Set<UInt32> = []
    public let mayRead: Bool
    public let maySet: Bool
    public var increment: Int64 = 1
    /// The value that it handed out last, or will hand out first.
    public var position: Int64 = 1
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
    /// `lc_monetary` as the database has it: what a value of type money means depends on it.
    public var monetaryLocale = ""
    /// Our role may make objects in the schema `switchback`; false when there is none.
    public var mayUseSchema = true
    public var mayMakeTemporary = true
    /// The schema was made by the installer, and not by an administrator beforehand.
    public var schemaIsOurs = true

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
    /// Functions that could settle conflicts.
    public var functions: [RuleFunction] = []

    public func table(_ name: TableName) -> TableDefinition? { tables.first { $0.name == name } }
}
