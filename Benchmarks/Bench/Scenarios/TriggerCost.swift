/// What triggers cost by themselves: pgbench with and without them, in one server, with no daemon.
struct TriggerCost: Sendable {
    let with: PgBench
    let without: PgBench
    let seconds: Int

    /// With each number of clients in the order without, with, with, without: a machine that drifts favours neither.
    func run(_ servers: Servers) async throws -> [String: Double] {
        var figures: [String: Double] = [:]
        let half = max(2, seconds / 2)
        for clients in Catalogue.clients {
            try await servers.checkpoint()
            var tps: [Double] = []
            for bench in [without, with, with, without] {
                tps.append(try await bench.run(clients: clients, seconds: half).tps)
            }
            let (plain, triggered) = ((tps[0] + tps[3]) / 2, (tps[1] + tps[2]) / 2)
            figures["plain_tps_\(clients)"] = plain
            figures["tps_\(clients)"] = triggered
            figures["ratio_\(clients)"] = triggered / max(plain, 1e-9)
        }
        return figures
    }
}
