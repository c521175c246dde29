import Assets
import Model
import Postgres
import Replication
import Settings

/// Asks a database, over a connection of its own: what matters is that applications get one.
struct SQLProbe: HealthProbe {
    let check: SQLCheck
    let cluster: Cluster
    let observer: String
    let timeout: Duration

    func look() async -> CheckFinding {
        guard let node = cluster.settings.nodes.first(where: { $0.name == check.node }) else {
            return .unknown("no node is called \(check.node)")
        }
        let began = ContinuousClock.now
        let settings = ConnectionSettings(
            dsn: node.dsn.value, applicationName: "switchback health", connectTimeout: timeout, doubtAfter: timeout)
        var performance: [PerformanceDatum] = []
        do {
            let connection = try await Connection.open(settings)
            performance.append(.seconds("connect", ContinuousClock.now - began))
            let asked = ContinuousClock.now
            let left = max(.milliseconds(10), timeout - (asked - began))
            // A backend that hangs, on its disk for instance, lets no statement be cancelled; it is not waited for.
            let answer = await withinLimit(left + Self.grace) { await self.ask(connection, left) }.value
            guard let answer else {
                return .down("it takes connections, and does not answer within \(timeout)", performance)
            }
            let finding = try answer.get()
            performance.append(.seconds(check.write ? "write" : "query", ContinuousClock.now - asked))
            guard finding == nil, check.lagMax != nil || check.pendingRowsMax != nil else {
                return finding ?? .up(check.write ? "answers, and takes writes" : "answers", performance)
            }
            return try await lag(performance)
        } catch let error as PostgresError {
            return Self.finding(error)
        } catch is CancellationError {
            return .unknown("the look was broken off")
        } catch {
            return .unknown("\(error)")
        }
    }

    /// How long the server gets to cancel a statement whose time is up.
    private static let grace = Duration.milliseconds(500)

    /// Asks over a connection, and closes it.
    private func ask(_ connection: Connection, _ limit: Duration) async -> Result<CheckFinding?, any Error> {
        let answer: Result<CheckFinding?, any Error>
        do {
            answer = .success(
                try await connection.run(deadline: limit) { session in
                    check.write ? try canary(session) : try Self.hello(session)
                })
        } catch { answer = .failure(error) }
        await connection.close()
        return answer
    }

    private static func hello(_ session: Session) throws -> CheckFinding? {
        _ = try session.query("SELECT 1")
        return nil
    }

    /// Writes, commits to the disk, and reads it again.
    private func canary(_ session: Session) throws -> CheckFinding? {
        let written = try session.transaction {
            _ = try session.query("SELECT pg_catalog.set_config('synchronous_commit', 'local', true)")
            return try session.query(Assets.sql("health/write_canary"), [observer])[0, 0]
        }
        let answer = try session.query(Assets.sql("health/read_canary"), [observer])
        let read = answer.rowCount == 1 ? answer[0, 0].flatMap { Int($0) } : nil
        // Another look of the same observer may have written in between; what was written never goes back.
        guard let read, let number = written.flatMap({ Int($0) }), read >= number else {
            return .down("the row that was written is not there")
        }
        return nil
    }

    private func lag(_ performance: [PerformanceDatum]) async throws -> CheckFinding {
        let streams = try await StatusReader(cluster).streams(to: check.node)
        return Self.judge(streams, check, performance)
    }

    /// Whether what arrives at the node is up to date.
    static func judge(
        _ streams: [StatusReport.Stream], _ check: SQLCheck, _ performance: [PerformanceDatum] = []
    ) -> CheckFinding {
        guard !streams.isEmpty else { return .unknown("no stream ends at \(check.node)") }
        var performance = performance
        if let lag = streams.compactMap(\.lagSeconds).max() {
            performance.append(PerformanceDatum("lag", lag, unit: "s"))
        }
        if streams.allSatisfy({ $0.pendingRows != nil }) {
            performance.append(PerformanceDatum("pending_rows", Double(streams.compactMap(\.pendingRows).reduce(0, +))))
        }
        for stream in streams {
            let name = "the stream from \(stream.from)"
            if let most = check.lagMax, let lag = stream.lagSeconds, lag > most.seconds {
                return .down("\(name) is \(lag) s behind, more than \(most)", performance)
            }
            if let most = check.pendingRowsMax, let rows = stream.pendingRows, rows > most {
                return .down("\(name) has \(rows) rows to bring, more than \(most)", performance)
            }
        }
        for stream in streams where stream.lagSeconds == nil || stream.pendingRows == nil {
            return .unknown(
                "how far the stream from \(stream.from) is behind cannot be told: \(stream.error ?? stream.state)",
                performance)
        }
        return .up("is up to date", performance)
    }

    /// What an error says of the database.
    static func finding(_ error: PostgresError) -> CheckFinding {
        let text = error.message
        switch error.kind {
        case .badConnectionSettings, .misuse: return .unknown(text)
        case .cancelled: return .unknown("the look was broken off")
        case .deadline, .connectionLost: return .down(text)
        case .connect:
            guard let state = error.sqlState else {
                // The kernel's words: libpq has no number for them.
                if text.contains("Connection refused") || text.contains("server closed the connection") {
                    return .down(text)
                }
                if text.contains("could not translate host name") { return .unknown(text) }
                return .silence(text)
            }
            // It answers, and does not take us for who we say we are: that is our configuration, not its health.
            return state.hasPrefix("28") || state == "3D000" ? .unknown(text) : .down(text)
        case .server:
            switch error.sqlState {
            case "42P01", "3F000":
                return .unknown("\(text): run \"switchback schema install\" for the table of the canary")
            case "42501": return .unknown("\(text): run \"switchback check\" for the grant that is missing")
            default: return .down("\(text) (SQLSTATE \(error.sqlState ?? "none"))")
            }
        }
    }
}

extension Duration {
    /// In seconds, for what is measured in them.
    var seconds: Double {
        Double(components.seconds) + Double(components.attoseconds) / 1e18
    }
}
