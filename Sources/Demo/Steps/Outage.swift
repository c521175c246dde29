import Console
import LocalCluster
import Logging
import Replication

extension DemoStep {
    /// The secondary is stopped while people work, comes back, and catches up.
    static let outage = DemoStep(title: "durham is away for a while") { stage in
        let nodes = try stage.nodes
        let quiet = Logger(label: "demo") { _ in SwiftLogNoOpLogHandler() }
        let clock = ContinuousClock()
        let began = clock.now
        let pending = try await Workload(.node(nodes.raleigh), stage.ledger).run {
            try await nodes.durham.stop()
            stage.screen.say("its server was stopped; people go on working at raleigh")
            var pending = 0
            while clock.now - began < stage.options.outage {
                try await Task.sleep(for: .milliseconds(500))
                let status = try await StatusReader(nodes.cluster).read()
                guard let stream = status.syncs.first?.streams.first else { continue }
                pending = stream.pendingRows ?? pending
                stage.screen.live(
                    "\(ProgressText.count(pending)) rows wait, the oldest for \(Int(stream.lagSeconds ?? 0)) s;"
                        + " \(stream.state): \(stream.error ?? "")", plain: true)
            }
            return pending
        }
        let away = clock.now - began
        stage.screen.say(
            "\(ProgressText.count(pending)) changed rows wait at raleigh after \(ProgressText.duration(away))")
        try await nodes.durham.start()
        let returned = clock.now
        try await catchUp(nodes, quiet)
        let caughtUp = clock.now - returned
        stage.figures.change {
            $0.outage.seconds = seconds(away)
            $0.outage.pendingRows = pending
            $0.outage.caughtUpAfterSeconds = seconds(caughtUp)
        }
        stage.screen.say("its server is back, and \(ProgressText.duration(caughtUp)) later it has all of them", .green)
    }
}
