/// What one scenario found for one system in one round.
struct Measurement: Codable, Equatable, Sendable {
    let round: Int
    let system: String
    let scenario: String
    var figures: [String: Double]
    /// Why there are no figures, where there are none: it did not arrive in time, rows were lost, it did not start.
    var failure: String?

    init(round: Int, system: String, scenario: String, figures: [String: Double] = [:], failure: String? = nil) {
        self.round = round
        self.system = system
        self.scenario = scenario
        self.figures = figures
        self.failure = failure
    }

    /// The same without its figures, for a system that turned out to have lost rows.
    func failed(_ reason: String) -> Measurement {
        Measurement(round: round, system: system, scenario: scenario, failure: failure ?? reason)
    }
}

/// A scenario did not come to its end: the system failed, not the benchmark.
struct ScenarioFailure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
