/// A whole run: what `--json` writes, and what the document is made from.
struct RunRecord: Codable, Sendable {
    let date: String
    let machine: Machine
    /// The versions of all that took part, by what it is.
    let versions: [String: String]
    /// The settings of every server, the same for every system.
    let serverSettings: [String: String]
    let sizes: Sizes
    let rounds: Int
    var measurements: [Measurement] = []

    /// The document's written part.
    func markdown(order: [String]) -> String {
        let summary = Summary(measurements)
        let report = Report(summary, order: order)
        var text = facts().joined(separator: "\n") + "\n"
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

    /// Machine, versions, settings and sizes, as a list.
    private func facts() -> [String] {
        let settings = serverSettings.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        var facts = [
            """
            Medians of \(rounds) \(rounds == 1 ? "round" : "rounds") (lowest–highest), the systems taking turns \
            within each round; ratios are medians of each round's own. Written by `make bench`.
            """,
            "",
            "- Date: \(date)",
            "- Machine: \(machine.text)",
            "- Versions: "
                + versions.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", "),
            """
            - Every server, two of them on one machine over the loopback address: \
            \(settings.joined(separator: ", ")); all else as Postgres has it
            """,
            "- Sizes: \(sizes.text)",
        ]
        if machine.isBusy {
            facts.append(
                """
                - **The machine was not idle when this began** (load \
                \(NumberText.fixed(machine.load, decimals: 2))): these figures are for trying out only
                """
            )
        }
        return facts
    }
}
