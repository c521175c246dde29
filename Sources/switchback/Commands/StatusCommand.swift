import ArgumentParser
import Console
import FileSync
import Replication
import Settings

/// How things are.
struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Show nodes and streams: lag in seconds and rows, and why one does not move.",
        discussion: """
            Asks the nodes themselves; no daemon needs to run. Exit status 3 when something is not well. With --watch it shows that \
            again and again until Ctrl-C, which is no failure; with --json as well, each time a document on one line.
            """)

    @OptionGroup var options: GlobalOptions
    @Flag(help: "Show it again and again until Ctrl-C.") var watch = false
    @Option(help: ArgumentHelp("The time between two looks.", valueName: "seconds")) var interval: Double = 1

    func run() async throws {
        guard (0.1...86_400).contains(interval) else {
            throw WrongUsage("--interval takes a number of seconds from 0.1 to 86400")
        }
        let cluster = try options.cluster()
        let reader = WholeStatusReader(
            streams: SiteStatus(cluster, logger: options.logger), jobs: FilesChoice.all(cluster),
            settings: cluster.settings)
        let output = options.console
        guard watch else {
            let report = try await reader.read()
            if output.json { try output.result(report) } else { Output.write(report.text) }
            if !report.isWell { throw ExitCode(Failure.Status.answerIsNo.rawValue) }
            return
        }
        do {
            while !Output.isAbandoned {
                show(try await reader.read(), output)
                try await Task.sleep(for: .seconds(interval))
            }
        } catch  where Task.isCancelled {
            // Ctrl-C is how it is to end, also in the middle of a look, which then fails in its own way.
        }
    }

    private func show(_ report: WholeStatus, _ output: Output) {
        if output.json {
            Output.write(((try? JSONText.render(report, onOneLine: true)) ?? "{}") + "\n")
        } else {
            output.show(report.text)
        }
    }
}

/// What `status` shows: the streams' report, with the names and the files put to it.
private struct WholeStatus: Encodable, Sendable {
    let streams: StatusReport
    let dns: DNSStatus?
    let files: [FilesStatus]

    var isWell: Bool { streams.isWell && (dns?.isWell ?? true) && files.allSatisfy(\.isWell) }

    var text: String {
        let files = FilesText.table(files)
        return StatusText.render(streams) + (dns.map { "\n" + $0.text } ?? "") + (files.isEmpty ? "" : "\n" + files)
    }

    private enum CodingKeys: String, CodingKey { case dns, files }

    func encode(to encoder: any Encoder) throws {
        try streams.encode(to: encoder)
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encodeIfPresent(dns, forKey: .dns)
        try container.encode(files, forKey: .files)
    }
}

private struct WholeStatusReader {
    let streams: SiteStatus
    let jobs: [FileJob]
    let settings: Settings

    func read() async throws -> WholeStatus {
        let report = try await streams.read()
        var files: [FilesStatus] = []
        for job in jobs { files.append(await FilesStatus.of(job)) }
        let dns = await DNSStatus.read(settings, active: report.site.active)
        return WholeStatus(streams: report, dns: dns, files: files)
    }
}
