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
