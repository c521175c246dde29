import Console
import FileSync
import Logging

extension DemoStep {
    /// The folder of uploads is watched from here on, and somebody hands in files until the end.
    static let uploads = DemoStep(title: "The files that belong to the rows follow: a watched folder") { stage in
        let nodes = try stage.nodes
        guard let files = nodes.files else {
            stage.screen.say("rsync is not installed: the demo goes on without files", .yellow)
            stage.screen.note("apt-get install rsync shows them as well")
            return
        }
        try files.primary.write(DemoFiles.guide, "how to hand in files\n")
        try files.primary.write(DemoFiles.draft, "a draft of old\n")
        files.book.change {
            $0.handedIn(DemoFiles.guide, "how to hand in files\n")
            $0.handedIn(DemoFiles.draft, "a draft of old\n")
        }
        let quiet = Logger(label: "demo") { _ in SwiftLogNoOpLogHandler() }
        let runner = FilesRunner([try files.job(nodes.cluster)], logger: quiet)
        stage.background { await runner.run() }
        try await wait("the first files did not arrive") { files.onlyAtPrimary.isEmpty }
        let uploader = Uploader(site: nodes.site, files: files)
        let arrivals = try await arrivals(uploader, files)
        stage.welcome(Visitors(uploader.run(until:)))
        stage.figures.change {
            $0.files = DemoReport.Files(mover: files.mover, arrivals: arrivals)
        }
        let text = { (part: Double) in ProgressText.duration(arrivals.quantile(part) ?? .zero) }
        stage.screen.say("\(files.mover) moves them; a change is seen by inotify")
        stage.screen.say(
            "from an upload at raleigh until its file is at durham: p50 \(text(0.5)), max \(text(1)), in"
                + " \(ProgressText.count(arrivals.samples.count, "measurement"))")
    }

    /// How long files take that are handed in one by one.
    private static func arrivals(_ uploader: Uploader, _ files: DemoFiles) async throws -> Latencies {
        var latencies = Latencies()
        try await uploader.with { connection, server in
            for _ in 0..<5 {
                let path = try await uploader.one(over: connection, at: server)
                let began = ContinuousClock.now
                try await wait("\(path) did not arrive") { files.secondary.text(path) != nil }
                latencies.add(ContinuousClock.now - began)
                // Not in step with what gathers changes.
                try await Task.sleep(for: .milliseconds(Int.random(in: 20...120)))
            }
        }
        return latencies
    }
}
