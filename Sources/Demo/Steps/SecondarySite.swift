import Console
import Postgres

extension DemoStep {
    /// Writes go on where they were refused before.
    static let secondarySite = DemoStep(title: "durham is the site: writes go on") { stage in
        let nodes = try stage.nodes
        let before = stage.ledger.value.byNode["durham"] ?? 0
        try await rename(at: nodes.durham, "Botany, as durham has it")
        if let files = nodes.files {
            try correctGuide(files, files.secondary, "durham")
            files.secondary.remove(DemoFiles.draft)
            files.book.change { $0.withdraw(DemoFiles.draft) }
        }
        let clock = ContinuousClock()
        let began = clock.now
        while clock.now - began < .milliseconds(1500) {
            try await Task.sleep(for: .milliseconds(100))
            let count = (stage.ledger.value.byNode["durham"] ?? 0) - before
            stage.screen.live("\(ProgressText.count(count, "transaction")) at durham", plain: true)
        }
        let count = (stage.ledger.value.byNode["durham"] ?? 0) - before
        stage.figures.change { $0.secondary.transactions = count }
        stage.screen.endLive()
        stage.screen.say(
            "\(ProgressText.count(count, "transaction")) in \(ProgressText.duration(clock.now - began)); one of them renamed what raleigh had renamed as well"
        )
    }
}
