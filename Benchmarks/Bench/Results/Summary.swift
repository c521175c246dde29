/// All measurements of a run, and what follows from them.
struct Summary: Sendable {
    let measurements: [Measurement]

    /// What a table shows of a figure.
    enum Cell: Equatable, Sendable {
        /// The system was not measured, or has no such figure.
        case none
        case value(Spread)
        case failed(reason: String, rounds: Int)
    }

    init(_ measurements: [Measurement]) { self.measurements = measurements }

    /// One failed round makes the figure a failed one: a median over the rounds that went well would hide it.
    func cell(_ scenario: String, _ figure: String, _ system: String) -> Cell {
        let all = measurements.filter { $0.scenario == scenario && $0.system == system }
        let failures = all.compactMap(\.failure)
        if let first = failures.first { return .failed(reason: first, rounds: failures.count) }
        return Spread(all.compactMap { $0.figures[figure] }).map(Cell.value) ?? .none
    }

    /// The median of a figure; nil where it was not measured or failed.
    func median(_ scenario: String, _ figure: String, _ system: String) -> Double? {
        guard case .value(let spread) = cell(scenario, figure, system) else { return nil }
        return spread.median
    }

    /// A system's figure over another's, round by round.
    func ratio(_ scenario: String, _ figure: String, _ system: String, to base: String) -> Double? {
        guard case .value = cell(scenario, figure, system), case .value = cell(scenario, figure, base) else {
            return nil
        }
        return pairedRatio(values(scenario, figure, system), over: values(scenario, figure, base))
    }

    func systems(in order: [String]) -> [String] {
        let present = Set(measurements.map(\.system))
        return order.filter(present.contains)
    }

    func has(_ scenario: String) -> Bool { measurements.contains { $0.scenario == scenario } }

    private func values(_ scenario: String, _ figure: String, _ system: String) -> [Int: Double] {
        var values: [Int: Double] = [:]
        for one in measurements where one.scenario == scenario && one.system == system {
            values[one.round] = one.figures[figure]
        }
        return values
    }
}
