import Assets
import Foundation
import Logging
public import Model
import Postgres
import Replication
import Settings
import Synchronization

/// What one observer said of one site, as a node keeps it.
public struct Testimony: Sendable {
    public let site: String
    public let vote: ObserverVote
    /// How long it has said so.
    public let lasting: Duration
    /// The checks that it goes by.
    public let checks: [CheckReport]
    /// Which site it takes for the active one.
    public let active: ActiveSite
}

/// Which site is the active one, and of which epoch that is known. What is of a later epoch holds.
public struct ActiveSite: Sendable, Hashable {
    public let site: String
    /// 0 when nobody has said so: the first site of the configuration is meant.
    public let epoch: Int64

    public init(_ site: String, epoch: Int64) {
        self.site = site
        self.epoch = epoch
    }
}

/// What this process says of a site.
struct Ballot: Sendable {
    let site: String
    let verdict: HealthVerdict
    let lasting: Duration
    let checks: [CheckReport]
    let active: ActiveSite
}

/// Carries votes between observers, by a table at every node. Each node is written to and read from by itself: while one of
/// them can be reached by two observers they hear each other, and a node that is gone delays nobody.
final class VoteExchange: Sendable {
    let observer: String
    private let cluster: Cluster
    private let every: Duration
    private let logger: Logger
    /// What each node said, and when we heard it.
    private let heard = Mutex<[String: (at: ContinuousClock.Instant, testimonies: [Testimony])]>([:])
    /// What is wrong with each node, so that it is told once.
    private let troubles = Mutex<[String: String]>([:])

    /// How long a node may take to keep and to tell votes.
    private static let limit = Duration.seconds(5)

    init(_ cluster: Cluster, observer: String, every: Duration, logger: Logger) {
        self.cluster = cluster
        self.observer = observer
        self.every = every
        self.logger = logger
    }

    /// The freshest that is known of each observer and site, with its age by now.
    var testimonies: [Testimony] {
        let now = ContinuousClock.now
        var freshest: [String: Testimony] = [:]
        for (at, testimonies) in heard.withLock({ Array($0.values) }) {
            for testimony in testimonies {
                let older = testimony.older(by: now - at)
                let key = "\(older.vote.observer)\0\(older.site)"
                if let known = freshest[key], known.vote.age <= older.vote.age { continue }
                freshest[key] = older
            }
        }
        return freshest.values.sorted { ($0.site, $0.vote.observer) < ($1.site, $1.vote.observer) }
    }

    /// Votes and hears votes at every node until the task is cancelled.
    func run(
        ballots: @escaping @Sendable () async -> [Ballot], heard tell: @escaping @Sendable () async -> Void
    ) async {
        await withDiscardingTaskGroup { group in
            for node in cluster.settings.nodes {
                group.addTask { await self.attend(node, ballots, tell) }
            }
        }
    }

    /// Hears votes once, at all nodes side by side.
    func hear() async {
        await withDiscardingTaskGroup { group in
            for node in cluster.settings.nodes {
                group.addTask {
                    await withinLimit(Self.limit * 2) { await self.hear(node) }.task.cancel()
                }
            }
        }
    }

    private func hear(_ node: NodeSettings) async {
        guard let connection = try? await Connection.open(settings(node)) else { return }
        _ = try? await turn(node, connection, [])
        await connection.close()
    }

    // MARK: One node

    private func attend(
        _ node: NodeSettings, _ ballots: @Sendable () async -> [Ballot], _ tell: @Sendable () async -> Void
    ) async {
        var connection: Connection?
        while !Task.isCancelled {
            let began = ContinuousClock.now
            do {
                let open: Connection
                if let connection, connection.isOpen {
                    open = connection
                } else {
                    open = try await Connection.open(settings(node))
                }
                connection = open
                try await turn(node, open, await ballots())
                trouble(node.name, nil)
                await tell()
            } catch {
                if let broken = connection { await broken.close() }
                connection = nil
                if !Task.isCancelled { trouble(node.name, Self.words(error)) }
            }
            do { try await Task.sleep(until: began + every, clock: .continuous) } catch { break }
        }
        if let connection { await connection.close() }
    }

    /// Says what we hold, and reads what everybody says.
    private func turn(_ node: NodeSettings, _ connection: Connection, _ ballots: [Ballot]) async throws {
        let began = ContinuousClock.now
        let votes = try ballots.map { try row($0) }
        let testimonies = try await connection.run(deadline: Self.limit) { session in
            try session.transaction {
                for vote in votes { _ = try session.query(Assets.sql("health/cast_vote"), vote) }
            }
            return try Self.read(session)
        }
        heard.withLock { $0[node.name] = (began, testimonies) }
    }

    private func row(_ ballot: Ballot) throws -> [String] {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        let checks = String(decoding: try encoder.encode(ballot.checks), as: UTF8.self)
        // Postgres knows no NUL, and a plug-in may print one.
        let text = [
            observer, ballot.site, ballot.verdict.state.rawValue, ballot.verdict.reason.replacing("\0", with: " "),
        ]
        return text + [
            "\(ballot.lasting.seconds)", checks.replacing("\\u0000", with: " "), ballot.active.site,
            "\(ballot.active.epoch)",
        ]
    }

    private static func read(_ session: Session) throws -> [Testimony] {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        let answer = try session.query(Assets.sql("health/votes"))
        return (0..<answer.rowCount).compactMap { row in
            func text(_ column: Int) -> String { answer[row, column] ?? "" }
            // A newer program may know states that this one does not; it has no say then.
            guard let state = HealthState(rawValue: text(2)) else { return nil }
            let checks = try? decoder.decode([CheckReport].self, from: Data(text(6).utf8))
            return Testimony(
                site: text(1),
                vote: ObserverVote(
                    observer: text(0), state: state, reason: text(3), age: .seconds(Double(text(5)) ?? 1e9)),
                lasting: .seconds(Double(text(4)) ?? 0), checks: checks ?? [],
                active: ActiveSite(text(7), epoch: Int64(text(8)) ?? 0))
        }
    }

    private func settings(_ node: NodeSettings) -> ConnectionSettings {
        ConnectionSettings(
            dsn: node.dsn.value, applicationName: "switchback votes", connectTimeout: Self.limit,
            silenceTimeout: Self.limit, doubtAfter: Self.limit,
            // A vote that a crash of the server takes away is cast again.
            sessionParameters: [("synchronous_commit", "off")])
    }

    private static func words(_ error: any Error) -> String {
        guard let error = error as? PostgresError, ["42P01", "3F000"].contains(error.sqlState) else {
            return "\(error)"
        }
        return "\(error.message): run \"switchback schema install\", or \"switchback schema upgrade\""
    }

    private func trouble(_ node: String, _ text: String?) {
        let before = troubles.withLock { troubles in
            defer { troubles[node] = text }
            return troubles[node]
        }
        if let text, before == nil { logger.notice("no votes by node \(node): \(text)") }
        if text == nil, before != nil { logger.notice("votes go by node \(node) again") }
    }
}

extension Testimony {
    fileprivate func older(by time: Duration) -> Testimony {
        Testimony(
            site: site,
            vote: ObserverVote(
                observer: vote.observer, state: vote.state, reason: vote.reason, age: vote.age + time),
            lasting: lasting + time, checks: checks, active: active)
    }
}
