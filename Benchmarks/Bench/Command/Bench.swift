import ArgumentParser
import Foundation
import LocalCluster
import UnixSignals

/// Runs the benchmarks.
@main
struct Bench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract: "Measures Switchback beside other ways to replicate, over fresh Postgres clusters on this machine.",
        discussion: """
            The systems take turns within each round. A figure is the median of the rounds; ratios are medians of each round's \
            own. Where a system lost rows, or did not bring them in time, FAILED stands instead of a number. Exit status: 0 \
            done; 1 Switchback failed somewhere; 2 wrong usage; 130 interrupted.
            """)

    @OptionGroup var options: BenchOptions

    static func main() async {
        let command: Bench
        do { command = try Bench.parse() } catch { Self.exit(withError: error) }
        // What the environment says of Postgres is about other servers than those of a benchmark.
        for name in ProcessInfo.processInfo.environment.keys where name.hasPrefix("PG") { unsetenv(name) }
        let status = await command.runUntilSignal()
        Foundation.exit(status)
    }

    /// Runs, and cleans up when a signal asks for the end; a second signal ends at once, and what stands behind servers and
    /// daemons cleans up then.
    private func runUntilSignal() async -> Int32 {
        await withTaskGroup(of: Int32?.self) { group in
            group.addTask { await outcome() }
            group.addTask {
                var signals = await UnixSignalsSequence(trapping: .sigint, .sigterm, .sighup).makeAsyncIterator()
                guard await signals.next() != nil else { return nil }
                Console.say("bench: interrupted; cleaning up")
                let first = ContinuousClock.now
                _ = Task.detached {
                    while await signals.next() != nil {
                        // One wish may come as two signals: to this process, and to its group.
                        if .now - first > .seconds(1) { _exit(130) }
                    }
                }
                return 130
            }
            let first = await group.next() ?? nil
            group.cancelAll()
            await group.waitForAll()
            return first ?? 1
        }
    }

    private func outcome() async -> Int32 {
        do {
            return try await execute() ? 0 : 1
        } catch is CancellationError {
            return 130
        } catch let error as WrongUsage {
            Console.say("bench: \(error)")
            return 2
        } catch {
            Console.say(Task.isCancelled ? "bench: ended" : "bench: \(error)")
            return Task.isCancelled ? 130 : 1
        }
    }

    /// Returns whether Switchback, where it took part, failed nowhere.
    private func execute() async throws -> Bool {
        if options.list {
            Console.print(Listing.text)
            return true
        }
        let plan = try Plan(options)
        let earlier = try options.with.map(BenchOutput.record)
        let place = try WorkPlace()
        defer { place.remove() }
        let tools = Tools(
            binDirectory: try plan.installation().binDirectory, switchback: WorkPlace.switchback, scratch: place.folder)
        if options.installPeers { try await PeerPackages.install(plan.systems, tools) }
        let record = try await BenchRun(plan: plan, tools: tools, place: place).run()
        let text = Runs([record] + earlier).markdown(order: plan.order)
        Console.print("\n" + text)
        if let path = options.json { try BenchOutput.write(record, json: path) }
        if options.write { try BenchOutput.write(text, document: BenchOutput.document) }
        return !record.measurements.contains { $0.system == Targets.subject && $0.failure != nil }
    }
}

/// What is asked for cannot be done, and nothing was begun.
struct WrongUsage: Error, CustomStringConvertible {
    let description: String
}
