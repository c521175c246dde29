import Assets
import LocalCluster
import Postgres

/// Writes one row at the primary again and again, and sees how long each time it takes to show at the secondary.
final class Canary: Sendable {
    /// What it has seen since it was last asked to begin anew.
    let latencies = Shared(Latencies())
    /// The last beat that has arrived.
    let arrived = Shared(0)

    private static let between = Duration.milliseconds(40)
    private static let look = Duration.milliseconds(1)
    private static let afterFailure = Duration.milliseconds(100)

    /// Runs while it is watched, or until the task is cancelled. When a node is away, it waits for it.
    func run(_ nodes: DemoNodes, while isWatched: Shared<Bool>) async throws {
        var beat = 0
        while isWatched.value {
            try Task.checkCancellation()
            do {
                try await beats(nodes, &beat, while: isWatched)
            } catch let error as PostgresError where error.kind != .cancelled {
                try await Task.sleep(for: Self.afterFailure)
            }
        }
    }

    private func beats(_ nodes: DemoNodes, _ beat: inout Int, while isWatched: Shared<Bool>) async throws {
        let here = try await DemoNodes.open(nodes.raleigh)
        do {
            let there = try await DemoNodes.open(nodes.durham)
            do {
                while isWatched.value {
                    beat += 1
                    try await one(beat, here, there)
                    try await Task.sleep(for: Self.between)
                }
                await there.close()
            } catch {
                await there.close()
                throw error
            }
            await here.close()
        } catch {
            await here.close()
            throw error
        }
    }

    private func one(_ beat: Int, _ here: Connection, _ there: Connection) async throws {
        try await here.run(deadline: .seconds(30)) { session in
            try session.prepare("beat", Assets.demo("errands/canary_beat"))
            _ = try session.queryPrepared("beat", [String(beat)])
        }
        let committed = ContinuousClock.now
        let seen = try await there.run(deadline: .seconds(60)) { session in
            try session.prepare("canary", Assets.demo("look/canary"))
            while try session.queryPrepared("canary", [])[0, 0] != String(beat) {
                _ = try session.waitForNotification(timeout: Self.look)
            }
            return ContinuousClock.now
        }
        latencies.change { $0.add(seen - committed) }
        arrived.change { $0 = beat }
    }
}
