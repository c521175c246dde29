import Foundation
public import Model
import Yams

public struct SettingsError: Error, CustomStringConvertible { public let description: String }
public struct Secret: Sendable, Equatable { public let value: String }
public struct NodeSettings: Sendable, Equatable {
    public let name: String
    public let dsn: Secret
}
public enum ConflictRule: Sendable, Equatable { case latest }
public struct TableOverride: Sendable, Equatable {
    public let pattern: Glob
    public let whereClause: String?
    public let columns: [String]?
    public let fullCopy: Bool
}
public struct SyncSettings: Sendable, Equatable {
    public let name: String
    public let sources: [String]
    public let targets: [String]
    public let tables: [Glob]
    public let exclude: [Glob]
    public let overrides: [TableOverride]
}
public struct Settings: Sendable, Equatable {
    public let cluster: String
    public let nodes: [NodeSettings]
    public let syncs: [SyncSettings]
    public static let template = "x"
    public static func load(path: String?, environment: [String: String]) throws -> Settings {
        try parse(String(contentsOfFile: path ?? "switchback.yaml", encoding: .utf8))
    }
    public static func parse(_ text: String, environment: [String: String] = [:]) throws -> Settings {
        let y = try Yams.load(yaml: text) as! [String: Any]
        let nodes = (y["nodes"] as! [String: [String: String]]).map {
            NodeSettings(name: $0.key, dsn: Secret(value: $0.value["dsn"]!))
        }.sorted { $0.name < $1.name }
        let syncs = (y["syncs"] as! [String: [String: Any]]).map { name, s in
            let roles = s["nodes"] as! [String: String]
            let ov = (s["overrides"] as? [String: [String: Any]]) ?? [:]
            return SyncSettings(
                name: name, sources: roles.filter { $0.value == "source" }.map(\.key).sorted(),
                targets: roles.filter { $0.value == "target" }.map(\.key).sorted(),
                tables: (s["tables"] as! [String]).map { Glob($0) },
                exclude: ((s["exclude"] as? [String]) ?? []).map { Glob($0) },
                overrides: ov.map {
                    TableOverride(
                        pattern: Glob($0.key), whereClause: $0.value["where"] as? String,
                        columns: $0.value["columns"] as? [String], fullCopy: ($0.value["full_copy"] as? Bool) ?? false)
                })
        }
        return Settings(cluster: y["cluster"] as! String, nodes: nodes, syncs: syncs)
    }
}
