/// How much of everything a run does.
struct Sizes: Codable, Equatable, Sendable {
    /// pgbench's scale: a hundred thousand accounts each.
    var scale = 20
    /// How long each load lasts.
    var seconds = 20
    var latencyRows = 200
    var bulkRows = 500_000
    var deleteRows = 200_000
    var hotCommits = 20_000
    /// The pace of paced load, in transactions a second.
    var pace = 300
    var tables = 1000
    /// How long idling is watched.
    var idleSeconds = 30
    var outageSeconds = 60
    var soakSeconds = 120
    /// Files that are followed.
    var watchedFiles = 100_000
    /// Files that are gone over.
    var passedFiles = 1_000_000
    /// Rows that the old primary takes while it is cut off.
    var strandedRows = 100_000
    /// How long something may take to arrive before it counts as failed.
    var patienceSeconds = 300

    /// For trying out whether all works.
    static let quick = Sizes(
        scale: 2, seconds: 5, latencyRows: 50, bulkRows: 50_000, deleteRows: 20_000, hotCommits: 2000, tables: 100,
        idleSeconds: 5, outageSeconds: 10, soakSeconds: 10, watchedFiles: 2000, passedFiles: 20_000, strandedRows: 5000,
        patienceSeconds: 120)

    /// Outage and long load at full length: ten minutes and half an hour.
    mutating func makeFull() {
        outageSeconds = 600
        soakSeconds = 1800
    }

    var accounts: Int { scale * 100_000 }
    /// The rows of a bulk update: as many as there are, where there are fewer.
    var updateRows: Int { min(bulkRows, accounts) }

    var text: String {
        let n = { (value: Int) in NumberText.fixed(Double(value), decimals: 0) }
        return
            """
            pgbench scale \(scale), \(seconds) s of each load, \(latencyRows) rows one by one, bulk of \
            \(n(updateRows)) rows (deleted: \(n(deleteRows))), \(n(hotCommits)) commits on one row, \(pace) tps \
            paced, \(n(tables)) tables, an outage of \(outageSeconds) s, long load of \(n(soakSeconds)) s, \
            \(n(watchedFiles)) files followed, \(n(passedFiles)) gone over, \(n(strandedRows)) stranded rows
            """
    }
}
