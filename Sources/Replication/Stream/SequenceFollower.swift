import Assets
import Model
import Postgres

/// Keeps a receiver's sequences ahead of the source's, so that a failover hands out no value twice.
struct SequenceFollower {
    private let clock = ContinuousClock()
    private var lastLook: ContinuousClock.Instant?
    /// What was last set at the receiver, and what the source was at then.
    private var known: [UInt32: (set: Int64, source: Int64)] = [:]

    private static let busyEvery = Duration.seconds(1)
    private static let idleEvery = Duration.seconds(5)

    /// Looks at the source's sequences when it is time, and moves the receiver's where they have moved.
    mutating func follow(_ loop: BatchLoop, idle: Bool, now: Bool = false) async throws {
        guard !loop.routes.sequences.isEmpty else { return }
        let every = idle ? Self.idleEvery : Self.busyEvery
        guard now || (lastLook.map { clock.now - $0 >= every } ?? true) else { return }
        lastLook = clock.now
        let oids = loop.routes.sequences.map(\.sourceOID).postgresArray
        let values = try await loop.source.run(deadline: StreamRunner.stepDeadline) { session in
            let answer = try session.query(Assets.sql("stream/sequence_values"), [oids])
            return (0..<answer.rowCount).map { row in
                (
                    answer.oid(row, 0),
                    SequenceValue(
                        last: Int64(answer.int(row, 1)), increment: Int64(answer.int(row, 2)),
                        least: Int64(answer.int(row, 3)), greatest: Int64(answer.int(row, 4)),
                        cycles: answer.bool(row, 5), cache: Int64(answer.int(row, 6)))
                )
            }
        }
        var settings: [(UInt32, Int64)] = []
        for (oid, value) in values {
            guard let route = loop.routes.sequences.first(where: { $0.sourceOID == oid }) else { continue }
            let before = known[oid]
            let target = value.ahead(since: before?.source)
            // Still comfortably ahead: leave it.
            if let before, value.isAhead(before.set) { continue }
            settings.append((route.receiverOID, target))
            known[oid] = (target, value.last)
        }
        guard !settings.isEmpty else { return }
        let chosen = settings
        try await loop.receiver.run(deadline: StreamRunner.stepDeadline) { session in
            for (oid, value) in chosen {
                _ = try session.query("SELECT setval($1::oid::regclass, $2::bigint)", [String(oid), String(value)])
            }
        }
    }
}

/// A sequence as its source has it.
struct SequenceValue: Sendable, Equatable {
    let last: Int64
    let increment: Int64
    let least: Int64
    let greatest: Int64
    let cycles: Bool
    let cache: Int64

    /// Calls of `nextval` that may go unseen before the next look, at the least.
    private static let callsAheadLeast: Int64 = 1024

    /// Where the receiver's sequence should stand: ahead by what sessions have cached and by several times what was
    /// handed out since the last look.
    func ahead(since before: Int64?) -> Int64 {
        let step = max(increment.magnitude, 1)
        let calls = before.map { Int64(clamping: last.subtractingClamped($0).magnitude / step) } ?? 0
        let margin = max(Self.callsAheadLeast, calls.multipliedClamped(by: 8), cache.multipliedClamped(by: 64))
        let wanted = last.addingClamped(increment.multipliedClamped(by: margin))
        // A sequence near its end, or one that goes round, stays within its bounds.
        return min(max(wanted, least), greatest)
    }

    /// Whether a value that was set before is still at least half as far ahead as it should be.
    func isAhead(_ set: Int64) -> Bool {
        let needed = last.addingClamped(
            increment.multipliedClamped(by: max(Self.callsAheadLeast / 2, cache.multipliedClamped(by: 32))))
        let bounded = min(max(needed, least), greatest)
        return increment > 0 ? set >= bounded && set >= last : set <= bounded && set <= last
    }
}

extension Int64 {
    fileprivate func addingClamped(_ other: Int64) -> Int64 {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? (other > 0 ? .max : .min) : sum
    }

    fileprivate func subtractingClamped(_ other: Int64) -> Int64 {
        let (difference, overflow) = subtractingReportingOverflow(other)
        return overflow ? (other > 0 ? .min : .max) : difference
    }

    fileprivate func multipliedClamped(by other: Int64) -> Int64 {
        let (product, overflow) = multipliedReportingOverflow(by: other)
        return overflow ? ((self > 0) == (other > 0) ? .max : .min) : product
    }
}
