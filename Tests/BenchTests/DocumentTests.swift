import Foundation
import Testing

@testable import bench

/// The document is written between its markers, and what people wrote stays.
@Suite("Benchmark document") struct DocumentTests {
    @Test func `one that is not there is begun`() throws {
        let text = try Document.replacing(nil, with: "body")
        #expect(text == "# Benchmarks\n\n\(Document.begin)\n\nbody\n\n\(Document.end)\n")
        #expect(try Document.replacing(" \n", with: "body") == text)
    }

    @Test func `what stands before and after the markers stays, to the byte`() throws {
        let before = "# Benchmarks\n\nWritten by hand.\n\n"
        let after = "\n## Variants tried\n\n| a | b |\n\n  trailing  \n"
        let old = before + "\(Document.begin)\nold\n\(Document.end)\n" + after
        let new = try Document.replacing(old, with: "\nnew\n")
        #expect(new == before + "\(Document.begin)\n\nnew\n\n\(Document.end)\n" + after)
        #expect(try Document.replacing(new, with: "new") == new)
    }

    @Test func `one without markers gets them at its end`() throws {
        let text = try Document.replacing("# By hand\n", with: "body")
        #expect(text == "# By hand\n\n\(Document.begin)\n\nbody\n\n\(Document.end)\n")
    }

    @Test(arguments: [
        Document.begin, Document.end, "\(Document.end)\n\(Document.begin)",
        "\(Document.begin)\n\(Document.end)\n\(Document.begin)\n\(Document.end)",
    ])
    func `markers that are no pair in order are refused, and nothing is lost`(old: String) {
        #expect(throws: Document.Broken.self) { try Document.replacing(old, with: "body") }
    }

    private func record(load: Double, failure: String? = nil) -> RunRecord {
        let machine = Machine(
            processor: "Some CPU", cores: 2, memoryMegabytes: 16384, kernel: "6.1", system: "Debian", load: load)
        return RunRecord(
            date: "2026-01-02", machine: machine, versions: ["Postgres": "15.18", "slony": "2.2.11"],
            serverSettings: ["fsync": "on"], sizes: Sizes(), rounds: 3,
            measurements: [
                Measurement(
                    round: 1, system: "switchback", scenario: "latency", figures: ["p50_ms": 3], failure: failure)
            ])
    }

    @Test func `it names machine, versions, settings, sizes, date, figures and targets`() {
        let text = Runs([record(load: 0.1)]).markdown(order: ["none", "native", "switchback"])
        let parts = [
            "Some CPU, 2 cores, 16 GB", "Linux 6.1", "Postgres 15.18, slony 2.2.11", "fsync=on", "2026-01-02",
            "2026-01-02, 3 rounds", "500,000 rows", "| latency, one row", "reached: 3.0 ms", "not measured",
        ]
        for part in parts { #expect(text.contains(part), "\(part)") }
        #expect(!text.contains("not idle"))
        #expect(!text.contains("Failures"))
    }

    @Test func `it says when the machine was busy, and lists failures`() {
        let text = Runs([record(load: 3, failure: "row 3 did not arrive")]).markdown(order: ["switchback"])
        #expect(text.contains("not idle"))
        #expect(text.contains("- switchback, latency, round 1: row 3 did not arrive"))
    }

    @Test func `a record survives JSON`() throws {
        let record = record(load: 0.1)
        let data = try JSONEncoder().encode(record)
        let back = try JSONDecoder().decode(RunRecord.self, from: data)
        #expect(back.measurements == record.measurements)
        #expect(back.sizes == record.sizes)
        #expect(back.machine == record.machine)
    }

    /// One run, of scenarios with a p50 of so many milliseconds.
    private func run(_ date: String, _ values: [String: Double]) -> RunRecord {
        let first = record(load: 0.1)
        return RunRecord(
            date: date, machine: first.machine, versions: [:], serverSettings: [:], sizes: Sizes(), rounds: 1,
            measurements: values.map {
                Measurement(round: 1, system: "switchback", scenario: $0.key, figures: ["p50_ms": $0.value])
            })
    }

    @Test func `a scenario comes from the newest run that has it, and each run says which are its own`() {
        let runs = Runs([
            run("2026-03-03", ["latency": 1]), run("2026-02-02", ["latency": 2, "fan_out": 3]),
            run("2026-01-01", ["fan_out": 4]),
        ])
        #expect(runs.records.map(\.date) == ["2026-03-03", "2026-02-02"])
        let figures = runs.records.flatMap(\.measurements).reduce(into: [:]) { $0[$1.scenario] = $1.figures["p50_ms"] }
        #expect(figures == ["latency": 1, "fan_out": 3])
        let text = runs.markdown(order: ["switchback"])
        #expect(text.contains("Of **latency, one row**:\n\n- Date: 2026-03-03"))
        #expect(text.contains("Of **four targets**:\n\n- Date: 2026-02-02"))
        #expect(!text.contains("2026-01-01"))
    }

    @Test func `a file that is no record of a run is refused by name`() throws {
        #expect(throws: WrongUsage.self) { try BenchOutput.record("/nowhere/run.json") }
    }

    @Test func `a lock is held until it is let go`() async throws {
        let path = NSTemporaryDirectory() + "switchback-bench-lock-\(UInt32.random(in: 0...UInt32.max))"
        defer { unlink(path) }
        let lock = try QuietLock(path)
        let descriptor = open(path, O_RDWR | O_CLOEXEC)
        defer { close(descriptor) }
        #expect(flock(descriptor, LOCK_EX | LOCK_NB) != 0)
        lock.release()
        #expect(flock(descriptor, LOCK_EX | LOCK_NB) == 0)
    }
}
