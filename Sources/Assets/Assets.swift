import CAssets

/// The `.sql` files of `SQL/`, `Migrations/` and `Demo/`, embedded in the binary.
public enum Assets {
    /// Every embedded file: its path without `.sql`, and its text.
    public static let files: [String: String] = {
        var files: [String: String] = [:]
        for index in 0..<switchback_asset_count {
            guard let asset = switchback_asset_at(index) else { continue }
            files[String(cString: asset.pointee.name)] = String(cString: asset.pointee.text)
        }
        return files
    }()

    /// The text of one file.
    ///
    /// - Parameter name: its path under `SQL/`, without `.sql`, such as `capture/statement_function`.
    /// - Precondition: the file exists; a test calls every name that the sources use.
    public static func sql(_ name: String) -> String {
        guard let text = files["SQL/" + name] else { preconditionFailure("no SQL file named \(name)") }
        return text
    }

    /// The text of one file of the demo.
    ///
    /// - Parameter name: its path under `Demo/`, without `.sql`, such as `schema/items`.
    /// - Precondition: the file exists; a test looks for every name that the sources use.
    public static func demo(_ name: String) -> String {
        guard let text = files["Demo/" + name] else { preconditionFailure("no file Demo/\(name).sql") }
        return text
    }

    /// The migrations of the `switchback` schema in the order in which they run.
    public static let migrations: [Migration] = files.keys.filter { $0.hasPrefix("Migrations/") }.sorted().map { path in
        let name = String(path.dropFirst("Migrations/".count))
        guard let version = Int(name.prefix(4)) else { preconditionFailure("migration without a number: \(name)") }
        return Migration(version: version, name: name, sql: files[path]!)
    }
}

/// One step of the `switchback` schema's history. Forward only, run once, in a transaction of its own.
public struct Migration: Sendable {
    public let version: Int
    /// The file's name without `.sql`, such as `0001-base`.
    public let name: String
    public let sql: String
}
