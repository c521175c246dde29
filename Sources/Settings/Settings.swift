public import Model
public struct Secret: Sendable, Equatable { public let value: String }
public struct NodeSettings: Sendable, Equatable { public let name: String; public let dsn: Secret }
public enum ConflictRule: Sendable, Equatable { case latest }
public struct TableOverride: Sendable, Equatable { public let pattern: Glob; public let whereClause: String?; public let columns: [String]?; public let fullCopy: Bool }
public struct SyncSettings: Sendable, Equatable {
    public let name: String
    public let sources: [String]
    public let targets: [String]
    public let tables: [Glob]
    public let exclude: [Glob]
    public let overrides: [TableOverride]
}
public struct Settings: Sendable, Equatable { public let cluster: String; public let nodes: [NodeSettings]; public let syncs: [SyncSettings] }
