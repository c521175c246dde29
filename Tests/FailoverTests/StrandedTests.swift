import Synchronization
import TestSupport
import Testing

@testable import Failover

/// Which rows a lost site had taken, and not only how many.
@Suite("What is stranded is told (P5, P7)") struct StrandedTests {
    private static let limits = PlanLimits(linger: .zero)

    /// The primary is lost, and comes back with rows that nobody else has.
    private static func back(with rows: [Int]) async throws -> MemorySite {
        let site = try await RunTests.site(for: .failover)
        _ = try await site.engine("stream").carry(from: "raleigh", to: "durham", limit: .seconds(1))
        site.change("raleigh") { $0.isGone = true }
        #expect(try await RunTests.run(site.engine("one"), .failover, .freeze, limits: limits).outcome == .done)
        site.change("raleigh") { node in
            node.isGone = false
            node.rows.formUnion(rows)
        }
        return site
    }

    /// Symptom: whoever had lost an upload could not be told whether it was among what was stranded. Cause: the journal and the failback told
    /// how many rows of which table. Fix: they tell some of the keys.
    @Test func `the way back tells some keys before it begins, in the journal and in its report`() async throws {
        let site = try await Self.back(with: [60, 61, 62, 63, 64, 65, 66])
        let engine = site.engine("two")
        let orchestrator = engine.orchestrator(limits: Self.limits)
        let plan = try await orchestrator.plan(.failback, mode: .freeze, id: "b", cause: "a test")
        let outlook = await orchestrator.outlook(of: plan)
        #expect(outlook.stranded?.map(\.keys) == [["60", "61", "62", "63", "64"]])
        #expect(outlook.notes.contains("stranded in public.item: 60, 61, 62, 63, 64, …"), "\(outlook.notes)")

        let guardian = Guardian(
            parts: engine.parts, limits: Self.limits, home: Plans.home, other: Plans.other, name: "two")
        #expect(try await guardian.look().map(\.rows) == [7])
        let says = "stranded at raleigh: public.item 7 (60, 61, 62, 63, 64, …)"
        #expect(site["durham"].journal.contains { $0.event == .quarantined && $0.note == says })
        // What people are sent leaves the nodes: it has no keys.
        let told = site.state.withLock { $0.told.last?.text }
        #expect(told == "stranded at raleigh: public.item 7; it is merged by rule now.")

        let report = try await orchestrator.run(plan, isOrdered: true)
        #expect(report.outcome == .done, "\(report)")
        #expect(report.lines.first { $0.step == .assess }?.note == says)
    }

    /// Symptom: whoever reads the daemon's log read keys of rows, which may be people's addresses. Cause: what a step has to tell went into the
    /// log as it went into the journal. Fix: a log gets numbers; the keys are in the journal and in the command's report.
    @Test func `the log tells how many rows are stranded, and the journal and the report which`() async throws {
        let site = try await Self.back(with: [600_001, 600_002])
        let engine = site.engine("two")
        let told = Mutex<[RunProgress]>([])
        let orchestrator = Orchestrator(
            parts: engine.parts, limits: Self.limits, home: Plans.home, other: Plans.other, name: "two",
            pause: .milliseconds(1)
        ) { progress in told.withLock { $0.append(progress) } }
        let plan = try await orchestrator.plan(.failback, mode: .freeze, id: "b", cause: "a test")
        let report = try await orchestrator.run(plan, isOrdered: true)
        let notes = told.withLock { $0 }.compactMap { progress -> String? in
            guard case .done(let step, _, let note) = progress, step.name == .assess else { return nil }
            return note
        }
        #expect(notes == ["stranded at raleigh: public.item 2"])
        #expect(!told.withLock { "\($0)" }.contains("600001"))

        let says = "stranded at raleigh: public.item 2 (600001, 600002)"
        #expect(site["durham"].journal.contains { $0.step == .assess && $0.event == .done && $0.note == says })
        #expect(report.lines.first { $0.step == .assess }?.note == says)
        // As the daemon tells it.
        let plain = report.withoutKeys
        #expect(plain.lines.first { $0.step == .assess }?.note == "stranded rows: 2, in tables: 1")
        #expect(!"\(plain)".contains("600001") && plain.numbers == report.numbers && plain.outcome == report.outcome)
    }

    @Test func `keys are told whole where they are few, and none where none are known`() {
        #expect(TableCount(table: "public.item", rows: 2, keys: ["4", "5"]).text == "public.item 2 (4, 5)")
        // Three changes of one row.
        #expect(TableCount(table: "public.item", rows: 3, keys: ["4"]).text == "public.item 3 (4)")
        #expect(TableCount(table: "public.tally", rows: 3).text == "public.tally 3")
        let five = ["1", "2", "3", "4", "5"]
        #expect(TableCount(table: "t.t", rows: 5, keys: five).text == "t.t 5 (1, 2, 3, 4, 5)")
        #expect(TableCount(table: "t.t", rows: 6, keys: five).text == "t.t 6 (1, 2, 3, 4, 5, …)")
    }
}
