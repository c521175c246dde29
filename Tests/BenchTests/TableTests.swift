import Testing

@testable import bench

/// Tables show what was measured, and failures instead of numbers.
@Suite("Benchmark tables") struct TableTests {
    private func measurement(
        _ system: String, _ round: Int, _ figures: [String: Double], scenario: String = "latency",
        failure: String? = nil
    ) -> Measurement {
        Measurement(round: round, system: system, scenario: scenario, figures: figures, failure: failure)
    }

    @Test func `columns are as wide as their widest cell, and keep to their sides`() {
        var table = TextTable([("name", .left), ("value", .right)])
        table.add(["a", "1"])
        table.add(["long name", "12,345.6"])
        #expect(
            table.lines == [
                "| name      |    value |", "| --------- | -------: |", "| a         |        1 |",
                "| long name | 12,345.6 |",
            ])
    }

    @Test func `bars and line breaks in a cell do not break the table`() {
        var table = TextTable([("a", .left)])
        table.add(["x | y\nz"])
        #expect(table.lines[2] == "| x \\| y z |")
    }

    @Test func `a cell is the median with lowest and highest, or a single number`() throws {
        let summary = Summary([
            measurement("native", 1, ["p50_ms": 0.3]), measurement("native", 2, ["p50_ms": 0.5]),
            measurement("native", 3, ["p50_ms": 0.4]), measurement("none", 1, ["p50_ms": 1]),
        ])
        let report = Report(summary, order: ["none", "native", "switchback"])
        #expect(report.systems == ["none", "native"])
        let p50 = try #require(Catalogue.latency.figure("p50_ms"))
        #expect(report.text(Catalogue.latency, p50, "native") == "0.4 (0.3–0.5)")
        #expect(report.text(Catalogue.latency, p50, "none") == "1.0")
        #expect(report.text(Catalogue.latency, p50, "slony") == Report.nothing)
    }

    @Test func `one failed round makes the figure a failed one, and has no ratio`() throws {
        let summary = Summary([
            measurement("native", 1, ["p50_ms": 1]), measurement("switchback", 1, ["p50_ms": 2]),
            measurement("native", 2, ["p50_ms": 1]), measurement("switchback", 2, [:], failure: "row 3 is lost"),
        ])
        let p50 = try #require(Catalogue.latency.figure("p50_ms"))
        let report = Report(summary, order: ["native", "switchback"])
        #expect(report.text(Catalogue.latency, p50, "switchback") == "FAILED")
        #expect(summary.ratio("latency", "p50_ms", "switchback", to: "native") == nil)
        #expect(summary.cell("latency", "p50_ms", "switchback") == .failed(reason: "row 3 is lost", rounds: 1))
        #expect(report.failures() == ["switchback, latency, round 2: row 3 is lost"])
    }

    @Test func `rows that differ in the end take all figures back`() {
        let failed = measurement("slony", 1, ["p50_ms": 1]).failed("rows differ")
        #expect(failed.figures.isEmpty)
        #expect(failed.failure == "rows differ")
        // A reason that was there before is the nearer one.
        #expect(measurement("slony", 1, [:], failure: "late").failed("rows differ").failure == "late")
    }

    @Test func `the table of figures has Switchback's ratios over those that took part`() throws {
        let summary = Summary([
            measurement("native", 1, ["p50_ms": 1, "p95_ms": 2, "max_ms": 3]),
            measurement("switchback", 1, ["p50_ms": 4, "p95_ms": 6, "max_ms": 3]),
        ])
        let table = Report(summary, order: ["none", "native", "switchback"]).figures()
        #expect(table.heads == ["scenario", "figure", "unit", "native", "switchback", "switchback/native"])
        #expect(table.rows[0] == ["latency, one row", "p50", "ms", "1.0", "4.0", "4.00"])
        #expect(table.rows.count == 3)
    }

    @Test func `what an engine took is shown only where there was one`() throws {
        let summary = Summary([
            measurement("native", 1, ["p50_ms": 1]),
            measurement("switchback", 1, ["p50_ms": 4, "engine_mb": 34.5, "source_connections": 1]),
        ])
        let table = try #require(Report(summary, order: ["native", "switchback"]).resources())
        #expect(table.heads == ["scenario", "figure", "unit", "switchback"])
        #expect(table.rows.map(\.last) == ["34.5", "1"])
        #expect(Report(Summary([]), order: ["native"]).resources() == nil)
    }

    @Test func `a line of progress names round, system, scenario and figures, or the failure`() {
        let line = Report.line(measurement("native", 2, ["p50_ms": 0.31, "p95_ms": 0.7, "max_ms": 1]))
        #expect(line == "round 2  native     latency, one row: p50 0.3 ms · p95 0.7 ms · max 1.0 ms")
        let failed = Report.line(measurement("slony", 1, [:], failure: "nothing arrives"))
        #expect(failed == "round 1  slony      latency, one row: FAILED: nothing arrives")
    }

    @Test func `scenarios and their figures have names of their own`() {
        let names = Catalogue.scenarios.map(\.name)
        #expect(Set(names).count == names.count)
        for scenario in Catalogue.scenarios {
            let figures = (scenario.figures + Catalogue.resources).map(\.name)
            #expect(Set(figures).count == figures.count, "\(scenario.name)")
        }
        // Every scenario is run in one setting.
        let run = Setting.allCases.flatMap(\.scenarios).map(\.name)
        #expect(run.sorted() == names.sorted())
    }
}
