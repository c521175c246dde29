import Glibc
import TestSupport
import Testing

/// How long random schedules go on with new seeds: `SWITCHBACK_MINUTES`; nil when not said.
enum TortureTime {
    static let minutes = getenv("SWITCHBACK_MINUTES").flatMap { Double(String(cString: $0)) }

    /// Runs a body for so many rounds, and for as long as was said.
    static func rounds(_ least: Int, _ body: (Int) async throws -> Void) async throws -> Int {
        let clock = ContinuousClock()
        let began = clock.now
        var round = 0
        repeat {
            try await body(round)
            round += 1
        } while round < least || clock.now - began < .seconds((minutes ?? 0) * 60)
        return round
    }
}

/// P4, P5: random writes and deliveries, one after the other, against an oracle that knows only the rules.
@Suite("Random schedules against an oracle (P4, P5)") struct RandomScheduleTests {
    @Test func `every node shows what the rules say, and the history has what lost`() async throws {
        let seed = testSeed()
        let count = try await TortureTime.rounds(3) { round in
            // The rules take turns, so that a few schedules have seen several.
            try await Self.run(seed &+ UInt64(round), ground: nil)
        }
        print("\(count) schedules, from seed \(seed) on")
    }

    /// The same while networks are cut, half or whole, and servers are killed.
    @Test func `they do so whatever happens to networks and servers`() async throws {
        let seed = testSeed()
        try await FaultGround.with(3) { ground in
            let count = try await TortureTime.rounds(2) { round in
                try await Self.run(seed &+ UInt64(round), ground: ground)
            }
            print("\(count) schedules with faults, from seed \(seed) on")
        }
    }

    /// The same where sources hand on what they receive, along links.
    @Test(arguments: ScheduleShape.allCases) func `they do so along links`(_ shape: ScheduleShape) async throws {
        let seed = testSeed()
        let count = try await TortureTime.rounds(2) { round in
            try await Self.run(seed &+ UInt64(round), shape: shape, ground: nil)
        }
        print("\(count) schedules in a \(shape), from seed \(seed) on")
    }

    private static func run(_ seed: UInt64, shape: ScheduleShape? = nil, ground: FaultGround?) async throws {
        var schedule = Schedule(Schedule.Plan(seed: seed, shape), ground: ground)
        let findings = try await schedule.run()
        guard !findings.isEmpty else { return }
        Issue.record(
            "\(schedule.description): \(findings.joined(separator: "; ")); again with make torture SEED=\(seed) MINUTES=0"
        )
    }
}
