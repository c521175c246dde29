import Postgres
import Replication
import TestSupport
import Testing

/// Random transactions over tables that refer to one another in a ring and to themselves, with a unique column each, brought to rest now and then (P4,
/// P5): every node shows the same rows and keeps the same ones out, no row refers to nothing, and none is kept out for nothing.
@Suite(
    "Random schedules over tables in a ring (P4, P5)", .enabled(if: TortureTime.minutes != nil, "make torture runs it"))
struct RingScheduleTests {
    private static let rules = ["latest", "merge", "earliest", "{ prefer: [m2] }"]

    @Test func `at every rest all nodes show the same rows in rings, and keep the same ones out`() async throws {
        let seed = testSeed()
        let count = try await TortureTime.rounds(3) { round in try await Self.run(seed &+ UInt64(round)) }
        print("\(count) schedules over tables in a ring, from seed \(seed) on")
    }

    private static func run(_ seed: UInt64) async throws {
        var random = SeededRandom(seed)
        let rule = rules[Int(seed % UInt64(rules.count))]
        let masters = try await TestMasters.make(
            schema: RingWrites.schema(cascades: random.once(in: 2)), masters: random.number(2...3),
            sync: "    conflict: \(rule)")
        try await masters.start()
        var findings: [String] = []
        for step in 1...25 where findings.isEmpty {
            try await write(masters, &random)
            if step == 25 || random.once(in: 10) {
                // What is kept out comes back step by step, with nothing to carry.
                for round in 1...8 { if try await masters.catchUp() == 0, round > 3 { break } }
                findings = try await Self.findings(masters).map { "after \(step) steps \($0)" }
            } else if random.once(in: 2) {
                try await masters.catchUp([masters.streams[random.number(0...masters.streams.count - 1)]])
            }
        }
        guard !findings.isEmpty else { return }
        Issue.record(
            "seed \(seed), \(masters.masters.count) masters, \(rule): \(findings.joined(separator: "; ")); again with make torture SEED=\(seed) MINUTES=0"
        )
    }

    private static func write(_ masters: TestMasters, _ random: inout SeededRandom) async throws {
        for _ in 0..<random.number(1...3) {
            let master = masters.masters[random.number(0...masters.masters.count - 1)]
            let operations = (0..<random.number(1...4)).map { _ in RingWrites.operation(&random) }
            // What a master refuses by itself was never written.
            if let error = try await master.failure("BEGIN; \(operations.joined(separator: "; ")); COMMIT"),
                !["23503", "23505"].contains(error.sqlState)
            {
                throw error
            }
        }
    }

    private static func findings(_ masters: TestMasters) async throws -> [String] {
        var findings: [String] = []
        var first: (shown: Set<[String?]>, kept: [[String?]])?
        for (index, node) in masters.masters.enumerated() {
            let shown = try await node.rows(RingWrites.shown)
            let kept = try await node.rows(RingWrites.kept)
            if let first {
                let differing = first.shown.symmetricDifference(shown)
                if !differing.isEmpty { findings.append("m\(index + 1) and m1 differ in \(text(Array(differing)))") }
                if first.kept != kept {
                    findings.append("m\(index + 1) keeps out \(text(kept)), and m1 \(text(first.kept))")
                }
            } else {
                first = (Set(shown), kept)
            }
            let free = RingWrites.free(shown: shown.map(RingWrites.Row.init), kept: kept.map(RingWrites.Row.init))
            if !free.isEmpty {
                findings.append("m\(index + 1) keeps out for nothing \(free.map { $0.name.joined(separator: " ") })")
            }
            let dangling = try await node.value(RingWrites.dangling)
            if dangling != "0" { findings.append("\(dangling ?? "") rows of m\(index + 1) refer to nothing") }
        }
        return findings
    }

    private static func text(_ rows: [[String?]]) -> String {
        rows.map { row in row.map { $0 ?? "-" }.joined(separator: " ") }.sorted().joined(separator: ", ")
    }
}
