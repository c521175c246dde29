public import LocalCluster
public import Postgres

/// A database of a test, in a server that may be shared.
public struct TestDatabase: Sendable {
    public let server: LocalCluster
    public let name: String

    /// A database that is there already, or will be.
    public init(server: LocalCluster, name: String) {
        self.server = server
        self.name = name
    }

    /// Makes an empty database of a name that nobody else uses.
    public static func make(in server: LocalCluster) async throws -> TestDatabase {
        let name = "t\(UInt64.random(in: 0 ... .max))"
        let database = TestDatabase(server: server, name: name)
        try await TestDatabase(server: server, name: "postgres").run("CREATE DATABASE \(name)")
        return database
    }

    public var dsn: String { server.dsn(database: name) }

    /// A connection of the caller's own; `user` must exist. Names without a schema are looked for in `public`.
    public func connect(user: String = "postgres", parameters: [(String, String)] = []) async throws -> Connection {
        try await Connection.open(
            ConnectionSettings(
                dsn: server.dsn(database: name, user: user), applicationName: "test",
                sessionParameters: [("search_path", "public, pg_catalog")] + parameters))
    }

    /// Runs statements as an application would.
    public func run(_ sql: String, user: String = "postgres") async throws {
        try await session(user: user) { try $0.execute(sql) }
    }

    /// The rows of a query, as text.
    public func rows(_ sql: String, user: String = "postgres") async throws -> [[String?]] {
        try await session(user: user) { session in
            let answer = try session.query(sql)
            return (0..<answer.rowCount).map { row in (0..<answer.columnCount).map { answer[row, $0] } }
        }
    }

    /// The first value of a query, as text.
    public func value(_ sql: String, user: String = "postgres") async throws -> String? {
        try await rows(sql, user: user).first?.first ?? nil
    }

    /// The SQLSTATE that statements fail with; nil when they succeed.
    public func failure(_ sql: String, user: String = "postgres") async throws -> PostgresError? {
        do {
            try await run(sql, user: user)
            return nil
        } catch let error as PostgresError where error.sqlState != nil {
            return error
        }
    }

    /// Runs a body with a session, and closes its connection.
    public func session<R: Sendable>(
        user: String = "postgres", _ body: @Sendable (Session) throws -> R
    ) async throws -> R {
        let connection = try await connect(user: user)
        do {
            let result = try await connection.run(deadline: .seconds(300), body)
            await connection.close()
            return result
        } catch {
            await connection.close()
            throw error
        }
    }

    /// The user tables of the database, without Switchback's own, as they stand in SQL.
    public func tables() async throws -> [String] {
        try await rows(
            "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema', 'switchback') AND schemaname NOT LIKE 'pg\\_%' ORDER BY 1"
        ).compactMap { $0.first ?? nil }
    }

    /// The number of a table's rows and a digest over all of them, in an order that does not depend on the table. It
    /// shares no code with `diff`.
    ///
    /// - Parameter columns: what is compared of each row; the whole row when nil.
    public func digest(_ table: String, columns: String? = nil) async throws -> String {
        try await value(Self.digest(of: table, columns: columns)) ?? ""
    }

    /// The digests of many tables, over one connection.
    public func digests(_ tables: [String]) async throws -> [String] {
        try await session { session in
            try tables.map { try session.query(Self.digest(of: $0, columns: nil))[0, 0] ?? "" }
        }
    }

    private static func digest(of table: String, columns: String?) -> String {
        let row = columns.map { "ROW(\($0))" } ?? "t"
        let text = "(\(row)::text) COLLATE \"C\""
        return
            "SELECT count(*) || ' ' || coalesce(md5(string_agg(md5(\(text)), '' ORDER BY md5(\(text)) COLLATE \"C\")), 'empty') FROM \(table) AS t"
    }
}
