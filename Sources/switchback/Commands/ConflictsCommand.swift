import ArgumentParser
import Replication
import Settings

/// The history of conflicts between masters.
struct ConflictsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "conflicts", abstract: "What lost a conflict between masters, and how to have it back.",
        discussion: """
            Where two nodes changed a row and neither had seen the other's change, the rule of its table says which of them is \
            shown. What lost is kept whole, at every node that found it.
            """,
        subcommands: [ListConflicts.self, ShowConflict.self, RestoreConflict.self])
}

/// A conflict as JSON has it.
private struct ConflictLine: Encodable {
    struct Side: Encodable {
        let node: String
        let at: String
        let row: [String: String?]?

        init(_ side: RecordedConflict.Side) { (node, at, row) = (side.node, side.at, side.row) }

        // A row that was deleted is null, and not left out.
        enum Names: String, CodingKey { case node, at, row }
        func encode(to encoder: any Encoder) throws {
            var values = encoder.container(keyedBy: Names.self)
            try values.encode(node, forKey: .node)
            try values.encode(at, forKey: .at)
            try values.encode(row, forKey: .row)
        }
    }

    let id: String
    let sync: String
    let table: String
    let key: [String: String?]
    let rule: String
    let held: Bool
    let at: String
    let winner: Side
    let loser: Side
    let foundAt: [String]

    enum CodingKeys: String, CodingKey {
        case id, sync, table, key, rule, held, at, winner, loser
        case foundAt = "found_at"
    }

    init(_ conflict: RecordedConflict) {
        (id, sync, table) = (conflict.id, conflict.sync, "\(conflict.table)")
        (key, rule, held, at) = (conflict.key, conflict.rule, conflict.isHeld, conflict.at)
        (winner, loser) = (Side(conflict.winner), Side(conflict.loser))
        foundAt = conflict.foundAt
    }
}

/// Lists them.
struct ListConflicts: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "The versions that lost, the latest first.")

    @OptionGroup var options: GlobalOptions
    @Argument(help: "The sync; all when left out.") var sync: String?
    @Option(help: ArgumentHelp("Only this table.", valueName: "schema.table")) var table: String?
    @Option(help: ArgumentHelp("Only where this node wrote one of the two.", valueName: "node")) var node: String?
    @Option(help: ArgumentHelp("Only those found since then.", valueName: "time")) var since: String?
    @Option(help: ArgumentHelp("Only those found before.", valueName: "time")) var until: String?
    @Option(help: ArgumentHelp("At most so many.", valueName: "number")) var limit = 1000

    func run() async throws {
        guard limit > 0 else { throw WrongUsage("--limit takes a number from 1") }
        let cluster = try options.cluster()
        if sync != nil { _ = try cluster.streams(of: sync) }
        let filter = RecordFilter(
            sync: sync, table: table, node: node, since: since, until: until, rowsMost: limit)
        let (conflicts, removed, unreachable) = try await ConflictLog(cluster).list(filter)
        for conflict in conflicts { options.console.say(conflict.line) }
        if conflicts.isEmpty { options.console.say("no conflicts") }
        for history in removed {
            options.console.say(
                "\(history.sync): \(history.conflicts) more, found until \(history.until), were removed as history_keep says"
            )
        }
        try options.console.result(conflicts.map(ConflictLine.init))
        try options.console.tell(unreachable: unreachable)
    }
}

/// Shows one.
struct ShowConflict: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Both versions of one conflict, column by column.")

    @OptionGroup var options: GlobalOptions
    @Argument(help: "Its id, as list prints it.") var id: String

    func run() async throws {
        let conflict = try await ConflictsCommand.find(id, try options.cluster(), options)
        options.console.say(conflict.line)
        options.console.say("  found at \(conflict.foundAt.joined(separator: ", ")), by rule \(conflict.rule)")
        for column in conflict.columns {
            func value(_ side: RecordedConflict.Side) -> String {
                side.row.map { ($0[column] ?? nil) ?? "NULL" } ?? "(deleted)"
            }
            let (shown, lost) = (value(conflict.winner), value(conflict.loser))
            options.console.say(
                "  \(shown == lost ? " " : "≠") \(column): \(shown)\(shown == lost ? "" : "  instead of  \(lost)")")
        }
        try options.console.result(ConflictLine(conflict))
    }
}

/// Has a version back that lost.
struct RestoreConflict: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore", abstract: "Write the version that lost again: it travels as a new change.")

    @OptionGroup var options: GlobalOptions
    @Argument(help: "Its id, as list prints it.") var id: String
    @Option(help: ArgumentHelp("Where to write it; the node that wrote it when left out.", valueName: "node")) var at:
        String?
    @Flag(help: "Show what would be written and change nothing.") var dryRun = false

    func run() async throws {
        let cluster = try options.cluster()
        let conflict = try await ConflictsCommand.find(id, cluster, options)
        let sources = cluster.settings.syncs.first { $0.name == conflict.sync }?.sources ?? []
        let node = at ?? conflict.loser.node
        guard sources.contains(node) else {
            throw WrongUsage(
                "\(node) is no source of sync \(conflict.sync)",
                hint: "--at takes one of \(sources.joined(separator: ", "))")
        }
        if !dryRun { try await ConflictLog(cluster).restore(conflict, at: node) }
        let what = conflict.loser.row == nil ? "deleted" : "written"
        options.console.say(
            "\(conflict.name): \(dryRun ? "would be \(what)" : what) at \(node), as \(conflict.loser.node) had it")
        try options.console.result(ConflictLine(conflict))
    }
}

extension ConflictsCommand {
    fileprivate static func find(
        _ id: String, _ cluster: Cluster, _ options: GlobalOptions
    ) async throws -> RecordedConflict {
        let (conflicts, _, unreachable) = try await ConflictLog(cluster).list(RecordFilter(rowsMost: .max))
        if let found = conflicts.first(where: { $0.id == id }) { return found }
        try options.console.tell(unreachable: unreachable)
        throw WrongUsage("no conflict has the id \(id)", hint: "\"switchback conflicts list\" shows them")
    }
}

extension RecordedConflict {
    fileprivate var name: String {
        "\(table) (\(key.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value ?? "NULL")" }.joined(separator: ", ")))"
    }

    fileprivate var line: String {
        let what = loser.row == nil ? "deletion" : "version"
        let to = winner.node.isEmpty ? "what nobody knows the writer of any more" : "\(winner.node)'s"
        let fate = rule.hasPrefix("foreign ") ? "refers to a row that is not there" : "lost to \(to)"
        return "\(id)  \(at)  \(name): the \(what) of \(loser.node) \(fate)\(isHeld ? ", held" : "")"
    }
}
