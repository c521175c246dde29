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
        let text = record(load: 0.1).markdown(order: ["none", "native", "switchback"])
        let parts = [
            "Some CPU, 2 cores, 16 GB", "Linux 6.1", "Postgres 15.18, slony 2.2.11", "fsync=on", "2026-01-02",
            "Medians of 3 rounds", "500,000 rows", "| latency, one row", "reached: 3.0 ms", "not measured",
        ]
        for part in parts { #expect(text.contains(part), "\(part)") }
        #expect(!text.contains("not idle"))
        #expect(!text.contains("Failures"))
    }

    @Test func `it says when the machine was busy, and lists failures`() {
        let text = record(load: 3, failure: "row 3 did not arrive").markdown(order: ["switchback"])
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
}
