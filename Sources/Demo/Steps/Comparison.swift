import Assets
import Console
import LocalCluster
import Logging
import Postgres
import Replication

extension DemoStep {
    /// The writers' own list against both nodes, and every row of every table of one node against the other.
    static let comparison = DemoStep(title: "The proof: the writers' list, and a diff of every row") { stage in
        let nodes = try stage.nodes
        try await catchUp(
            nodes, Logger(label: "demo") { _ in SwiftLogNoOpLogHandler() }, [nodes.stream, nodes.backward])
        try await prove(stage, nodes)
        if let files = nodes.files { try await proveUploads(stage, nodes, files) }
        let clock = ContinuousClock()
        let began = clock.now
        let differences = try await Differ(stream: nodes.stream, cluster: nodes.cluster)
            .run(progress: { table, number, total in
                stage.screen.live(
                    "\(ProgressText.bar(Double(number) / Double(total))) \(number)/\(total) \(table)")
            })
        stage.screen.endLive()
        let rows = differences.reduce(0) { $0 + $1.rows }
        let isIdentical = differences.allSatisfy(\.isIdentical)
        stage.figures.change {
            $0.comparison.identical = isIdentical
            $0.comparison.tables = differences.count
            $0.comparison.rows = rows
            $0.comparison.seconds = seconds(clock.now - began)
        }
        for difference in differences where !difference.isIdentical {
            stage.screen.say(
                "\(difference.table): \(difference.missing) missing, \(difference.extra) extra,"
                    + " \(difference.different) different", .red)
        }
        if isIdentical {
            stage.screen.say(
                "identical: \(ProgressText.count(differences.count, "table")), \(ProgressText.count(rows)) rows,"
                    + " compared in \(ProgressText.duration(clock.now - began))", .green)
        }
    }

    /// What writers were told is committed, row by row, at either node.
    private static func prove(_ stage: DemoStage, _ nodes: DemoNodes) async throws {
        var found: [String: Set<String>] = [:]
        var balanced = true
        for cluster in [nodes.raleigh, nodes.durham] {
            (found[cluster.name], balanced) = try await DemoNodes.with(cluster) { [balanced] session in
                let rows = try session.query(Assets.demo("look/receipts"))
                let books = try session.query(Assets.demo("look/books"))[0, 0] == "t"
                return (Set((0..<rows.rowCount).compactMap { rows[$0, 0] }), balanced && books)
            }
        }
        let proof = Proof(stage.ledger.value, found: found)
        stage.figures.change {
            $0.proof = DemoReport.Acknowledged(proof, balances: balanced)
        }
        for (node, receipts) in proof.missing.sorted(by: { $0.key < $1.key }) {
            stage.screen.say(
                "\(node) lacks \(ProgressText.count(receipts.count)): \(receipts.prefix(5).joined(separator: ", "))",
                .red)
        }
        if proof.foreign > 0 { stage.screen.say("\(proof.foreign) rows are there that nobody wrote", .red) }
        if !balanced { stage.screen.say("the collections' totals do not balance", .red) }
        stage.screen.say(
            "\(ProgressText.count(proof.acknowledged, "transaction")) acknowledged by either site, \(ProgressText.count(proof.missingCount)) missing",
            proof.holds ? .green : .red)
        if balanced { stage.screen.say("the collections' totals count what both sites added: they balance at both") }
        if proof.unanswered > 0 {
            stage.screen.note(
                "\(ProgressText.count(proof.unanswered)) more committed while the answer was on its way when the server died"
            )
        }
    }
}
