import ArgumentParser
import Model
import Replication
import Settings

/// `repair --by-stamps`: makes the nodes of syncs of several sources equal, row by row.
struct StampRepairRun {
    private let cluster: Cluster
    private let syncs: [String]
    private let tables: [String]
    private let options: GlobalOptions
    private let isDry: Bool

    private struct Line: Encodable {
        let sync: String
        let table: String
        /// How many rows are mended, by the node whose version all get.
        let mended: [String: Int]
        let left: Int
        let samples: [String]
        let error: String?
    }

    private struct Document: Encodable {
        let identical: Bool
        let tables: [Line]
    }

    /// - Throws: `WrongUsage` when the sync, or every one, has one source only, or one has links: its sources are not all
    ///   compared with one another, and notes of what they hand on would be taken for changes of their own.
    init(
        _ cluster: Cluster, _ sync: String?, _ tables: [String], _ options: GlobalOptions, isDry: Bool
    ) throws {
        let named = Set(try cluster.streams(of: sync).map(\.sync))
        let several = named.filter { StampRepair(cluster, sync: $0) != nil }.sorted()
        guard !several.isEmpty else {
            throw WrongUsage(
                "\(sync.map { "sync \($0)" } ?? "every sync") has one source, which is right",
                hint: "leave out --by-stamps: a target is mended from its source")
        }
        if let linked = cluster.settings.syncs.first(where: { $0.links != nil && several.contains($0.name) }) {
            throw WrongUsage(
                "sync \(linked.name) has links, along which a repair by stamps does not go",
                hint: "give a sync without links, or --from NODE, which mends the nodes that NODE is linked with")
        }
        syncs = several
        self.cluster = cluster
        self.tables = tables
        self.options = options
        self.isDry = isDry
    }

    func run() async throws {
        let streams = cluster.settings.streams.filter { syncs.contains($0.sync) }
        var found: [StampedDifference] = []
        for sync in syncs {
            found +=
                try await StampRepair(cluster, sync: sync)?.run(isDry: isDry, include: DiffCommand.filter(tables)) {
                    try await carry(streams)
                } ?? []
        }
        if !tables.isEmpty && found.isEmpty {
            throw WrongUsage("no table of the sync is called \(tables.joined(separator: " or "))")
        }
        if !isDry && found.contains(where: { !$0.mended.isEmpty }) { try await carry(streams) }
        tell(found)
        try options.console.result(
            Document(
                identical: found.allSatisfy(\.isIdentical),
                tables: found.map {
                    Line(
                        sync: $0.sync, table: "\($0.table)", mended: $0.mended, left: $0.left, samples: $0.samples,
                        error: $0.problem)
                }))
        if found.contains(where: { $0.left > 0 || $0.problem != nil || isDry && !$0.isIdentical }) {
            throw ExitCode(Failure.Status.answerIsNo.rawValue)
        }
    }

    private func carry(_ streams: [StreamID]) async throws {
        let results = try await CatchUp(cluster, logger: options.logger).run(streams, timeout: nil, allTables: false)
        guard let stuck = results.first(where: { !$0.isCaughtUp }) else { return }
        throw AnswerIsNo("\(stuck.stream) does not move: \(stuck.reason ?? "no reason is known")")
    }

    private func tell(_ found: [StampedDifference]) {
        for table in found where !table.isIdentical {
            let place = "\(table.sync), \(table.table)"
            if let problem = table.problem { options.console.say("\(place): \(problem)") }
            for (node, count) in table.mended.sorted(by: { $0.key < $1.key }) {
                options.console.say(
                    "\(place): \(count) rows \(isDry ? "would be mended" : "mended") as \(node) has them")
            }
            guard table.left > 0 else { continue }
            options.console.say(
                "\(place): \(table.left) rows left as they are, for no node knows which is right, such as \(table.samples.joined(separator: " ")); \"switchback repair \(table.sync) --from NODE\" takes one node's"
            )
        }
        if found.allSatisfy(\.isIdentical) {
            options.console.say("nothing to mend: \(found.count) tables are identical")
        }
    }
}
