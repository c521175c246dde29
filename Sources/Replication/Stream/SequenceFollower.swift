import Assets
import Model
import Postgres

/// Keeps a receiver's sequences ahead of the source's, so that a failover hands out no value twice.
///
/// With every batch go the sequences that its tables take values from, read after the batch's snapshot and moved before
/// the batch is committed: no row arrives before the sequence is past it. The others are looked at now and then.
struct SequenceFollower: Sendable {
    private let clock = ContinuousClock()
    private var lastLook: ContinuousClock.Instant?
    private var known: [UInt32: Known] = [:]

    /// What is known of a sequence.
    private struct Known: Sendable {
        /// What the receiver's was set to, and when.
        var set: Int64?
        var setAt: ContinuousClock.Instant?
        var position: SequencePosition
        var at: ContinuousClock.Instant
        /// About how many values were handed out in a second, lately.
        var recently: UInt64 = 0
    }

    /// A sequence at the receiver that is to be moved.
    struct Move: Sendable, Equatable {
        let receiverOID: UInt32
        let value: Int64
        let increment: Int64
        let cycles: Bool
    }

    private static let lookEvery = Duration.seconds(1)
    /// A node whose fence was open took no position; once it is closed it has to be told what it did not take.
    private static let saidAgainAfter = Duration.seconds(5)
    /// One look takes a lock for each of so many sequences.
    private static let looksAtOnce = 500

    /// Looks at all of the source's sequences when it is time, and moves the receiver's where they have moved.
    ///
    /// - Parameter now: whether it is time in any case.
    mutating func follow(_ loop: BatchLoop, now: Bool = false) async throws {
        let sequences = loop.routes.sequences
        guard !sequences.isEmpty, now || (lastLook.map { clock.now - $0 >= Self.lookEvery } ?? true) else { return }
        lastLook = clock.now
        let positions = try await loop.source.run(deadline: StreamRunner.stepDeadline) { session in
            try Self.positions(of: sequences.map(\.sourceOID), session)
        }
        let moves = moves(for: positions, loop.routes)
        guard !moves.isEmpty else { return }
        let onlyFenced = loop.routes.hasStandbys
        try await loop.receiver.run(deadline: StreamRunner.stepDeadline) { session in
            _ = try session.pipeline { pipeline in Self.apply(moves, onlyFenced: onlyFenced, &pipeline) }
        }
    }

    /// Reads where sequences stand, outside of a transaction.
    static func positions(of oids: [UInt32], _ session: Session) throws -> [UInt32: SequencePosition] {
        var positions: [UInt32: SequencePosition] = [:]
        for first in stride(from: 0, to: oids.count, by: Self.looksAtOnce) {
            let some = oids[first..<min(first + Self.looksAtOnce, oids.count)].postgresArray
            positions.merge(Self.positions(try session.query(Assets.sql("stream/sequence_positions"), [some]))) { $1 }
        }
        return positions
    }

    /// What is to be moved now that the source's sequences stand there; from then on it counts as moved.
    mutating func moves(for positions: [UInt32: SequencePosition], _ routes: RouteTable) -> [Move] {
        let now = clock.now
        return routes.sequences.compactMap { route in
            guard let position = positions[route.sourceOID] else { return nil }
            var known = known[route.sourceOID] ?? Known(position: position, at: now)
            let elapsed = now - known.at
            if elapsed >= Self.lookEvery {
                let seconds = Double(elapsed.components.seconds) + 1
                known.recently = UInt64(Double(position.steps(since: known.position)) / seconds * 2)
                known.position = position
                known.at = now
            }
            defer { self.known[route.sourceOID] = known }
            let mayBeRefused = routes.hasStandbys && known.setAt.map { now - $0 >= Self.saidAgainAfter } ?? false
            if let set = known.set, position.isEnough(set), !mayBeRefused { return nil }
            let value = position.ahead(recently: known.recently)
            guard value != known.set || mayBeRefused else { return nil }
            known.set = value
            known.setAt = now
            return Move(
                receiverOID: route.receiverOID, value: value, increment: position.increment, cycles: position.cycles)
        }
    }

    static func positions(_ answer: QueryResult) -> [UInt32: SequencePosition] {
        var positions: [UInt32: SequencePosition] = [:]
        for row in 0..<answer.rowCount {
            positions[answer.oid(row, 0)] = SequencePosition(
                value: Int64(answer.int(row, 1)), isCalled: answer.bool(row, 2), increment: Int64(answer.int(row, 3)),
                least: Int64(answer.int(row, 4)), greatest: Int64(answer.int(row, 5)), cycles: answer.bool(row, 6),
                cache: Int64(answer.int(row, 7)), isFenced: answer.bool(row, 8))
        }
        return positions
    }

    /// - Parameter onlyFenced: between a site and its standby, only the one whose fence is closed follows the other.
    static func apply(_ moves: [Move], onlyFenced: Bool, _ pipeline: inout Pipeline) {
        guard !moves.isEmpty else { return }
        pipeline.prepareIfNeeded("move_sequence", Assets.sql("stream/move_sequence"))
        for move in moves {
            pipeline.prepared(
                "move_sequence",
                [
                    String(move.receiverOID), String(move.value), String(move.increment),
                    move.cycles ? "true" : "false", onlyFenced ? "true" : "false",
                ])
        }
    }
}
