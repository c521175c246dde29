import Foundation
import Postgres

/// Watches what an engine takes while something runs: its memory, its processor time, its connections.
struct Watch: Sendable {
    let engine: Engine
    let source: Node
    let target: Node
    var countsConnections = true

    private static let pause = Duration.milliseconds(250)

    /// An engine's connections: all of other programs', replication's among them, and not those of tools.
    private static let connections =
        """
        SELECT coalesce(max(n), 0) FROM (SELECT count(*) AS n FROM pg_stat_activity WHERE backend_type IN \
        ('client backend', 'walsender') AND application_name NOT IN ('bench', 'pgbench', 'psql', 'pg_dump') \
        GROUP BY datid) AS d
        """

    /// Runs a body, and returns what it returned with the figures of what the engine took meanwhile.
    func during<R: Sendable>(_ body: @Sendable @escaping () async throws -> R) async throws -> (R, [String: Double]) {
        let processes = ProcessTable.now().tree(engine.roots())
        PeakMemory.reset(processes)
        let before = ProcessTable.now().seconds(engine.roots())
        let (result, connections) = try await withThrowingTaskGroup(of: (R?, [Double]).self) { group in
            group.addTask { (try await body(), []) }
            group.addTask { (nil, await mostConnections()) }
            defer { group.cancelAll() }
            var result: R?
            var connections: [Double] = []
            while let (one, counted) = try await group.next() {
                if let one {
                    result = one
                    group.cancelAll()
                } else {
                    connections = counted
                }
            }
            guard let result else { throw CancellationError() }
            return (result, connections)
        }
        let after = ProcessTable.now()
        let peak = PeakMemory.megabytes(after.tree(engine.roots()))
        var figures: [String: Double] = [:]
        if !processes.isEmpty {
            figures["engine_mb"] = peak
            figures["engine_cpu_s"] = max(0, after.seconds(engine.roots()) - before)
        }
        if connections.count == 2, engine.storage != nil {
            figures["source_connections"] = connections[0]
            figures["target_connections"] = connections[1]
        }
        return (result, figures)
    }

    /// Counts connections until the task is cancelled; a server that is away is asked again.
    private func mostConnections() async -> [Double] {
        var most = [0.0, 0.0]
        guard countsConnections else { return [] }
        var links: [Link?] = [nil, nil]
        while true {
            for (index, node) in [source, target].enumerated() {
                do {
                    let link: Link
                    if let open = links[index] { link = open } else { link = try await Link.open(node) }
                    links[index] = link
                    most[index] = max(most[index], try await link.number(Self.connections))
                } catch {
                    await links[index]?.close()
                    links[index] = nil
                }
            }
            guard (try? await Task.sleep(for: Self.pause)) != nil else { break }
        }
        for link in links { await link?.close() }
        return most
    }
}
