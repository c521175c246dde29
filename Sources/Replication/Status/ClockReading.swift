import Assets
import Model
import Postgres
import Settings

/// Measures how far a node's clock is from this machine's, within half a round trip.
enum ClockReading {
    /// - Returns: by how many seconds it is ahead.
    static func offset(_ session: Session) throws -> Double? {
        let before = WallClock.seconds()
        let answer = try session.query(Assets.sql("membership/clock"))[0, 0]
        return answer.flatMap { Double($0) }.map { $0 - (before + WallClock.seconds()) / 2 }
    }

    /// The clocks that are off in a sync with several sources, which settle conflicts by them.
    static func skews(_ sync: SyncSettings, _ offsets: [String: Double]) -> [ClockSkew] {
        guard sync.isMultiMaster else { return [] }
        return ClockSkew.judge(offsets.filter { sync.sources.contains($0.key) }, limit: limit(sync))
    }

    static func limit(_ sync: SyncSettings) -> Double { sync.clockSkewLimit / .seconds(1) }
}
