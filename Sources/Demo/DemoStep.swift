/// One thing that the demo shows. Steps are values in a list; the runner knows none of them by name.
struct DemoStep: Sendable {
    /// What it is about, for the one who watches.
    let title: String
    /// What it does. It may leave things running in the background of the stage for later steps.
    let run: @Sendable (DemoStage) async throws -> Void

    /// The whole demo, in order.
    static let all: [DemoStep] = [
        .twoClusters, .repository, .install, .firstCopy, .liveWrites, .uploads, .refusedWrite, .schemaChange, .outage,
        .oneName, .primaryDies, .secondarySite, .primaryReturns, .failback, .comparison,
    ]
}
