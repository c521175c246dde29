import Console
import Postgres
import Replication

extension DemoStep {
    /// A column comes at the primary first; the stream says what it lacks, and goes on when it is there.
    static let schemaChange = DemoStep(title: "A column is added while all of it runs") { stage in
        let nodes = try stage.nodes
        let statement = "ALTER TABLE item ADD COLUMN thumbnail text"
        let clock = ContinuousClock()
        let resumed = try await Workload(.node(nodes.raleigh), stage.ledger).run {
            try await DemoNodes.with(nodes.raleigh) { session in
                try session.execute(statement)
                try session.execute("UPDATE item SET thumbnail = item_id || '.png' WHERE item_id <= 500")
            }
            stage.screen.say("raleigh=> \(statement);")
            let reason = try await stop(of: stage)
            stage.figures.change {
                $0.schemaChange.reason = reason.reason
                $0.schemaChange.hint = reason.hint
            }
            stage.screen.say("the stream stops: \(reason.reason)", .yellow)
            if let hint = reason.hint { stage.screen.note("→ \(hint)") }
            try await DemoNodes.with(nodes.durham) { try $0.execute(statement) }
            stage.screen.say("durham=>  \(statement);")
            let mended = clock.now
            let beat = stage.canary.arrived.value
            try await wait("the stream did not go on") { stage.canary.arrived.value > beat }
            return clock.now - mended
        }
        stage.figures.change { $0.schemaChange.resumedAfterSeconds = seconds(resumed) }
        stage.screen.say(
            "it goes on by itself, \(ProgressText.duration(resumed)) later; nobody restarted anything", .green)
    }

    private static func stop(of stage: DemoStage) async throws -> StreamReason {
        try await wait("the stream did not notice the new column") { stage.waiting.value?.hint != nil }
        return stage.waiting.value ?? StreamReason(reason: "", hint: nil)
    }

    /// Waits until something holds.
    static func wait(
        _ failure: String, within limit: Duration = .seconds(60), _ holds: () async throws -> Bool
    ) async throws {
        let end = ContinuousClock.now + limit
        while try await !holds() {
            guard ContinuousClock.now < end else { throw DemoError(failure) }
            try await Task.sleep(for: .milliseconds(20))
        }
    }
}
