import TestSupport
import Testing

@testable import Failover

@Suite("The journal") struct JournalTests {
    private static func line(
        _ number: Int, _ event: JournalEvent, _ step: StepName? = nil, plan: String = "p", epoch: Int = 1,
        writer: String = "w", at: Double? = nil
    ) -> JournalEntry {
        JournalEntry(
            plan: plan, number: number, writer: writer, at: at ?? Double(number), epoch: epoch, event: event,
            step: step,
            record: event == .planned ? PlanRecord(Plans.plan(.failover, id: plan)) : nil)
    }

    private static let whole = [
        line(1, .planned), line(2, .begun, .confirm), line(3, .done, .confirm), line(4, .begun, .fenceHook),
        line(5, .done, .fenceHook), line(6, .begun, .fence),
    ]

    /// Symptom: the daemon moved a site back that a person had moved and left where it was. Cause: a plan that was ended so did not count as
    /// the one that moved the site. Fix: it does.
    @Test func `a plan that was left as it was has moved the site, one that was undone has not`() {
        let done = [
            Self.line(1, .planned, plan: "a"), Self.line(2, .done, .promote, plan: "a"),
            Self.line(3, .finished, plan: "a"),
        ]
        let left = [
            Self.line(1, .planned, plan: "b", epoch: 2), Self.line(2, .done, .promote, plan: "b", epoch: 2),
            Self.line(3, .stopped, .dns, plan: "b", epoch: 2), Self.line(4, .withdrawn, plan: "b", epoch: 2),
        ]
        let undone = [
            Self.line(1, .planned, plan: "c", epoch: 3), Self.line(2, .done, .promote, plan: "c", epoch: 3),
            Self.line(3, .undone, .promote, plan: "c", epoch: 3), Self.line(4, .withdrawn, plan: "c", epoch: 3),
        ]
        #expect(Journal([done]).lastMove?.plan == "a")
        #expect(Journal([done + left]).lastMove?.plan == "b")
        #expect(Journal([done + left + undone]).lastMove?.plan == "b")
        #expect(Journal([done + undone]).lastMove?.plan == "a")
        #expect(Journal([undone]).lastMove == nil)
    }

    @Test func `whatever lines the nodes have between them, it is read as one`() {
        let seed = testSeed()
        var random = SeededRandom(seed)
        for _ in 0..<200 {
            var copies: [[JournalEntry]] = [[], []]
            for entry in Self.whole.shuffled(using: &random) {
                let place = random.number(0...2)
                for node in 0...1 where place == 2 || place == node {
                    var line = entry
                    line.at += Double(node) / 10
                    copies[node].append(line)
                }
            }
            let journal = Journal(copies)
            #expect(journal.entries.map(\.number) == [1, 2, 3, 4, 5, 6], "seed \(seed)")
            for copy in copies { #expect(journal.missing(in: copy).count + copy.count == 6) }
        }
    }

    @Test func `either site can be lost with its copy`() {
        let journal = Journal([Self.whole])
        let machine = journal.last(limits: PlanLimits())
        #expect(machine?.phase == .stopped && machine?.step.name == .fence)
        #expect(machine?.plan == Plans.plan(.failover, id: "p"))
        #expect(Journal([Self.whole, []]).last(limits: PlanLimits()) == machine)
        #expect(Journal([]).last(limits: PlanLimits()) == nil)
    }

    @Test func `plans stand in the order of their epochs, whatever the clocks say`() {
        let later = [
            Self.line(1, .planned, plan: "q", epoch: 9, at: 0.5),
            Self.line(2, .begun, .confirm, plan: "q", epoch: 9, at: 0.6),
        ]
        let journal = Journal([later + Self.whole])
        #expect(journal.entries.first?.plan == "p")
        #expect(journal.last(limits: PlanLimits())?.plan.id == "q")
        #expect(journal.epoch == 9)
    }

    @Test func `lines of two engines that did not see each other are all kept`() {
        let twice = Self.whole + [Self.line(6, .begun, .fence, epoch: 2, writer: "x")]
        #expect(Journal([Self.whole, twice]).entries.count == 7)
    }

    /// Symptom: a switchover was undone by an engine that saw raleigh only, and raleigh took writes again; the site was told to be at
    /// durham, which did not. Cause: the engine that had lost sight of raleigh had noted at durham that the promotion began, and
    /// that line came after those of the undoing. Fix: what a run of an older epoch wrote unseen does not count.
    @Test func `of two engines that went on with a plan unseen by each other, the newer one's lines count`() {
        let plan = Plans.plan(.switchover, omitting: Set(StepName.allCases).subtracting([.fence, .promote]), id: "p")
        func line(_ number: Int, _ event: JournalEvent, _ step: StepName?, _ epoch: Int, _ writer: String)
            -> JournalEntry
        {
            JournalEntry(
                plan: "p", number: number, writer: writer, at: Double(number), epoch: epoch, event: event, step: step,
                record: event == .planned ? PlanRecord(plan) : nil)
        }
        let common = [
            line(1, .planned, nil, 2, "one"), line(2, .begun, .fence, 2, "one"), line(3, .done, .fence, 2, "one"),
        ]
        let forward = [line(4, .begun, .promote, 2, "one"), line(5, .stopped, .promote, 2, "one")]
        let back = [
            line(4, .undoing, .fence, 3, "two"), line(5, .undone, .fence, 3, "two"), line(6, .withdrawn, nil, 3, "two"),
        ]
        // The first one turns back later, and has the highest epoch then.
        let turned = Journal([common + back, common + forward + [line(6, .undoing, .promote, 4, "one")]])
        #expect(turned.entries.count == 9 && !Journal.inForce(turned.entries).contains { $0.writer == "two" })
        let standing = Standing(
            Journal([common + forward, common + back]), home: Plans.home, other: Plans.other, limits: PlanLimits())
        #expect(standing.state == .home && standing.active == Plans.home && standing.writable == ["primary"])
        // One who had read all of it goes on from all of it.
        let whole = Journal([common + back, [line(7, .quarantined, nil, 3, "three")]])
        #expect(Journal.inForce(whole.entries) == whole.entries)
    }

    @Test func `where the site stands is read from it`() {
        func standing(_ entries: [JournalEntry]) -> Standing {
            Standing(Journal([entries]), home: Plans.home, other: Plans.other, limits: PlanLimits())
        }
        let none = standing([])
        #expect(none.state == .home && none.active == Plans.home && none.writable == ["primary"] && none.epoch == 0)
        let cutOff = standing(Self.whole)
        #expect(cutOff.state == .moving && cutOff.active == Plans.home && cutOff.writable == [])
        let stopped = standing(Self.whole + [Self.line(7, .stopped, .fence)])
        #expect(stopped.state == .stopped)
        var all = [Self.line(1, .planned)]
        for step in Plans.plan(.failover).steps.map(\.name) {
            all.append(Self.line(all.count + 1, .begun, step))
            all.append(Self.line(all.count + 1, .done, step))
        }
        all.append(Self.line(all.count + 1, .finished))
        let away = standing(all)
        #expect(away.state == .away && away.active == Plans.other && away.writable == ["secondary"])
    }
}
