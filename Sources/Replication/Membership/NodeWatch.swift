import Assets
public import Logging
public import Model
import Postgres
import Settings

/// What a watch over the nodes tells.
public enum NodeEvent: Sendable, Equatable {
    /// A node was declared lost at another one, which sends on so many of its rows in its place.
    case lost(node: String, sync: String, judge: String, sentOn: Int)
    /// A clock is further off than the sync's limit.
    case clockIsOff(ClockSkew, sync: String, limit: Double)
    /// It is not any more.
    case clockIsRight(node: String, sync: String)

    /// A line for people.
    public var text: String {
        switch self {
        case .lost(let node, let sync, let judge, let sentOn):
            let rest = sentOn > 0 ? "; \(judge) sends on \(sentOn) of its rows, which others may lack" : ""
            return
                "\(sync): \(judge) counts on \(node) no more: it was away for longer than syncs.\(sync).lost_after\(rest)"
        case .clockIsOff(let skew, let sync, let limit): return "\(sync): \(skew.text(limit: limit))"
        case .clockIsRight(let node, let sync): return "\(sync): the clock of \(node) is right again"
        }
    }
}

/// Looks now and then who answers and what the clocks say: notes since when a node is away, declares it lost when that has taken
/// too long, and tells of clocks that are off. Any number of engines may do so beside one another.
public struct NodeWatch: Sendable {
    let cluster: Cluster
    let logger: Logger
    /// How long this engine itself must have seen a node away before it declares it lost: what others noted may be old.
    let ownMost: Duration
    let onEvent: @Sendable (NodeEvent) -> Void

    private static let every = Duration.seconds(10)
    private static let deadline = Duration.seconds(20)

    public init(
        _ cluster: Cluster, logger: Logger, ownMost: Duration = .seconds(60),
        onEvent: @escaping @Sendable (NodeEvent) -> Void
    ) {
        self.cluster = cluster
        self.logger = logger
        self.ownMost = ownMost
        self.onEvent = onEvent
    }

    /// What one look leaves for the next.
    public struct Memory: Sendable {
        var awaySince: [String: ContinuousClock.Instant] = [:]
        /// The clocks that were told of, by sync.
        var off: [String: Set<String>] = [:]
        let sessions = KeptSessions()

        public init() {}

        /// Ends the sessions that looks left open.
        public func close() async { await sessions.close() }
    }

    /// Looks until the task is cancelled.
    public func run() async throws {
        var memory = Memory()
        do {
            while true {
                do { try await look(&memory) } catch is CancellationError { throw CancellationError() } catch {
                    logger.debug("the nodes could not be looked at: \(error)")
                }
                try await Task.sleep(for: Self.every)
            }
        } catch {
            await memory.close()
            throw error
        }
    }

    private enum Sight: Sendable {
        /// By how much its clock is ahead, where it could tell.
        case answers(Double?)
        case away
    }

    /// Takes one look.
    public func look(_ memory: inout Memory) async throws {
        let sights = try await sights(memory.sessions)
        let now = ContinuousClock.now
        for (node, sight) in sights {
            if case .away = sight {
                memory.awaySince[node] = memory.awaySince[node] ?? now
            } else {
                memory.awaySince[node] = nil
            }
        }
        tellClocks(sights, &memory)
        let present = sights.keys.filter { memory.awaySince[$0] == nil }.sorted()
        for judge in present { try await judgeAbsent(at: judge, present, memory, now) }
    }

    private func sights(_ sessions: KeptSessions) async throws -> [String: Sight] {
        try await withThrowingTaskGroup(of: (String, Sight).self) { group in
            for node in cluster.settings.nodes.map(\.name) {
                group.addTask { (node, try await sight(of: node, sessions)) }
            }
            var sights: [String: Sight] = [:]
            for try await (node, sight) in group { sights[node] = sight }
            return sights
        }
    }

    private func sight(of node: String, _ sessions: KeptSessions) async throws -> Sight {
        do {
            return .answers(
                try await sessions.asking(cluster, node, deadline: Self.deadline) { try ClockReading.offset($0) })
        } catch is NodeUnreachable {
            try Task.checkCancellation()
            return .away
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            // It answers; that it is not what we would have it be is for others to tell.
            try Task.checkCancellation()
            return .answers(nil)
        }
    }

    private func tellClocks(_ sights: [String: Sight], _ memory: inout Memory) {
        let offsets = sights.compactMapValues { sight -> Double? in
            if case .answers(let offset) = sight { offset } else { nil }
        }
        for sync in cluster.settings.syncs where sync.isMultiMaster {
            let skews = ClockReading.skews(sync, offsets)
            let before = memory.off[sync.name] ?? []
            for skew in skews where !before.contains(skew.node) {
                onEvent(.clockIsOff(skew, sync: sync.name, limit: ClockReading.limit(sync)))
            }
            let off = Set(skews.map(\.node))
            // Of a node that did not answer nothing is known.
            for node in before.subtracting(off).sorted() where offsets[node] != nil {
                onEvent(.clockIsRight(node: node, sync: sync.name))
            }
            memory.off[sync.name] = off.union(before.filter { offsets[$0] == nil })
        }
    }

    /// Notes at a node who is away, and has it count no more on those that have been so for too long.
    private func judgeAbsent(
        at judge: String, _ present: [String], _ memory: Memory, _ now: ContinuousClock.Instant
    ) async throws {
        let absent = memory.awaySince.keys.sorted()
        let away: [(sync: String, node: String, seconds: Double)]
        do {
            away = try await memory.sessions.asking(cluster, judge, deadline: Self.deadline) { session in
                let answer = try session.query(
                    Assets.sql("membership/note_away"), [absent.postgresArray, present.postgresArray])
                return (0..<answer.rowCount).map {
                    (answer.text($0, 0), answer.text($0, 1), Double(answer.text($0, 2)) ?? 0)
                }
            }
        } catch let error as PostgresError where error.kind != .cancelled {
            // Not installed, or not as far as this program would have it.
            return logger.debug("\(judge): \(error)")
        } catch is NodeUnreachable {
            return
        }
        for (sync, node, seconds) in away {
            guard let settings = cluster.settings.syncs.first(where: { $0.name == sync }),
                let limit = settings.lostAfter,
                let own = memory.awaySince[node], now - own >= min(ownMost, limit), .seconds(seconds) >= limit
            else { continue }
            let sentOn = try await memory.sessions.asking(cluster, judge, deadline: .seconds(120)) { session in
                try Membership.declare(node, sync, "it was away for longer than lost_after allows", session)
            }
            if let sentOn { onEvent(.lost(node: node, sync: sync, judge: judge, sentOn: sentOn)) }
        }
    }
}
