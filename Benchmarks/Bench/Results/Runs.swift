/// Runs whose figures are shown together. A scenario comes from one run, with all its systems: a ratio of figures from two
/// would compare the machine's moods.
struct Runs: Sendable {
    /// Newest first; each with the measurements of those scenarios only that none before it has.
    let records: [RunRecord]

    /// - Parameter newestFirst: The runs, of which a later one adds what those before it did not measure.
    init(_ newestFirst: [RunRecord]) {
        var taken: Set<String> = []
        records = newestFirst.compactMap { record in
            var record = record
            record.measurements.removeAll { taken.contains($0.scenario) }
            taken.formUnion(record.measurements.map(\.scenario))
            return record.measurements.isEmpty ? nil : record
        }
    }

    /// The document's written part.
    func markdown(order: [String]) -> String {
        let summary = Summary(records.flatMap(\.measurements))
        let report = Report(summary, order: order)
        var text = Self.introduction + "\n\n" + records.map(facts).joined(separator: "\n") + "\n"
        text += "\n## Figures\n\n" + report.figures().lines.joined(separator: "\n") + "\n"
        if let resources = report.resources() {
            text += "\n## What the engines took\n\n" + resources.lines.joined(separator: "\n") + "\n"
        }
        text += "\n## Against what is to be reached\n\n" + Targets.table(summary).lines.joined(separator: "\n") + "\n"
        let failures = report.failures()
        if !failures.isEmpty { text += "\n## Failures\n\n" + failures.map { "- \($0)\n" }.joined() }
        text += "\n## What is measured\n\n"
        for scenario in Catalogue.scenarios where summary.has(scenario.name) {
            text += "- **\(scenario.title)**: \(scenario.description)\n"
        }
        return text
    }

    private static let introduction =
        """
        Medians of a run's rounds (lowest–highest), the systems taking turns within each round; ratios are medians of each \
        round's own. Written by `make bench`.
        """

    /// One run's date, machine, versions, settings and sizes, as a list; and which scenarios are its own, where there are more.
    private func facts(_ record: RunRecord) -> String {
        let settings = record.serverSettings.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        let versions = record.versions.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
        let rounds = "\(record.rounds) \(record.rounds == 1 ? "round" : "rounds")"
        var facts = [
            "- Date: \(record.date), \(rounds)",
            "- Machine: \(record.machine.text)",
            "- Versions: \(versions.joined(separator: ", "))",
            """
            - Every server, two of them on one machine over the loopback address: \
            \(settings.joined(separator: ", ")); all else as Postgres has it
            """,
            "- Sizes: \(record.sizes.text)",
        ]
        if records.count > 1 {
            let titles = Catalogue.scenarios.filter { Summary(record.measurements).has($0.name) }.map(\.title)
            facts.insert("\nOf **\(titles.joined(separator: "; "))**:\n", at: 0)
        }
        if record.machine.isBusy {
            facts.append(
                """
                - **The machine was not idle when this began** (load \
                \(NumberText.fixed(record.machine.load, decimals: 2))): these figures are for trying out only
                """
            )
        }
        return facts.joined(separator: "\n")
    }
}
