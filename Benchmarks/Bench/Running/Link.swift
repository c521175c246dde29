import Foundation
import Postgres

/// A connection of the benchmark's own to a node.
struct Link: Sendable {
    let connection: Connection

    /// What the benchmark's own connections are called, so that they are not counted as an engine's.
    static let applicationName = "bench"

    static func open(_ node: Node) async throws -> Link {
        Link(
            connection: try await Connection.open(
                ConnectionSettings(
                    dsn: node.dsn, applicationName: applicationName, connectTimeout: .seconds(60),
                    sessionParameters: [("search_path", "public, pg_catalog")])))
    }

    /// Opens a connection for a body, and closes it after it.
    static func with<R: Sendable>(_ node: Node, _ body: (Link) async throws -> R) async throws -> R {
        let link = try await open(node)
        do {
            let result = try await body(link)
            await link.close()
            return result
        } catch {
            await link.close()
            throw error
        }
    }

    func close() async { await connection.close() }

    func execute(_ sql: String) async throws { try await connection.run { try $0.execute(sql) } }

    /// The first value of a query, as text.
    func value(_ sql: String) async throws -> String? {
        try await connection.run { session in
            let answer = try session.query(sql)
            return answer.rowCount > 0 ? answer[0, 0] : nil
        }
    }

    func number(_ sql: String) async throws -> Double { try await value(sql).flatMap { Double($0) } ?? 0 }

    /// How long statements took, until the return of the last.
    func time(_ sql: String) async throws -> Duration {
        try await connection.run { session in
            let start = ContinuousClock.now
            try session.execute(sql)
            return .now - start
        }
    }

    /// Asks again and again until a condition holds.
    ///
    /// - Parameters:
    ///   - condition: A query for one boolean.
    ///   - pause: How long to wait between questions.
    ///   - limit: How long to go on.
    /// - Returns: The moment when it was seen to hold; nil when it never did.
    func poll(
        _ condition: String, _ parameters: [String?] = [], every pause: Duration, for limit: Duration
    ) async throws -> ContinuousClock.Instant? {
        try await connection.run { session in
            let end = ContinuousClock.now + limit
            while true {
                if try session.query(condition, parameters)[0, 0] == "t" { return .now }
                if .now >= end { return nil }
                usleep(UInt32(pause.seconds * 1e6))
            }
        }
    }
}
