import ArgumentParser
import Console
import Model
import Replication
import Settings

/// First copy.
struct CopyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "copy", abstract: "Bring receivers to the state of their source, and begin the streams.",
        discussion: """
            An empty table is copied. One that holds rows is compared: adopted when equal, and otherwise left alone with exit \
            status 3, until --repair (mend it; what is overwritten goes to the history) or --replace (empty it and copy it) \
            says what to do. A copy that was interrupted goes on where it was.
            """)

    @OptionGroup var options: GlobalOptions
    @Argument(help: "The sync; all when left out.") var sync: String?
    @Flag(help: "Mend tables that hold other rows; what is overwritten goes to the history.") var repair = false
    @Flag(help: "Empty tables that hold other rows, and copy them.") var replace = false
    @Option(help: ArgumentHelp("The source to copy from, where there are several.", valueName: "node")) var from:
        String?
    @Option(help: ArgumentHelp("The receiver to copy to; all when left out.", valueName: "node")) var to: String?
    @Option(help: ArgumentHelp("Chunks that are copied side by side.", valueName: "number")) var jobs = 2

    private struct Line: Encodable {
        let sync: String
        let from: String
        let to: String
        let table: String
        let result: String
        let rows: Int
        let missing: Int?
        let extra: Int?
        let different: Int?
    }

    func run() async throws {
        guard !(repair && replace) else { throw WrongUsage("--repair and --replace exclude each other") }
        guard jobs > 0 && jobs <= 64 else { throw WrongUsage("--jobs takes a number from 1 to 64") }
        let cluster = try options.cluster()
        var streams = try cluster.streams(of: sync)
        if let from {
            let linked = Set(cluster.settings.syncs.filter { $0.links != nil && to == nil }.map(\.name))
            streams = streams.filter { $0.source == from || linked.contains($0.sync) }
            guard !streams.isEmpty else { throw WrongUsage("\(from) is not a source of that sync") }
        }
        if let to {
            streams = streams.filter { $0.receiver == to }
            guard !streams.isEmpty else { throw WrongUsage("\(to) receives nothing of that sync from there") }
        }
        let choice: CopyChoice = repair ? .repair : replace ? .replace : .refuse
        let syncs = cluster.settings.syncs.filter { settings in streams.contains { $0.sync == settings.name } }
        var late: [HeldStream] = []
        var references: [String: String] = [:]
        // Of all syncs before anything is begun of one.
        for sync in syncs where sync.isMultiMaster {
            let from = try await reference(of: sync, cluster)
            guard from != to else {
                throw WrongUsage(
                    "\(from) cannot be made equal to itself in sync \(sync.name): --from NODE says whose rows it is to have"
                )
            }
            references[sync.name] = from
        }
        for sync in syncs where sync.isMultiMaster {
            guard let from = references[sync.name] else { continue }
            let order = sync.links != nil && to == nil ? sync.copyOrder(from: from) : nil
            streams = streams.filter { $0.sync != sync.name || order == nil && $0.source == from } + (order ?? [])
            late += try await beginOthers(sync, from: from, copying: order ?? [], cluster, choice)
        }
        var tables: [CopyReport.Table] = []
        var failures: [any Error] = []
        for stream in streams {
            do {
                let isRestored = late.contains { $0.stream.source == stream.receiver && $0.sourceMayForget }
                let copied = try await copy(stream, cluster, choice, receiverIsRestored: isRestored)
                tables += copied
                if !copied.contains(where: { $0.kind == .refused }) {
                    try await takeIn(stream, late, from: references[stream.sync], copying: streams, cluster)
                }
            } catch {
                if Task.isCancelled {
                    throw Interrupted(rest: "the same command goes on where \(stream) was")
                }
                // One receiver that is down does not keep the others from being copied.
                guard streams.count > 1 else { throw error }
                Failure.tell(error)
                failures.append(error)
            }
        }
        try options.console.result(tables.map(line))
        if !failures.isEmpty { throw ExitCode(Failure.Status.failed.rawValue) }
        if tables.contains(where: { $0.kind == .refused }) {
            throw ExitCode(Failure.Status.answerIsNo.rawValue)
        }
    }

    /// The source whose rows the others are to have. With a standby they are those of the node that writes, and where the site has moved somebody says
    /// which; but a first copy leaves rows alone that are there already.
    private func reference(of sync: SyncSettings, _ cluster: Cluster) async throws -> String {
        if let from { return from }
        return try await repair || replace ? RightNode(cluster).present(of: sync) : RightNode.named(of: sync)
    }

    /// What the other sources write from now on travels as well, also while they receive their first rows.
    ///
    /// - Returns: the streams that are to carry once their receiver has its rows: what they bring is settled against these. Also those
    ///   that run, where tables come to them now: a row that somebody deletes meanwhile would be brought by the copy afterwards, for good.
    private func beginOthers(
        _ sync: SyncSettings, from: String, copying: [StreamID], _ cluster: Cluster, _ choice: CopyChoice
    ) async throws -> [HeldStream] {
        var late: [HeldStream] = []
        for stream in try cluster.streams(of: sync.name) where stream.source != from && !copying.contains(stream) {
            if let to, stream.source != to, stream.receiver != to { continue }
            let waits = stream.receiver != from || choice.isDecided
            let copy = FirstCopy(stream: stream, cluster: cluster, logger: options.logger)
            if waits {
                guard let held = try await copy.beginHeld(choice) else { continue }
                late.append(held)
            } else {
                guard try await copy.beginWithoutCopy(choice) else { continue }
            }
            options.console.say("\(stream): begun")
        }
        return late
    }

    /// Lets the other streams of a receiver carry, now that it has its rows, and has everybody count on it.
    private func takeIn(
        _ stream: StreamID, _ late: [HeldStream], from reference: String?, copying: [StreamID], _ cluster: Cluster
    ) async throws {
        let receivers = Set(copying.filter { $0.sync == stream.sync }.map(\.receiver))
        for held in late where held.stream.sync == stream.sync {
            let other = held.stream
            let isTo = other.receiver == stream.receiver
            guard isTo || (other.source == stream.receiver && !receivers.contains(other.receiver)) else { continue }
            try await held.start(isReference: other.receiver == reference)
        }
        let judges = try await Membership(cluster).readmit(stream.receiver, to: stream.sync)
        if !judges.isEmpty {
            options.console.say("\(stream.sync): \(judges.joined(separator: ", ")) count on \(stream.receiver) again")
        }
    }

    private func copy(
        _ stream: StreamID, _ cluster: Cluster, _ choice: CopyChoice, receiverIsRestored: Bool
    ) async throws -> [CopyReport.Table] {
        let reporter = ProgressReporter(options.console)
        defer { reporter.end() }
        let copy = FirstCopy(stream: stream, cluster: cluster, jobs: jobs, logger: options.logger) { progress in
            reporter.show("\(stream): \(ProgressText.line(progress))")
        }
        let report = try await copy.run(choice, receiverIsRestored: receiverIsRestored)
        reporter.end()
        tell(report, stream)
        if report.refused.isEmpty { try await settle(stream, cluster) }
        return report.tables
    }

    /// Carries what changed meanwhile, so that the receiver is in a state that the source really had.
    private func settle(_ stream: StreamID, _ cluster: Cluster) async throws {
        let results = try await CatchUp(cluster, logger: options.logger).run([stream], timeout: nil)
        guard results.allSatisfy(\.isCaughtUp) else {
            throw AnswerIsNo("\(stream): copied, and not caught up: \(results.first?.reason ?? "it does not move")")
        }
        options.console.say("\(stream): caught up")
    }

    private func tell(_ report: CopyReport, _ stream: StreamID) {
        let counts: [(JoinKind, String)] = [
            (.copied, "copied"), (.adopted, "already equal"), (.repaired, "being mended"), (.already, "joined before"),
        ]
        let parts = counts.compactMap { kind, words in
            let count = report.tables.count { $0.kind == kind }
            return count > 0 ? "\(count) \(words)" : nil
        }
        let rows = report.rowsCopied
        let rate =
            rows > 0 ? ", \(ProgressText.count(rows)) rows in \(ProgressText.duration(report.elapsed))" : ""
        if !parts.isEmpty { options.console.say("\(stream): tables: \(parts.joined(separator: ", "))\(rate)") }
        guard !report.refused.isEmpty else { return }
        options.console.say(
            "\(stream): \(report.refused.count) tables at \(stream.receiver) hold other rows and were left alone:")
        for table in report.refused {
            guard let difference = table.difference else { continue }
            options.console.say(
                "  \(table.name): \(difference.missing) missing, \(difference.extra) extra, \(difference.different) different"
            )
        }
        options.console.say(
            "  → --repair mends them and keeps what it overwrites in the history; --replace empties and copies them")
    }

    private func line(_ table: CopyReport.Table) -> Line {
        Line(
            sync: table.stream.sync, from: table.stream.source, to: table.stream.receiver, table: "\(table.name)",
            result: table.kind.rawValue, rows: table.rows, missing: table.difference?.missing,
            extra: table.difference?.extra, different: table.difference?.different)
    }
}
