import Foundation
import Testing

@testable import Failover

@Suite("The machine of plans") struct MachineTests {
    @Test(arguments: Plans.kinds.indices)
    func
        `whatever happens, a run ends done, undone or stopped with a way out, and both sites never write under one epoch`(
            _ index: Int
        )
    {
        let (kind, mode) = Plans.kinds[index]
        var explorer = Explorer(plan: Plans.plan(kind, mode))
        explorer.explore(misfortunes: 2, hands: 1)
        #expect(explorer.complaints == [])
        #expect(explorer.ends == [.done, .undone, .stopped, .left])
        #expect(explorer.seen.count > 1000)
    }

    /// What matters for safety.
    private static let rest = Set(StepName.allCases).subtracting([.confirm, .ready, .fence, .promote, .dns])

    @Test
    func `with four misfortunes as well, where only what matters for safety is in the plan; every line is gone by`() {
        var rows: Set<Transition> = []
        for (kind, mode) in Plans.kinds {
            for unfenced in [true, false] {
                let limits = PlanLimits(allowsUnfenced: unfenced)
                var explorer = Explorer(plan: Plans.plan(kind, mode, limits: limits, omitting: Self.rest))
                explorer.explore(misfortunes: 4, hands: 1)
                #expect(explorer.complaints == [], "\(kind) \(mode) unfenced: \(unfenced)")
                #expect(explorer.seen.count > 4_000)
                rows.formUnion(explorer.rows)
            }
        }
        // The lease can be lost before anything is asked for; the explorer begins with a start.
        let idle = Transition.table.filter { !rows.contains($0) && $0.phase != .ready }
        #expect(idle == [])
        var machine = PlanMachine(Plans.plan(.failover))
        #expect(machine.handle(.lost) == nil && machine.phase == .left)
    }

    @Test func `for each phase and event the last line holds without condition, and none stands behind it`() {
        for phase in Phase.allCases {
            for event in EventName.allCases {
                let rows = Transition.table.filter { $0.phase == phase && $0.event == event }
                guard let last = rows.last else { continue }
                #expect(last.condition == .always, "\(phase) \(event)")
                #expect(rows.dropLast().allSatisfy { $0.condition != .always }, "\(phase) \(event)")
            }
        }
    }

    @Test func `what is at its end listens to nothing, and what acts hears of every outcome and of the lease`() {
        let heard = Dictionary(grouping: Transition.table, by: \.phase).mapValues { Set($0.map(\.event)) }
        for phase in [Phase.done, .undone, .left] { #expect(heard[phase] == nil) }
        for phase in [Phase.acting, .undoing] {
            #expect(heard[phase]?.isSuperset(of: [.succeeded, .failed, .late, .lost]) == true)
        }
        for phase in Phase.allCases where !phase.isRest { #expect(heard[phase]?.contains(.lost) == true, "\(phase)") }
        for phase in Phase.allCases where phase != .ready {
            #expect(Transition.table.contains { $0.next == phase }, "\(phase) cannot be reached")
        }
    }

    @Test(arguments: Plans.kinds.indices) func `when all goes well the steps run in order, each once`(_ index: Int) {
        let plan = Plans.plan(Plans.kinds[index].0, Plans.kinds[index].1)
        var machine = PlanMachine(plan)
        var acted: [StepName] = []
        var written: [JournalEvent] = []
        var next = machine.handle(.start)
        while let action = next {
            switch action {
            case .raise: next = machine.handle(.raised)
            case .write(let event):
                written.append(event)
                next = machine.handle(.written)
            case .act(let step, let attempt):
                #expect(attempt == 1 && written.last == .begun)
                acted.append(step.name)
                next = machine.handle(.succeeded(StepResult()))
            case .undo: Issue.record("nothing was to be undone")
            }
        }
        #expect(machine.phase == .done)
        #expect(acted == plan.steps.map(\.name))
        #expect(written == plan.steps.flatMap { _ in [.begun, .done] } + [JournalEvent.finished])
    }

    @Test func `what was begun last is undone first`() {
        var machine = PlanMachine(Plans.plan(.switchover))
        var undone: [StepName] = []
        var next = machine.handle(.start)
        while let action = next {
            switch action {
            case .raise: next = machine.handle(.raised)
            case .write: next = machine.handle(.written)
            case .act(let step, _):
                next = machine.handle(step.name == .verify ? .failed(StepFailure("no")) : .succeeded(StepResult()))
            case .undo(let step, _):
                undone.append(step.name)
                next = machine.handle(.succeeded(StepResult()))
            }
        }
        #expect(machine.phase == .undone)
        #expect(undone == [.promoteHook, .promote, .fence, .fenceHook])
    }

    @Test func `a run that was cut off in its freeze goes back, and one that was cut off elsewhere goes on`() {
        let plan = Plans.plan(.switchover)
        func cutOff(at name: StepName) -> PlanMachine {
            var entries: [JournalEntry] = []
            for step in plan.steps.map(\.name) {
                for event in [JournalEvent.begun, .done] where entries.last?.step != name {
                    entries.append(
                        JournalEntry(
                            plan: plan.id, number: entries.count, writer: "w", at: 0, epoch: 1, event: event, step: step
                        ))
                }
                if step == name { break }
            }
            return PlanMachine(plan, replaying: entries)
        }
        for step in plan.steps.map(\.name) {
            var machine = cutOff(at: step)
            #expect(machine.phase == .stopped)
            _ = machine.handle(.resume)
            let isFrozen = [StepName.fence, .drain, .filesLast].contains(step)
            #expect(machine.phase == (isFrozen ? .turning : .raising), "\(step)")
        }
    }
}
