import Testing

@testable import bench

/// What is to be reached is judged as it was said.
@Suite("Benchmark targets") struct TargetTests {
    private func summary(_ rows: [(String, String, [String: Double])], failed: [String] = []) -> Summary {
        Summary(
            rows.map { Measurement(round: 1, system: $0.0, scenario: $0.1, figures: $0.2) }
                + failed.map { Measurement(round: 1, system: "switchback", scenario: $0, failure: "late") })
    }

    private func target(_ text: String) throws -> Target { try #require(Targets.all.first { $0.text.contains(text) }) }

    @Test func `a ceiling is reached at its limit, and missed by a part or a factor beyond it`() throws {
        let p50 = try target("one row: p50")
        #expect(p50.verdict(summary([("switchback", "latency", ["p50_ms": 5])])) == .reached(5))
        let little = summary([("switchback", "latency", ["p50_ms": 6])])
        #expect(p50.words(little) == "not reached, by 20 %: 6.0 ms")
        let much = summary([("switchback", "latency", ["p50_ms": 20])])
        #expect(p50.words(much) == "not reached, by a factor of 4.0: 20.0 ms")
    }

    @Test func `a floor is reached at its limit, and missed by what is lacking`() throws {
        let rate = try target("catching up")
        #expect(rate.verdict(summary([("switchback", "outage", ["rows_s": 20_000])])) == .reached(20_000))
        #expect(rate.verdict(summary([("switchback", "outage", ["rows_s": 5000])])) == .missed(5000, factor: 4))
        #expect(rate.verdict(summary([("switchback", "outage", ["rows_s": 0])])) == .missed(0, factor: .infinity))
    }

    @Test func `ratios are over the other system of the same run`() throws {
        let flatOut = try target("source tps ≥ 0.85")
        let good = summary([("switchback", "flat_out", ["tps": 90]), ("native", "flat_out", ["tps": 100])])
        #expect(flatOut.verdict(good) == .reached(0.9))
        #expect(flatOut.verdict(summary([("switchback", "flat_out", ["tps": 90])])) == .notMeasured)
        let other = summary([("native", "flat_out", ["tps": 90])])
        #expect(flatOut.verdict(other) == .notMeasured)
    }

    @Test func `a failure is not a number`() throws {
        let p50 = try target("one row: p50")
        #expect(p50.verdict(summary([("switchback", "latency", ["p50_ms": 1])], failed: ["latency"])) == .failed)
        #expect(p50.words(summary([], failed: ["latency"])) == "FAILED")
    }

    @Test func `memory is the most of all scenarios, and connections those of one stream`() throws {
        let measured = summary([
            ("switchback", "latency", ["engine_mb": 30, "source_connections": 1]),
            ("switchback", "bulk_update", ["engine_mb": 70, "source_connections": 2]),
            ("switchback", "fan_out", ["source_connections": 4]), ("slony", "latency", ["engine_mb": 500]),
        ])
        #expect(try target("resident memory").verdict(measured) == .missed(70, factor: 70.0 / 64))
        #expect(try target("connections at the source").verdict(measured) == .reached(2))
    }

    @Test func `every aim from 1 to 13 has targets, and each names scenarios and figures that there are`() {
        #expect(Set(Targets.all.map(\.aim)) == Set(1...13))
        for target in Targets.all {
            for name in target.scenarios { #expect(Catalogue.scenario(name) != nil, "\(target.text)") }
        }
        // Each is measured when every figure of every scenario is there.
        let all = ["none", "native", "switchback"].flatMap { system in
            Catalogue.scenarios.map { scenario in
                let figures = (scenario.figures + Catalogue.resources).map { ($0.name, 1.0) }
                return (system, scenario.name, Dictionary(uniqueKeysWithValues: figures))
            }
        }
        let complete = summary(all)
        for target in Targets.all { #expect(target.verdict(complete) != .notMeasured, "\(target.text)") }
    }
}
