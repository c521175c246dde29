import Postgres

/// What a scenario works with: a system that runs, and connections to both ends.
struct Stage: Sendable {
    let system: any ReplicationSystem
    let site: Site
    let servers: Servers
    let sizes: Sizes
    let engine: Engine
    let source: Link
    /// Nil where nothing arrives.
    let target: Link?

    var pgbench: PgBench { PgBench(program: site.tools.pgbench, node: site.source, folder: site.folder) }
    var patience: Duration { .seconds(sizes.patienceSeconds) }

    /// Waits for something to show at the target, and returns how long that took since a moment; nil where nothing
    /// arrives anywhere.
    func arrival(
        of condition: String, _ parameters: [String?] = [], since start: ContinuousClock.Instant,
        every pause: Duration = .milliseconds(20), what: String
    ) async throws -> Duration? {
        guard let target else { return nil }
        guard let seen = try await target.poll(condition, parameters, every: pause, for: patience) else {
            throw ScenarioFailure("\(what) did not arrive in \(sizes.patienceSeconds) s")
        }
        return seen - start
    }

    /// The bytes that captured changes take up at the source; nil where the system keeps none there.
    func storage() async throws -> Double? {
        guard let query = engine.storage else { return nil }
        return try await source.number(query)
    }
}
