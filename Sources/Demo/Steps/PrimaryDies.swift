import Assets
import Console
import Failover
import Glibc
import LocalCluster
import Postgres
import Replication

extension DemoStep {
    /// The line is cut, raleigh goes on for a while, and then its server is killed. The site moves by itself.
    static let primaryDies = DemoStep(title: "raleigh dies, with writes that never left it: failover by itself") {
        stage in
        let nodes = try stage.nodes
        // Both look from the primary's end.
        stage.isWatched.change { $0 = false }
        stage.figures.change { $0.books = stage.books.found.value }
        let workload = Workload(.name(nodes.site), stage.ledger, withdraws: false)
        stage.welcome(Visitors(workload.run(until:)))
        stage.screen.say(
            "\(workload.writers) writers go wherever the name leads, and keep a list of what was acknowledged")
        try await Task.sleep(for: .seconds(1))

        try await catchUpWhileWriting(nodes)
        if let files = nodes.files { try await awaitUploads(files) }
        nodes.line.cut()
        stage.ledger.change { $0.beginPart(now: .now) }
        try await rename(at: nodes.raleigh, "Botany, as raleigh had it")
        if let files = nodes.files { try correctGuide(files, files.primary, "raleigh") }
        stage.screen.say("the line between the towns is cut; people notice nothing")
        try await Task.sleep(for: .milliseconds(1500))

        let pid = nodes.raleigh.postmasterPID ?? 0
        let killed = ContinuousClock.now
        async let death: Void = nodes.raleigh.kill9()
        let stranded = stage.ledger.value.byNode["raleigh"] ?? 0
        try await death
        stage.screen.say("kill -9 \(pid)   raleigh's server is dead", .red)
        stage.screen.say(
            "\(ProgressText.count(stranded, "transaction")) that raleigh had acknowledged \(stranded == 1 ? "is" : "are") on no other machine",
            .yellow)
        stage.figures.change { $0.failover.strandedTransactions = stranded }
        if let files = nodes.files { tellStrandedUploads(stage, files) }
        try await followFailover(stage, killed)
    }

    /// With the line up, only what is written after this can be stranded.
    private static func catchUpWhileWriting(_ nodes: DemoNodes) async throws {
        let beat = try await DemoNodes.with(nodes.raleigh) { try $0.query(Assets.demo("look/receipts")).rowCount }
        try await wait("durham did not catch up") {
            try await DemoNodes.with(nodes.durham) { try $0.query(Assets.demo("look/receipts")).rowCount } >= beat
        }
    }

    /// A row that both sites change, of which neither will have seen the other's change.
    static func rename(at node: LocalCluster, _ name: String) async throws {
        try await DemoNodes.with(node) { _ = try $0.query(Assets.demo("errands/rename_community"), [name]) }
    }

    private static func followFailover(_ stage: DemoStage, _ killed: ContinuousClock.Instant) async throws {
        let site = try stage.nodes.site
        let wanted = TheSite.addresses[1]
        var moved: ContinuousClock.Instant?
        try await wait("the site did not move", within: .seconds(90)) {
            if moved == nil, try await site.names.lookUp() == wanted { moved = .now }
            return !stage.news.value.reports.isEmpty
        }
        stage.screen.endLive()
        let news = stage.news.value
        guard let report = news.reports.last, report.outcome == .done else {
            throw DemoError(
                "the failover did not come to its end: \(news.reports.last?.reason ?? news.trouble ?? "no reason is known")"
            )
        }
        try await wait("nobody wrote at durham") { (stage.ledger.value.byNode["durham"] ?? 0) > 0 }
        let gap = stage.ledger.value.longestGap
        let detected = news.began.map { $0.at - killed } ?? .zero
        let named = (moved ?? .now) - killed
        stage.figures.change {
            $0.failover.detectedAfterSeconds = seconds(detected)
            $0.failover.nameMovedAfterSeconds = seconds(named)
            $0.failover.secondsWithoutWrites = seconds(gap)
            $0.failover.steps = DemoReport.steps(of: report)
        }
        let (address, text) = try await site.page()
        stage.screen.say("\(NameService.name) → \(address): \(text)")
        stage.screen.say(
            "begun \(ProgressText.duration(detected)) after the death, the name moved after \(ProgressText.duration(named));"
                + " nobody could write for \(ProgressText.duration(gap))", .green)
    }
}
