import Assets
import Console
import Failover
import LocalCluster
import Logging
import Postgres
import Replication

extension DemoStep {
    /// The old primary is back: it is fenced before anything of it can spread, what it held is counted, and then comes over.
    static let primaryReturns = DemoStep(title: "raleigh is back: fenced, counted, merged") { stage in
        let nodes = try stage.nodes
        let quiet = Logger(label: "demo") { _ in SwiftLogNoOpLogHandler() }
        try nodes.line.restore()
        try await nodes.raleigh.start()
        stage.screen.say("its server runs again, and so does the line; nobody leads people there")
        try await wait("raleigh was not fenced") { !stage.news.value.quarantines.isEmpty }
        let found = stage.news.value.quarantines.reduce(0) { $0 + $1.rows }
        let tables = stage.news.value.quarantines.flatMap(\.stranded)
        stage.screen.say(
            "fenced at once. \(ProgressText.count(found)) rows of \(ProgressText.count(tables.count, "table")) never left it:",
            .yellow)
        stage.screen.note(tables.map { "\($0.table) \($0.rows)" }.joined(separator: ", "))
        try await catchUp(nodes, quiet, [nodes.stream])
        let (name, losers) = try await (
            DemoNodes.with(nodes.durham) { try $0.query(Assets.demo("look/community"))[0, 0] ?? "" },
            DemoNodes.with(nodes.durham, user: DemoNodes.role) { session in
                let rows = try session.query(Assets.demo("look/losers"))
                return (0..<rows.rowCount).map { "\(rows[$0, 0] ?? ""): \(rows[$0, 1] ?? "")" }
            }
        )
        stage.figures.change {
            $0.returned.strandedRows = found
            $0.returned.strandedTables = tables.count
            $0.returned.conflictWinner = name
            $0.returned.conflictLosers = losers
        }
        stage.screen.say("now durham has them. Of the row that both had changed, the later change stays: \(name)")
        for loser in losers { stage.screen.note("kept in the conflict history, of \(loser)") }
        if let files = nodes.files { try await showFilesPlan(stage, nodes, files) }
    }
}
