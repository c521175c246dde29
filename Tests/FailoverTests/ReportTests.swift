import Settings
import Sites
import TestSupport
import Testing

@testable import Failover

@Suite("What is told of a run") struct ReportTests {
    /// A line of the journal, at a moment.
    private typealias Moment = (at: Double, event: JournalEvent, step: StepName?)

    private static func report(_ kind: PlanKind, _ moments: [Moment], note: String? = nil) -> RunReport {
        let plan = Plans.plan(kind)
        let entries = moments.enumerated().map { number, moment in
            JournalEntry(
                plan: plan.id, number: number + 1, writer: "w", at: moment.at, epoch: 1, event: moment.event,
                step: moment.step, note: moment.event == .kept ? note : nil)
        }
        return RunReport(PlanMachine(plan, replaying: entries), entries: entries, epoch: 1)
    }

    /// Nobody is served from when the stop program begins, and before the start program has ended.
    @Test func `the time without writes counts from the stop program's beginning to the start program's end`() {
        let change: [Moment] = [
            (5, .begun, .ready), (6, .done, .ready), (10, .begun, .fenceHook), (12, .done, .fenceHook),
            (12, .begun, .fence), (13, .done, .fence), (13, .begun, .drain), (18, .done, .drain),
            (18, .begun, .promote), (20, .done, .promote), (20, .begun, .promoteHook), (26, .done, .promoteHook),
            (26, .begun, .verify), (30, .done, .verify), (40, .finished, nil),
        ]
        #expect(Self.report(.switchover, change).secondsWithoutWrites == 16)
        #expect(Self.report(.failback, change).secondsWithoutWrites == 16)
        // Without programs it is from the fence to the unfencing.
        let plain = change.filter { $0.step != .fenceHook && $0.step != .promoteHook }
        #expect(Self.report(.switchover, plain).secondsWithoutWrites == 8)
        let stopOnly = change.filter { $0.step != .promoteHook }
        #expect(Self.report(.switchover, stopOnly).secondsWithoutWrites == 10)
        // Of a site that was lost nobody knows since when.
        #expect(Self.report(.failover, change).secondsWithoutWrites == nil)
    }

    @Test func `in a plan that was undone it ends when the program has started the old site again`() {
        let undone: [Moment] = [
            (10, .begun, .fenceHook), (12, .done, .fenceHook), (12, .begun, .fence), (13, .done, .fence),
            (13, .begun, .drain), (43, .undoing, .fence), (44, .undone, .fence), (44, .undoing, .fenceHook),
            (47, .undone, .fenceHook), (48, .withdrawn, nil),
        ]
        #expect(Self.report(.switchover, undone).secondsWithoutWrites == 37)
        // One that has stopped with both closed has no end yet, and one that closed nothing none at all.
        #expect(Self.report(.switchover, Array(undone.prefix(4))).secondsWithoutWrites == nil)
        #expect(Self.report(.switchover, [(5, .begun, .ready), (6, .withdrawn, nil)]).secondsWithoutWrites == 0)
    }

    /// Symptom: people were told that a plan was undone, and not that it had left something. Fix: what was kept is named.
    @Test func `of a plan that was undone it is told what was kept`() {
        let moments: [Moment] = [
            (1, .begun, .confirm), (2, .done, .confirm), (2, .begun, .hold), (3, .done, .hold),
            (3, .begun, .filesFreeze), (4, .done, .filesFreeze), (4, .begun, .promote), (5, .undoing, .promote),
            (6, .undone, .promote), (6, .undoing, .filesFreeze), (7, .kept, .filesFreeze), (7, .undoing, .hold),
            (8, .kept, .hold), (9, .withdrawn, nil),
        ]
        let report = Self.report(.failover, moments, note: "durham is gone")
        #expect(report.outcome == .undone && !report.isLeftAsItIs)
        #expect(report.keptSteps == [.hold, .filesFreeze])
        #expect(report.lines.first { $0.step == .hold }?.note == "durham is gone")
        #expect(
            report.notice
                == SiteNotice(
                    .warning, "failover from primary to secondary was undone",
                    "durham is gone\nNot as it was before: hold, files_freeze"))
        let whole = Self.report(.failover, moments.filter { $0.event != .kept && $0.event != .done })
        #expect(whole.keptSteps == [] && !whole.notice.text.contains("Not as it was before"))
    }

    /// In `overlap` mode the old site is closed when nobody comes by its address any more: never before resolvers have forgotten it.
    @Test func `both sites stay open for as long as names are remembered at least`() throws {
        let settings = try Settings.parse(
            """
            cluster: c
            nodes: { raleigh: { dsn: "host=a" }, durham: { dsn: "host=b" } }
            syncs: { s: { nodes: { raleigh: source, durham: target }, tables: ["public.*"] } }
            sites:
              primary: { node: raleigh, address: 192.0.2.10 }
              secondary: { node: durham, address: 198.51.100.20 }
            failover:
              mode: manual
              limits: { linger: 30s }
            """)
        let failover = try #require(settings.failover)
        #expect(PlanLimits(failover, ttl: .seconds(300)).linger == .seconds(300))
        #expect(PlanLimits(failover, ttl: .seconds(5)).linger == .seconds(30))
        #expect(PlanLimits(failover, ttl: nil).linger == .seconds(30))
        // And the step is given that time.
        let limits = PlanLimits(failover, ttl: .seconds(300))
        let step = Plans.plan(.failback, .overlap, limits: limits).steps.first { $0.name == .linger }
        #expect(step?.limit == .seconds(310))
    }
}
