import Foundation

/// A Bucardo control database as tests make one: its catalogue, without Bucardo.
public enum BucardoFixture {
    /// SQL that makes the empty catalogue.
    public static func catalogue() throws -> String {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Fixtures")
        return try String(contentsOf: folder.appendingPathComponent("bucardo.sql"), encoding: .utf8)
    }

    /// SQL that fills it with one sync, `library`, from `raleigh` to `durham`: `public.item` and `public.note`.
    ///
    /// - Parameters:
    ///   - databases: the names of the two databases.
    ///   - host, port: where they are.
    ///   - user: the role that Bucardo connects as.
    ///   - password: what Bucardo keeps for both; none when nil.
    public static func library(
        databases: (String, String), hosts: (String, String), ports: (Int, Int), user: String = "postgres",
        password: String? = nil
    ) -> String {
        let secret = password.map { "'\($0)'" } ?? "NULL"
        return [
            "INSERT INTO bucardo.db (name, dbhost, dbport, dbname, dbuser, dbpass) VALUES ('raleigh', '\(hosts.0)', '\(ports.0)', '\(databases.0)', '\(user)', \(secret)), ('durham', '\(hosts.1)', '\(ports.1)', '\(databases.1)', '\(user)', \(secret))",
            "INSERT INTO bucardo.dbgroup VALUES ('sites')",
            "INSERT INTO bucardo.dbmap (db, dbgroup, role) VALUES ('raleigh', 'sites', 'source'), ('durham', 'sites', 'target')",
            "INSERT INTO bucardo.goat (db, schemaname, tablename, pkey) VALUES ('raleigh', 'public', 'item', 'id'), ('raleigh', 'public', 'note', 'id')",
            "INSERT INTO bucardo.herd VALUES ('tables')",
            "INSERT INTO bucardo.herdmap (herd, goat) SELECT 'tables', id FROM bucardo.goat",
            "INSERT INTO bucardo.sync (name, herd, dbs) VALUES ('library', 'tables', 'sites')",
        ].joined(separator: ";\n")
    }
}
