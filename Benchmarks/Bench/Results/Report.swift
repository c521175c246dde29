/// The tables of a run, as lines of text that are Markdown too.
struct Report: Sendable {
    let summary: Summary
    /// The systems, in the order of the columns.
    let systems: [String]

    init(_ summary: Summary, order: [String]) {
        self.summary = summary
        systems = summary.systems(in: order)
    }

    /// Whose ratios are told, and over whom.
    private static let subject = "switchback"
    private static let bases = ["none", "native"]

    /// Medians with lowest and highest, a row for each figure of each scenario that was run, and Switchback's ratios.
    func figures() -> TextTable {
        let bases = systems.contains(Self.subject) ? Self.bases.filter(systems.contains) : []
        var table = TextTable(
            [("scenario", .left), ("figure", .left), ("unit", .left)] + systems.map { ($0, .right) }
                + bases.map { ("\(Self.subject)/\($0)", .right) })
        for scenario in Catalogue.scenarios where summary.has(scenario.name) {
            for figure in scenario.figures {
                let cells = systems.map { text(scenario, figure, $0) }
                let ratios = bases.map { ratio(scenario, figure, to: $0) }
                table.add([scenario.title, figure.title, figure.unit] + cells + ratios)
            }
        }
        return table
    }

    /// What the engines took while the scenarios ran; nil where that was not measured.
    func resources() -> TextTable? {
        let engines = systems.filter { system in
            summary.measurements.contains { $0.system == system && $0.figures[Catalogue.resources[0].name] != nil }
        }
        guard !engines.isEmpty else { return nil }
        var table = TextTable(
            [("scenario", .left), ("figure", .left), ("unit", .left)] + engines.map { ($0, .right) })
        for scenario in Catalogue.scenarios {
            for figure in Catalogue.resources {
                let cells = engines.map { text(scenario, figure, $0) }
                guard cells.contains(where: { $0 != Self.nothing && $0 != Self.failed }) else { continue }
                table.add([scenario.title, figure.title, figure.unit] + cells)
            }
        }
        return table
    }

    /// Every failure, with its reason.
    func failures() -> [String] {
        summary.measurements.compactMap { one in
            one.failure.map { "\(one.system), \(one.scenario), round \(one.round): \($0)" }
        }
    }

    static let nothing = "–"
    static let failed = "FAILED"

    /// A cell: the median, and lowest and highest where rounds differ.
    func text(_ scenario: ScenarioInfo, _ figure: Figure, _ system: String) -> String {
        switch summary.cell(scenario.name, figure.name, system) {
        case .none: return Self.nothing
        case .failed: return Self.failed
        case .value(let spread):
            let (low, high) = (figure.text(spread.min), figure.text(spread.max))
            let median = figure.text(spread.median)
            return low == high ? median : "\(median) (\(low)–\(high))"
        }
    }

    private func ratio(_ scenario: ScenarioInfo, _ figure: Figure, to base: String) -> String {
        guard figure.better != .neither,
            let ratio = summary.ratio(scenario.name, figure.name, Self.subject, to: base)
        else { return Self.nothing }
        return NumberText.fixed(ratio, decimals: 2)
    }

    /// One measurement as a line, for the run's progress.
    static func line(_ one: Measurement) -> String {
        let who = pad("round \(one.round)", 9) + pad(one.system, 11)
        let title = Catalogue.scenario(one.scenario)?.title ?? one.scenario
        if let failure = one.failure { return "\(who)\(title): \(failed): \(failure)" }
        let figures = (Catalogue.scenario(one.scenario)?.figures ?? []) + Catalogue.resources
        let words = figures.compactMap { figure in
            one.figures[figure.name].map { value in
                "\(figure.title) \(figure.text(value))\(figure.unit.isEmpty ? "" : " " + figure.unit)"
            }
        }
        return "\(who)\(title): \(words.joined(separator: " · "))"
    }

    private static func pad(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(1, width - text.count))
    }
}
