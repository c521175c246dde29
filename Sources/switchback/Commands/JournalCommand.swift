import ArgumentParser
import Console
import Failover
import Foundation
import Replication
import Sites

/// What plans have done.
struct JournalCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "journal", abstract: "Show what plans have done, step by step.",
        discussion: """
            The journal is kept at the nodes of both sites and put together from those that answer; exit status 3 when one does not, \
            for it may know more.
            """)

    @OptionGroup var options: GlobalOptions
    @Argument(help: "The plan; all when left out.") var plan: String?

    private struct Line: Encodable {
        let plan: String
        let number: Int
        let at: String
        let epoch: Int
        let event: String
        let step: String?
        let note: String?
        let seconds: Double?
        let numbers: [String: Int]
        let kind: String?
        let from: String?
        let to: String?
        let cause: String?
        let writer: String
    }

    func run() async throws {
        let setup = try SiteSetup(try options.cluster(), logger: options.logger)
        let (journal, missing) = try await setup.parts.journal.read()
        let entries = plan.map { journal.entries(of: $0) } ?? journal.entries
        if let plan, entries.isEmpty {
            throw WrongUsage("the journal has no plan \(plan)", hint: "\"switchback journal\" shows them all")
        }
        let output = options.console
        output.put(PlanText.render(entries, time: Self.time))
        if entries.isEmpty { output.say("no plan was ever run") }
        for (node, why) in missing.sorted(by: { $0.key < $1.key }) { output.say("\(node) could not be asked: \(why)") }
        try output.result(
            entries.map { entry in
                Line(
                    plan: entry.plan, number: entry.number, at: Self.time(entry.at), epoch: entry.epoch,
                    event: entry.event.rawValue, step: entry.step?.rawValue, note: entry.note, seconds: entry.seconds,
                    numbers: entry.numbers, kind: entry.record?.kind.rawValue, from: entry.record?.from.name,
                    to: entry.record?.to.name, cause: entry.record?.cause, writer: entry.writer)
            })
        if !missing.isEmpty { throw ExitCode(Failure.Status.answerIsNo.rawValue) }
    }

    static func time(_ seconds: Double) -> String {
        Date(timeIntervalSince1970: seconds).formatted(.iso8601)
    }
}
