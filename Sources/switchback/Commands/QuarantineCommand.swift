import ArgumentParser
import Replication
import Settings

/// The rows that nodes keep out.
struct QuarantineCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "quarantine", abstract: "Rows that a node keeps out because its table refuses them.",
        discussion: """
            Two masters can each write a row that is right by itself and clashes with the other's: both have the same e-mail \
            address. The one that was written last is shown, and the other is kept whole, at every node, and is shown once nothing \
            is in its way. A row that only one node refuses, for a check that the others do not have, is kept out there.
            """,
        subcommands: [ListQuarantine.self, RetryQuarantine.self, DiscardQuarantine.self])
}

/// A quarantined row as JSON has it.
private struct QuarantineLine: Encodable {
    let id: String
    let node: String
    let sync: String
    let table: String
    let key: [String: String?]
    let row: [String: String?]
    let origin: String
    let at: String
    let sqlstate: String
    let constraint: String?
    let reason: String

    init(_ row: QuarantinedRow) {
        (id, node, sync, table) = (row.id, row.node, row.sync, "\(row.table)")
        (key, self.row, origin, at) = (row.key, row.row, row.origin, row.at)
        (sqlstate, constraint, reason) = (row.sqlState, row.constraint, row.reason)
    }
}

/// Lists them.
struct ListQuarantine: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "The rows that are kept out, the latest first.")

    @OptionGroup var options: GlobalOptions
    @Argument(help: "The sync; all when left out.") var sync: String?
    @Option(help: ArgumentHelp("Only this table.", valueName: "schema.table")) var table: String?
    @Option(help: ArgumentHelp("Only what this node keeps out.", valueName: "node")) var node: String?
    @Option(help: ArgumentHelp("Only those kept out since then.", valueName: "time")) var since: String?
    @Option(help: ArgumentHelp("Only those kept out before.", valueName: "time")) var until: String?
    @Option(help: ArgumentHelp("At most so many.", valueName: "number")) var limit = 1000

    func run() async throws {
        guard limit > 0 else { throw WrongUsage("--limit takes a number from 1") }
        let cluster = try options.cluster()
        if sync != nil { _ = try cluster.streams(of: sync) }
        if let node { try cluster.requireNode(node) }
        let (rows, unreachable) = try await QuarantineLog(cluster).list(
            .init(sync: sync, table: table, node: node, since: since, until: until, rowsMost: limit))
        for row in rows { options.console.say(row.line) }
        if rows.isEmpty { options.console.say("nothing is in quarantine") }
        try options.console.result(rows.map(QuarantineLine.init))
        try options.console.tell(unreachable: unreachable)
    }
}

/// Tries them again.
struct RetryQuarantine: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retry", abstract: "Try to show the rows again; status 3 when some are still refused.",
        discussion: "The daemon does that by itself, every few seconds.")

    @OptionGroup var options: GlobalOptions
    @Argument(help: "The sync; all when left out.") var sync: String?
    @Option(help: "Seconds to wait for the streams.") var timeout: Double = 60

    func run() async throws {
        guard timeout > 0 && timeout <= 86_400 else { throw WrongUsage("--timeout takes seconds, up to 86400") }
        let cluster = try options.cluster()
        _ = try cluster.streams(of: sync)
        let log = QuarantineLog(cluster)
        let (before, unreachable) = try await log.list(.init(sync: sync, rowsMost: .max))
        try options.console.tell(unreachable: unreachable)
        let nodes = Set(before.map { [$0.sync, $0.node] })
        let streams = try cluster.streams(of: sync).filter { nodes.contains([$0.sync, $0.receiver]) }
        if !streams.isEmpty {
            let results = try await CatchUp(cluster, logger: options.logger).run(streams, timeout: .seconds(timeout))
            for result in results where !result.isCaughtUp {
                options.console.say("\(result.stream): \(result.reason ?? "it does not move")")
            }
        }
        let (after, _) = try await log.list(.init(sync: sync, rowsMost: .max))
        for row in after { options.console.say(row.line) }
        options.console.say("\(before.count) were in quarantine, \(after.count) are")
        try options.console.result(after.map(QuarantineLine.init))
        if !after.isEmpty { throw ExitCode(Failure.Status.answerIsNo.rawValue) }
    }
}

/// Gives one up.
struct DiscardQuarantine: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "discard", abstract: "Delete a row that is kept out, for all nodes: that travels as a new change.")

    @OptionGroup var options: GlobalOptions
    @Argument(help: "Its id, as list prints it.") var id: String
    @Flag(help: "Show what would be discarded and change nothing.") var dryRun = false

    func run() async throws {
        let cluster = try options.cluster()
        let log = QuarantineLog(cluster)
        let (rows, unreachable) = try await log.list(.init(rowsMost: .max))
        guard let row = rows.first(where: { $0.id == id }) else {
            try options.console.tell(unreachable: unreachable)
            throw WrongUsage(
                "nothing in quarantine has the id \(id)", hint: "\"switchback quarantine list\" shows what there is")
        }
        if !dryRun { try await log.discard(row) }
        options.console.say("\(dryRun ? "would discard" : "discarded"): \(row.line)")
        try options.console.result(QuarantineLine(row))
    }
}

extension QuarantinedRow {
    fileprivate var line: String {
        let keys = key.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value ?? "NULL")" }.joined(separator: ", ")
        return "\(id)  \(at)  \(table) (\(keys)) of \(origin), kept out at \(node): \(reason)"
    }
}
