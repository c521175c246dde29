import Synchronization
import TestSupport
import Testing

@testable import Failover

/// What is on its way right before a freeze is looked at once more: it must fit into the budget.
@Suite("The last look before nobody can write") struct LastLookTests {
    /// What a switchover told of its looks, and what it came to.
    private struct Told: Sendable {
        let report: RunReport
        /// Why it looked again, and whether the site was closed then.
        let waits: [(reason: String, isClosed: Bool)]
    }

    private static func run(_ site: MemorySite, _ limits: PlanLimits) async throws -> Told {
        let engine = site.engine("one")
        let waits = Mutex<[(reason: String, isClosed: Bool)]>([])
        let orchestrator = Orchestrator(
            parts: engine.parts, limits: limits, home: Plans.home, other: Plans.other, name: "one",
            pause: .milliseconds(1)
        ) { progress in
            guard case .again(let step, let attempt, let reason) = progress, step.name == .lastLook else { return }
            let isClosed = site["raleigh"].isClosed
            waits.withLock { $0.append(("\(attempt): \(reason)", isClosed)) }
        }
        let plan = try await orchestrator.plan(.switchover, mode: .freeze, id: "p", cause: "a test")
        let report = try await orchestrator.run(plan, isOrdered: true)
        return Told(report: report, waits: waits.withLock { $0 })
    }

    /// Symptom: a switchover closed the site under load, and only the end of the budget opened it again. Cause: what was on its way was
    /// looked at when the plan caught up, and a load that came since was not seen. Fix: it is looked at right before the fence, and brought over
    /// first.
    @Test func `a load that came since the catch-up is brought over before anything is closed`() async throws {
        let site = try await RunTests.site(for: .switchover)
        site.state.withLock { state in
            state.drainTakes = .milliseconds(50)
            state.onTheirWay = [100_000, 2_000_000_000_000, 7]
        }
        let told = try await Self.run(site, PlanLimits(linger: .zero))
        #expect(told.report.outcome == .done, "\(told.report)")
        try #require(told.waits.count == 2, "\(told.waits)")
        #expect(
            told.waits[0].reason
                == "2: 100000 rows are on their way to durham, which takes about 20 s: nothing is closed before they are there"
        )
        #expect(told.waits[1].reason.hasPrefix("3: 2000000000000 rows are on their way to durham"), "\(told.waits)")
        #expect(told.waits.allSatisfy { !$0.isClosed })
        let line = try #require(told.report.lines.first { $0.step == .lastLook })
        #expect(line.note?.hasPrefix("7 rows are on their way to durham") == true, "\(line)")
        #expect(line.note?.hasSuffix("what was too much was brought over while people write") == true, "\(line)")
        #expect(line.numbers == ["rows_on_their_way": 7])
    }

    @Test func `few rows are waited for by nobody`() async throws {
        let site = try await RunTests.site(for: .switchover)
        site.state.withLock { $0.onTheirWay = [500] }
        let told = try await Self.run(site, PlanLimits(linger: .zero))
        #expect(told.report.outcome == .done && told.waits.isEmpty, "\(told)")
        let note = told.report.lines.first { $0.step == .lastLook }?.note
        #expect(note == "500 rows are on their way to durham, which takes about 100 ms")
    }

    @Test func `what does not fit into the budget closes nothing, and the report says so`() async throws {
        let site = try await RunTests.site(for: .switchover)
        site.state.withLock { state in
            state.drainTakes = .milliseconds(40)
            state.onTheirWay = [5000]
        }
        let limits = PlanLimits(catchUp: .seconds(1), linger: .zero, budget: .milliseconds(20))
        let told = try await Self.run(site, limits)
        #expect(told.report.outcome == .undone)
        let reason = told.report.reason ?? ""
        #expect(reason.hasPrefix("5000 rows are on their way to durham, which takes about "), "\(reason)")
        #expect(
            reason.hasSuffix(", and of the freeze budget of 20 ms there are 10 ms for that"), "\(reason)")
        #expect(told.report.hint?.hasPrefix("nothing was closed; ") == true)
        #expect(told.waits.count > 2 && told.waits.allSatisfy { !$0.isClosed })
        #expect(told.report.lines.first { $0.step == .fence }?.mark == .open)
        #expect(!site["raleigh"].journal.contains { $0.step == .fence || $0.step == .fenceHook })
        #expect(told.report.secondsWithoutWrites == 0)
    }

    @Test func `of the budget a half is for what is on its way, and no more than the drain may take`() {
        #expect(LastLook.room(budget: .seconds(30), drain: .seconds(29)) == .seconds(15))
        #expect(LastLook.room(budget: .seconds(120), drain: .seconds(29)) == .seconds(29))
    }

    /// What was seen before a run was cut off is no last look any more.
    @Test func `a run that was cut off after its last look looks again, unless it had begun to close`() {
        for kind in [PlanKind.switchover, .failback] {
            let plan = Plans.plan(kind)
            func next(_ last: StepName, _ event: JournalEvent) -> StepName? {
                var entries: [JournalEntry] = []
                for step in plan.steps.map(\.name) {
                    for what in [JournalEvent.begun, .done] {
                        entries.append(
                            JournalEntry(
                                plan: plan.id, number: entries.count, writer: "w", at: 0, epoch: 1, event: what,
                                step: step))
                        if step == last, what == event { break }
                    }
                    if step == last { break }
                }
                var machine = PlanMachine(plan, replaying: entries)
                _ = machine.handle(.resume)
                guard machine.handle(.raised) == .write(.begun) else { return nil }
                return machine.step.name
            }
            #expect(next(.filesAhead, .done) == .lastLook)
            #expect(next(.lastLook, .begun) == .lastLook)
            #expect(next(.lastLook, .done) == .lastLook)
            #expect(next(.fenceHook, .begun) == .fenceHook)
        }
    }
}
