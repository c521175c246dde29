import Foundation
import LocalCluster
import Postgres

/// A site that moves under load: by itself when its primary dies, and back when a person says so.
struct SiteMove: Sendable {
    let site: Site
    let servers: Servers
    let sizes: Sizes

    private var patience: Duration { .seconds(sizes.patienceSeconds) }
    private var target: Node { site.targets[0] }

    func run() async throws -> [String: Double] {
        let line = try TCPProxy.start(to: servers.source.port)
        defer { line.stop() }
        let names = try await NameServer.start(in: site.folder, leadingTo: SwitchbackSite.addresses[0])
        let running = Shared<[Daemon]>([names.daemon])
        do {
            let figures = try await move(line, names, running)
            await Self.stop(running)
            return figures
        } catch {
            await Self.stop(running)
            throw error
        }
    }

    private static func stop(_ running: Shared<[Daemon]>) async {
        for daemon in running.change({ all in
            defer { all = [] }
            return all
        }).reversed() { await daemon.stop() }
    }

    private func move(
        _ line: TCPProxy, _ names: NameServer, _ running: Shared<[Daemon]>
    ) async throws -> [String: Double] {
        let switchback = try SwitchbackSite(site, line: line, names: names)
        try await switchback.run("schema", "install")
        try await switchback.run("copy")
        let stranded = min(sizes.strandedRows, sizes.accounts / 2)
        let writers = SiteWriters(
            nodes: [site.source, target], names: names, pace: sizes.pace, accounts: (stranded + 1)...sizes.accounts)
        let figures = try await writers.run {
            let first = try switchback.daemon("first")
            running.change { $0.append(first) }
            var figures = try await die(writers, names, first)
            // Without an engine, so that nothing but the failback merges.
            await first.stop()
            figures.merge(try await merge(stranded, line, switchback)) { $1 }
            let second = try switchback.daemon("second")
            running.change { $0.append(second) }
            figures.merge(try await returnUnderLoad(writers, switchback)) { $1 }
            return figures
        }
        try await switchback.run("sync", "--timeout", "120")
        try await prove(writers)
        return figures
    }

    /// From the primary's death to the answer of the name server.
    private func die(_ writers: SiteWriters, _ names: NameServer, _ daemon: Daemon) async throws -> [String: Double] {
        try await arrives(from: site.source, to: target)
        writers.log.change { $0.beginPart(now: .now) }
        let seconds = 5
        try await Task.sleep(for: .seconds(seconds))
        let before = writers.log.value.byNode[0]
        let died = ContinuousClock.now
        try await servers.source.kill9()
        let answered = try await names.wait(for: SwitchbackSite.addresses[1], within: patience) - died
        try await wait("nobody wrote at the secondary") { writers.log.value.byNode[1] > 0 }
        let down = writers.log.value.longestGap
        try await wait("the failover did not end: \(daemon.logTail)") {
            (try? String(contentsOfFile: daemon.log, encoding: .utf8))?.contains("to secondary: done") == true
        }
        let demanded = Double(SwitchbackSite.fall) * SwitchbackSite.everySeconds
        return [
            "tps": Double(before) / Double(seconds), "dns_s": answered.seconds, "demanded_s": demanded,
            "beyond_s": answered.seconds - demanded, "down_s": down.seconds,
        ]
    }

    /// The old primary takes rows while it is cut off, and gives them up.
    private func merge(
        _ stranded: Int, _ line: TCPProxy, _ switchback: SwitchbackSite
    ) async throws -> [String: Double] {
        line.cut()
        try await servers.source.start()
        try await Link.with(site.source) {
            try await $0.execute("UPDATE pgbench_accounts SET abalance = abalance + 1000000 WHERE aid <= \(stranded)")
        }
        try line.restore()
        let back = try await switchback.plan("failback")
        guard let seconds = back.steps.first(where: { $0.step == "merge" })?.seconds, let rows = back.mergedRows,
            rows >= stranded
        else { throw ScenarioFailure("\(back.mergedRows ?? 0) of \(stranded) stranded rows were merged") }
        return ["merged_rows": Double(rows), "merge_s": seconds, "merged_rows_s": Double(rows) / max(seconds, 1e-6)]
    }

    /// Away and back, while people write and an engine runs: what counts is the way back.
    private func returnUnderLoad(
        _ writers: SiteWriters, _ switchback: SwitchbackSite
    ) async throws -> [String: Double] {
        try await arrives(from: site.source, to: target)
        _ = try await switchback.plan("switchover")
        try await arrives(from: target, to: site.source)
        writers.log.change { $0.beginPart(now: .now) }
        let back = try await switchback.plan("failback")
        try await wait("nobody wrote at the primary") { writers.log.value.byNode[0] > 0 }
        var figures = ["gap_s": writers.log.value.longestGap.seconds]
        figures["freeze_s"] = back.secondsWithoutWrites
        return figures
    }

    /// Everything that was acknowledged is there, and both nodes are equal.
    private func prove(_ writers: SiteWriters) async throws {
        let acknowledged = writers.log.value.acknowledged
        let found = try await Link.with(site.source) { link in
            try await link.connection.run { session in
                let rows = try session.query("SELECT btrim(filler) FROM pgbench_history WHERE filler IS NOT NULL")
                return Set((0..<rows.rowCount).compactMap { rows[$0, 0] })
            }
        }
        let lost = acknowledged.subtracting(found)
        guard lost.isEmpty else {
            throw ScenarioFailure("\(lost.count) of \(acknowledged.count) acknowledged writes are not there")
        }
        if let difference = try await Equality.difference(
            site.tables, site.source, site.targets, patience: .seconds(60))
        {
            throw ScenarioFailure("rows differ in the end: \(difference)")
        }
    }

    /// Waits until a stream brings a change of one row.
    private func arrives(from: Node, to: Node) async throws {
        let value = Int.random(in: 1...1_000_000_000)
        try await Link.with(from) { try await $0.execute(site.dataset.canary(value)) }
        let seen = try await Link.with(to) {
            try await $0.poll(site.dataset.showsCanary(value), every: .milliseconds(50), for: patience)
        }
        guard seen != nil else { throw ScenarioFailure("nothing arrives at \(to.database)") }
    }

    private func wait(_ failure: @autoclosure () -> String, until holds: () -> Bool) async throws {
        let end = ContinuousClock.now + patience
        while !holds() {
            guard .now < end else { throw ScenarioFailure(failure()) }
            try await Task.sleep(for: .milliseconds(20))
        }
    }
}
