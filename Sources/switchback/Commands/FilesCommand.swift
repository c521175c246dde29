import ArgumentParser
import Console
import FileSync
import Foundation
import Postgres
import Replication
import Settings
import Sites

/// The files that belong to the site.
struct FilesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "files", abstract: "Move files between the sites, and show how they are.",
        subcommands: [FilesSync.self, FilesStatusCommand.self, FilesPlan.self, FilesReportCommand.self])
}

/// The jobs that a command means.
enum FilesChoice {
    static func jobs(_ options: GlobalOptions, _ name: String?) throws -> [FileJob] {
        let jobs = all(try options.cluster())
        guard let name else { return jobs }
        let chosen = jobs.filter { $0.name == name }
        guard !chosen.isEmpty else {
            let known = jobs.map(\.name)
            throw WrongUsage(
                "there are no files named \(name)",
                hint: known.isEmpty ? "the configuration has no files" : "there are \(known.joined(separator: ", "))")
        }
        return chosen
    }

    /// All jobs, as this machine sees them. `SWITCHBACK_SITE` says which site it is, where its addresses do not.
    static func all(_ cluster: Cluster) -> [FileJob] {
        FileJob.all(
            cluster.settings, here: SiteSetup.named,
            active: FencedActiveSite(cluster))
    }
}

/// Runs jobs now.
struct FilesSync: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sync", abstract: "Bring the files of a job to the other site now.",
        discussion: """
            Without a name all jobs run that are not for once only, one after the other. Exit status 3 when a guard says no: \
            nothing was moved then, or no more than was told.
            """)

    @OptionGroup var options: GlobalOptions
    @Argument(help: "The job; all when left out.") var job: String?
    @Flag(help: "Show what would be moved, and move nothing.") var dryRun = false
    @Flag(help: "These are the right trees, whatever their markers say.") var adopt = false
    @Flag(help: "Delete what there is to delete, whatever the limit, this once.") var allowDeletions = false

    func run() async throws {
        if job == nil, adopt || allowDeletions {
            throw WrongUsage("--adopt and --allow-deletions are for one job", hint: "name it")
        }
        let jobs = try FilesChoice.jobs(options, job).filter { job != nil || !$0.settings.once }
        var reports: [MoveReport] = []
        var refusal: FileSyncError?
        for job in jobs {
            do { reports.append(try await sync(job)) } catch let error as FileSyncError
                where jobs.count > 1 && error.kind != .failed
            {
                // One that may not run does not keep the others from it.
                Failure.tell(error)
                refusal = error
            }
        }
        try options.console.result(reports)
        if refusal != nil { throw ExitCode(Failure.Status.answerIsNo.rawValue) }
    }

    private func sync(_ job: FileJob) async throws -> MoveReport {
        var wanted = SyncOptions()
        wanted.dryRun = dryRun
        wanted.adopt = adopt
        wanted.allowDeletions = allowDeletions
        let reporter = ProgressReporter(options.console)
        let report = try await job.mover.sync(wanted) { reporter.show(FilesText.progress(job.name, $0)) }
        reporter.end()
        for change in report.changes { options.console.say("  \(change.change)  \(change.path)") }
        options.console.say(FilesText.summary(report))
        return report
    }
}

/// How the jobs are.
struct FilesStatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Show the jobs: when they last succeeded, what they moved, what is wrong.",
        discussion: "Exit status 3 when something is not well.")

    @OptionGroup var options: GlobalOptions
    @Argument(help: "The job; all when left out.") var job: String?
    @Flag(help: "Compare with the rows that name files, where the configuration says which.") var rows = false

    private struct Document: Encodable {
        let files: [FilesStatus]
        let rows: [ReferenceReport]
    }

    func run() async throws {
        let jobs = try FilesChoice.jobs(options, job)
        var states: [FilesStatus] = []
        for job in jobs { states.append(await FilesStatus.of(job)) }
        options.console.put(FilesText.table(states))
        let reports = rows ? try await references(jobs) : []
        for report in reports { options.console.put(FilesText.references(report)) }
        try options.console.result(Document(files: states, rows: reports))
        let isWell = states.allSatisfy(\.isWell) && reports.allSatisfy(\.missing.isEmpty)
        if !isWell { throw ExitCode(Failure.Status.answerIsNo.rawValue) }
    }

    private func references(_ jobs: [FileJob]) async throws -> [ReferenceReport] {
        let cluster = try options.cluster()
        var reports: [ReferenceReport] = []
        for job in jobs {
            guard job.settings.referencedBy != nil else { continue }
            guard let site = cluster.settings.sites.first(where: { $0.name == job.settings.to }) else { continue }
            let connection = try await cluster.open(site.node, purpose: "files")
            do {
                if let report = try await job.trees.references(at: site.name, over: connection) {
                    reports.append(report)
                }
                await connection.close()
            } catch {
                await connection.close()
                throw error
            }
        }
        return reports
    }
}

/// What a failback would do.
struct FilesPlan: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan", abstract: "Show what a failback would do with the files if it began now; move nothing.",
        discussion: """
            Both trees are compared with what they last had in common. Exit status 3 when something stands in the way, which is \
            told.
            """)

    @OptionGroup var options: GlobalOptions
    @Argument(help: "The job; all when left out.") var job: String?
    @Flag(help: "Mark both trees as the right ones first.") var adopt = false

    func run() async throws {
        if job == nil, adopt { throw WrongUsage("--adopt is for one job", hint: "name it") }
        var plans: [MovePlan] = []
        for job in try FilesChoice.jobs(options, job) {
            if adopt { try await job.rsync?.adopt() }
            let plan = try await job.mover.plan()
            options.console.put(FilesText.plan(plan))
            plans.append(plan)
        }
        try options.console.result(plans)
        if plans.contains(where: { $0.obstacle != nil }) { throw ExitCode(Failure.Status.answerIsNo.rawValue) }
    }
}

/// What the way back did.
struct FilesReportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report", abstract: "Show what failbacks did with the files since the site last moved away.",
        discussion: """
            Path by path: what was brought back, rescued, deleted or settled, and where what was overwritten or deleted lies now. A \
            pass that was cut off is listed with all that it was about to do.
            """)

    @OptionGroup var options: GlobalOptions
    @Argument(help: "The job; all when left out.") var job: String?

    func run() async throws {
        var reports: [FailbackReport] = []
        for job in try FilesChoice.jobs(options, job) {
            let report = try await job.mover.report()
            options.console.put(FilesText.report(report))
            reports.append(report)
        }
        try options.console.result(reports)
    }
}
