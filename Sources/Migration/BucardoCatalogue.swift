public import Model
public import Settings

/// What a Bucardo control database holds, as it stands there and in Bucardo's own words.
///
/// No password is in it: the column that keeps them is not read, and what else may hold one is a secret.
public struct BucardoCatalogue: Sendable, Equatable {
    /// Such as `5.6.0`.
    public var version = ""
    /// Databases, in the order in which Bucardo learnt of them.
    public var databases: [Database] = []
    /// Groups of databases: what a sync calls its `dbs`.
    public var groups: [Group] = []
    /// Tables and sequences.
    public var relations: [Relation] = []
    /// Groups of tables and sequences.
    public var relgroups: [Relgroup] = []
    /// Syncs, in the order in which they were made.
    public var syncs: [Sync] = []
    public var customColumns: [CustomColumns] = []
    public var customNames: [CustomName] = []
    public var customCode: [CustomCode] = []
    public var customTriggers: [CustomTrigger] = []
    public var settings: [Setting] = []
    /// Columns that no Bucardo known to this program has, as `sync.column`.
    public var unknownColumns: [String] = []

    /// A row of `db`.
    public struct Database: Sendable, Equatable {
        public var name: String
        /// `postgres`, `mysql` and so on.
        public var kind = "postgres"
        /// A DSN of Perl's DBI, which stands above all the rest.
        public var dsn = Secret("")
        public var host = ""
        public var port = ""
        public var database = ""
        public var user = ""
        /// What is added to the connection string, with semicolons between.
        public var words = Secret("")
        public var service = ""
        public var passwordFile = ""
        public var hasPassword = false
        public var status = "active"
        public var preparesAtServer = true
        /// Whether what a sync brings here goes on to other syncs.
        public var makesDeltas = false
    }

    /// A row of `dbgroup` with its rows of `dbmap`.
    public struct Group: Sendable, Equatable {
        public var name: String
        public var members: [Member] = []
    }

    /// A database in a group.
    public struct Member: Sendable, Equatable {
        public var database: String
        /// `source`, `target` or `fullcopy`.
        public var role: String
    }

    /// A row of `goat`.
    public struct Relation: Sendable, Equatable {
        public var id: Int
        public var database = ""
        public var name: TableName
        public var isSequence = false
        /// The key's columns: none when it has no key, nil when nobody looked.
        public var key: [String]?
        public var autokick: Bool?
        public var conflictStrategy: String?
        /// `on`, `off`, or nil for what the database says.
        public var makesDeltas: String?
        public var rebuildsIndex = false
        /// In the group, and yet not replicated.
        public var isGhost = false
        public var isStrict = true
        public var bypassesDeltas = false
    }

    /// A row of `herd` with its rows of `herdmap`.
    public struct Relgroup: Sendable, Equatable {
        public var name: String
        /// Numbers of relations.
        public var relations: [Int] = []
        /// Whether an order was given to them.
        public var hasPriorities = false
    }

    /// A row of `sync`.
    public struct Sync: Sendable, Equatable {
        public var name: String
        public var relgroup: String?
        public var group: String?
        public var status = "active"
        public var conflictStrategy = "bucardo_latest"
        public var autokick = true
        /// How long Bucardo waits for a kick before it looks by itself.
        public var checkInterval: String?
        public var rebuildsIndex = false
        public var isStrict = true
        public var oneTimeCopy = 0
        public var deleteMethod = "delete"
        public var copyExtra = ""
        public var isolationLevel: String?
        public var overdue: String?
        public var expired: String?
        public var lifetime: String?
        public var kicksMax = 0
        public var staysAlive = true
        public var kidsStayAlive = true
        public var analyzes = true
        public var vacuums = false
        public var priority = 0
        public var tracksRates = false
    }

    /// A row of `customcols`.
    public struct CustomColumns: Sendable, Equatable, Scoped {
        public var relation: Int
        /// `SELECT a, b`.
        public var clause: String
        public var database: String?
        public var sync: String?
    }

    /// A row of `customname`.
    public struct CustomName: Sendable, Equatable, Scoped {
        public var relation: Int
        public var name: String
        public var database: String?
        public var sync: String?
    }

    /// A row of `customcode`, without the code, with the places where it is used.
    public struct CustomCode: Sendable, Equatable {
        public var name: String
        /// `before_txn`, `conflict` and so on.
        public var moment: String
        public var isActive = true
        public var syncs: [String] = []
        /// Numbers of relations.
        public var relations: [Int] = []
    }

    /// A row of `bucardo_custom_trigger`.
    public struct CustomTrigger: Sendable, Equatable {
        public var relation: Int
        public var name: String
        /// `delta` or `triggerkick`.
        public var kind: String
    }

    /// A row of `bucardo_config`.
    public struct Setting: Sendable, Equatable {
        public var name: String
        public var value: String
        /// What it was when Bucardo was installed; nil when that is not known.
        public var original: String?
        /// `sync` or `goat` where it is for one.
        public var kind: String?
        /// Which.
        public var item: String?
    }
}

/// What can be for one database, one sync, one of each or all.
protocol Scoped {
    var relation: Int { get }
    var database: String? { get }
    var sync: String? { get }
}
