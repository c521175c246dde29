public import Console
public import LocalCluster
import Postgres

/// Shows Switchback at work: two throw-away clusters, and everything that happens between them, step by step.
public struct Demo: Sendable {
    /// What the one who watches can choose.
    public struct Options: Sendable {
        /// How long people work while the lag is shown.
        public var liveWrites: Duration
        /// How long the secondary is away.
        public var outage: Duration
        /// Leave the clusters running at the end, until the task is cancelled.
        public var keep: Bool

        public init(liveWrites: Duration = .seconds(5), outage: Duration = .seconds(3), keep: Bool = false) {
            self.liveWrites = liveWrites
            self.outage = outage
            self.keep = keep
        }
    }

    let options: Options
    let installation: PostgresInstallation
    let screen: DemoScreen
    let environment: [String: String]

    /// - Parameters:
    ///   - installation: the server programs of both clusters.
    ///   - terminal: where the text goes, as far as its looks depend on that.
    ///   - write: puts text there.
    ///   - environment: the variables to go by: `TMPDIR`.
    public init(
        options: Options = Options(), installation: PostgresInstallation, terminal: Terminal,
        environment: [String: String], write: @escaping @Sendable (String) -> Void
    ) {
        self.options = options
        self.installation = installation
        self.environment = environment
        screen = DemoScreen(terminal: terminal, write: write)
    }

    /// Runs all steps, and removes what they made, however they end.
    ///
    /// - Throws: `DemoError`, `LocalClusterError`, and whatever a step met; `CancellationError` when it was interrupted.
    ///
    /// - Parameter onReport: gets what was measured, before clusters that are kept are waited for.
    public func run(onReport: (DemoReport) throws -> Void) async throws {
        try await run(DemoStep.all, onReport: onReport)
    }

    func run(_ steps: [DemoStep], onReport: (DemoReport) throws -> Void) async throws {
        let clock = ContinuousClock()
        let began = clock.now
        let place = try DemoPlace.choose(environment: environment)
        screen.title("Switchback demo: a data repository that lives in two places")
        screen.note("Postgres \(installation.version); all of it lies in \(place.folder) and is removed at the end")
        let stage = DemoStage(options: options, installation: installation, place: place, screen: screen)
        do {
            try await perform(steps, on: stage)
            stage.figures.change { $0.seconds = seconds(clock.now - began) }
            DemoSummary.show(stage.figures.value, on: screen)
            try onReport(stage.figures.value)
            if options.keep { try await keep(stage) }
        } catch {
            screen.endLive()
            // A statement that was interrupted says so in its own way.
            let cause = Task.isCancelled ? CancellationError() : error
            if cause is CancellationError { screen.note("interrupted; removing both sites") }
            await stage.destroy()
            throw DemoError.explained(cause, place: place)
        }
        await stage.destroy()
        screen.note("removed both sites; nothing is left of them")
    }

    /// The steps one after the other, beside what they leave running.
    private func perform(_ steps: [DemoStep], on stage: DemoStage) async throws {
        try await withThrowingTaskGroup(of: Bool.self) { group in
            group.addTask {
                for (number, step) in steps.enumerated() {
                    try Task.checkCancellation()
                    screen.step(number + 1, step.title)
                    try await step.run(stage)
                    screen.endLive()
                }
                return true
            }
            group.addTask {
                try await stage.runBackground()
                return false
            }
            defer { group.cancelAll() }
            while let isDone = try await group.next() {
                if isDone { return }
            }
        }
    }

    /// Leaves the clusters to the one who watches.
    private func keep(_ stage: DemoStage) async throws {
        let nodes = try stage.nodes
        screen.title("Look around")
        let file = nodes.configurationFile
        screen.command("psql \"\(nodes.raleigh.dsn(database: DemoNodes.database, user: DemoNodes.owner))\"")
        screen.command("psql \"\(nodes.durham.dsn(database: DemoNodes.database, user: DemoNodes.owner))\"")
        screen.command("switchback --config \(file) run")
        screen.command("switchback --config \(file) status --watch")
        screen.note("Ctrl-C ends both clusters and removes them")
        do {
            while true { try await Task.sleep(for: .seconds(3600)) }
        } catch is CancellationError {
            // That is how it is to end.
        }
    }
}

/// A duration as a number of seconds.
func seconds(_ duration: Duration) -> Double { duration / .seconds(1) }
