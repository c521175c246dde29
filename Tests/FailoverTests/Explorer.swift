@testable import Failover

/// Two fences, as far as the machine's safety depends on them.
struct FenceWorld: Hashable {
    struct Node: Hashable {
        var isOpen: Bool
        var epoch: Int
    }

    var from = Node(isOpen: true, epoch: 0)
    var to = Node(isOpen: false, epoch: 0)
    /// An order that was given, was not answered in time and may yet arrive.
    var pending: Order?

    struct Order: Hashable {
        let isAtTo: Bool
        let opens: Bool
        let epoch: Int
    }

    subscript(isAtTo isAtTo: Bool) -> Node {
        get { isAtTo ? to : from }
        set { if isAtTo { to = newValue } else { from = newValue } }
    }

    /// A node takes no order of an older epoch than it has heard of.
    mutating func obey(_ order: Order) -> Bool {
        guard order.epoch >= self[isAtTo: order.isAtTo].epoch else { return false }
        self[isAtTo: order.isAtTo] = Node(isOpen: order.opens, epoch: order.epoch)
        return true
    }

    var isSplit: Bool { from.isOpen && to.isOpen && from.epoch == to.epoch }
}

/// Walks through everything that can happen to a run: each action succeeds, fails with and without an effect, is late with
/// an effect now, later or never; the journal cannot be written; the engine dies before and after everything; it is resumed
/// and aborted.
struct Explorer {
    struct State: Hashable {
        var machine: PlanMachine
        var action: Act?
        var world: FenceWorld
        var entries: [JournalEntry]
        var epoch: Int
        /// How many more times somebody may be unlucky, and how many more times somebody helps.
        var misfortunes: Int
        var hands: Int
        /// Somebody left things as they were.
        var isAbandoned = false

        static func == (left: State, right: State) -> Bool { left.key == right.key }
        func hash(into hasher: inout Hasher) { hasher.combine(key) }

        /// Runs that differ in their past only are one.
        private var key: Key {
            Key(
                machine: Core(machine), shadow: Core(PlanMachine(machine.plan, replaying: entries)), action: action,
                world: world,
                epoch: epoch, misfortunes: misfortunes, hands: hands, isAbandoned: isAbandoned)
        }

        /// What decides how a run goes on.
        private struct Core: Hashable {
            let phase: Phase
            let index: Int
            let attempt: Int
            let isBack: Bool
            let marks: [PlanMachine.Mark]
            let passed: Set<Int>

            init(_ machine: PlanMachine) {
                phase = machine.phase
                index = machine.index
                attempt = machine.attempt
                isBack = machine.isBack
                marks = machine.marks
                passed = machine.wasPassed
            }
        }

        private struct Key: Hashable {
            let machine: Core
            let shadow: Core
            let action: Act?
            let world: FenceWorld
            let epoch: Int
            let misfortunes: Int
            let hands: Int
            let isAbandoned: Bool
        }
    }

    /// A `RunAction`, without what it carries.
    enum Act: Hashable {
        case raise
        case write(JournalEvent)
        case act
        case undo

        init(_ action: RunAction) {
            self =
                switch action {
                case .raise: .raise
                case .write(let event): .write(event)
                case .act: .act
                case .undo: .undo
                }
        }
    }

    let plan: Plan
    var seen: Set<State> = []
    var rows: Set<Transition> = []
    var ends: Set<Phase> = []
    var complaints: [String] = []

    private static let failure = StepFailure("it failed")
    private static let gone = StepFailure("it is gone", isGone: true)

    mutating func explore(misfortunes: Int, hands: Int) {
        var machine = PlanMachine(plan)
        let action = handle(&machine, .start)
        var stack = [
            State(
                machine: machine, action: action, world: FenceWorld(), entries: [], epoch: 0, misfortunes: misfortunes,
                hands: hands)
        ]
        while let state = stack.popLast() {
            guard seen.insert(state).inserted else { continue }
            check(state)
            var next = followers(of: state)
            // What was late may arrive between any two things that happen.
            if let order = state.world.pending {
                var landed = state
                landed.world.pending = nil
                _ = landed.world.obey(order)
                next.append(landed)
            }
            stack += next
        }
    }

    private mutating func handle(_ machine: inout PlanMachine, _ event: RunEvent) -> Act? {
        let before = machine
        let action = machine.handle(event).map { Act($0) }
        rows.formUnion(
            Transition.table.filter {
                $0.phase == before.phase && $0.event == event.name && $0.next == machine.phase
                    && before.conditionHolds($0.condition, event)
            }.prefix(1))
        return action
    }

    // MARK: - What must hold

    private mutating func check(_ state: State) {
        let shadow = PlanMachine(plan, replaying: state.entries)
        if state.world.isSplit && !(plan.kind == .failback && plan.mode == .overlap) {
            complain("both sites are writable under epoch \(state.world.to.epoch)", state)
        }
        if plan.mode == .freeze, state.machine.mayWriteAtFrom, state.machine.mayWriteAtTo {
            complain("both sites may be writable", state)
        }
        if plan.mode == .freeze, shadow.mayWriteAtFrom, shadow.mayWriteAtTo {
            complain("the journal says that both sites may be writable", state)
        }
        if state.action == .act,
            state.entries.last.map({ $0.event != .begun || $0.step != state.machine.step.name }) ?? true
        {
            complain("a step acts that the journal does not know of", state)
        }
        if state.action == .undo,
            state.entries.last.map({ $0.event != .undoing || $0.step != state.machine.step.name }) ?? true
        {
            complain("a step is undone that the journal does not know of", state)
        }
        if state.action == nil {
            ends.insert(state.machine.phase)
            if !state.machine.phase.isRest { complain("nothing is to be done, and it does not rest", state) }
            if state.machine.phase != .left { checkEnd(state) }
        }
    }

    private mutating func checkEnd(_ state: State) {
        let isOverlap = plan.mode == .overlap
        switch state.machine.phase {
        case .done:
            if !state.world.to.isOpen { complain("done, and the new site takes no writes", state) }
            if state.world.from.isOpen, !isOverlap, state.world.from.epoch == state.world.to.epoch {
                complain("done, and the old site takes writes under the same epoch", state)
            }
        case .undone:
            let isLeft = state.machine.marks.contains(.kept) || state.isAbandoned
            let wasTouched = state.machine.marks.contains { $0 != .open }
            if !isLeft, wasTouched, !state.world.from.isOpen {
                complain("undone, and the old site takes no writes", state)
            }
            if !isLeft, state.world.to.isOpen { complain("undone, and the new site takes writes", state) }
        case .stopped: checkWayOut(state)
        default: break
        }
    }

    /// From wherever a run stopped, somebody can bring it to an end once the world is well again.
    private mutating func checkWayOut(_ state: State) {
        // Nothing waits where the journal has no run, or one that is at its end though the engine never heard so.
        guard !state.entries.isEmpty, PlanMachine(plan, replaying: state.entries).phase == .stopped else { return }
        for event in [RunEvent.resume, .abort, .abandon] {
            var machine = PlanMachine(plan, replaying: state.entries)
            var world = state.world
            var epoch = state.epoch
            var action = machine.handle(event).map { Act($0) }
            var rounds = 0
            while let act = action, rounds < 500 {
                rounds += 1
                let outcome = Self.fairly(act, machine, &world, &epoch)
                action = machine.handle(outcome).map { Act($0) }
            }
            guard machine.phase == .done || machine.phase == .undone else {
                complain("stopped, and \(event.name) leads to \(machine.phase)", state)
                continue
            }
            if event.name == .abort, machine.phase != .undone { complain("aborted, and it is \(machine.phase)", state) }
        }
    }

    private static func fairly(_ act: Act, _ machine: PlanMachine, _ world: inout FenceWorld, _ epoch: inout Int)
        -> RunEvent
    {
        switch act {
        case .raise:
            raise(machine, &world, &epoch, from: true, to: true)
            return .raised
        case .write: return .written
        case .act, .undo:
            if let order = order(machine, epoch, isUndo: act == .undo) {
                guard world.obey(order) else { return .failed(failure) }
            }
            return .succeeded(StepResult())
        }
    }

    // MARK: - What can happen

    private mutating func followers(of state: State) -> [State] {
        guard let action = state.action else { return helped(state) }
        var next: [State] = []
        if state.misfortunes > 0 {
            next.append(unlucky(state) { $0 = Self.crashed($0) })
            next.append(contentsOf: told(state, .lost, costs: 1))
        }
        switch action {
        case .raise: next += raising(state)
        case .write(let event): next += writing(state, event)
        case .act, .undo: next += acting(state, isUndo: action == .undo)
        }
        return next
    }

    /// The engine dies, and whoever comes next knows what the journal says.
    private static func crashed(_ state: State) -> State {
        var state = state
        state.machine = PlanMachine(state.machine.plan, replaying: state.entries)
        state.action = nil
        return state
    }

    private func unlucky(_ state: State, _ change: (inout State) -> Void) -> State {
        var state = state
        state.misfortunes -= 1
        change(&state)
        return state
    }

    private mutating func told(
        _ state: State, _ event: RunEvent, costs: Int = 0, _ change: (inout State) -> Void = { _ in }
    )
        -> [State]
    {
        guard state.misfortunes >= costs else { return [] }
        var state = state
        state.misfortunes -= costs
        change(&state)
        state.action = handle(&state.machine, event)
        return [state]
    }

    private mutating func helped(_ state: State) -> [State] {
        guard state.machine.phase == .stopped || state.machine.phase == .left, state.hands > 0, !state.entries.isEmpty
        else { return [] }
        return [RunEvent.resume, .abort, .abandon].flatMap { event -> [State] in
            var next = state
            next.isAbandoned = event == .abandon
            next.hands -= 1
            next.machine = PlanMachine(plan, replaying: state.entries)
            guard next.machine.phase == .stopped else { return [] }
            next.action = handle(&next.machine, event)
            return [next]
        }
    }

    private static func raise(
        _ machine: PlanMachine, _ world: inout FenceWorld, _ epoch: inout Int, from: Bool, to: Bool
    ) {
        epoch = max(epoch, world.from.epoch, world.to.epoch) + 1
        if from,
            !(machine.plan.kind == .failover && machine.phase == .raising && machine.mayWriteAtFrom
                && world.from.isOpen)
        {
            world.from = .init(isOpen: world.from.isOpen && machine.mayWriteAtFrom, epoch: epoch)
        }
        if to, !(machine.phase == .turning && machine.mayWriteAtTo && world.to.isOpen) {
            world.to = .init(isOpen: world.to.isOpen && machine.mayWriteAtTo, epoch: epoch)
        }
    }

    private mutating func raising(_ state: State) -> [State] {
        var next = told(state, .raised) { Self.raise($0.machine, &$0.world, &$0.epoch, from: true, to: true) }
        next += told(state, .notRaised(Self.gone), costs: 1)
        // The site that takes no writes has taken the epoch, and the other one was lost then.
        next += told(state, .notRaised(Self.gone), costs: 1) {
            Self.raise($0.machine, &$0.world, &$0.epoch, from: !$0.world.from.isOpen, to: !$0.world.to.isOpen)
        }
        // As the driver has it: what a run cannot do without must take the epoch.
        let isBack = state.machine.phase == .turning
        let isArrived = state.machine.mayWriteAtTo
        let mayLackFrom = plan.kind == .failover || (!isBack && isArrived && plan.mode == .freeze)
        let mayLackTo = isBack
        if mayLackFrom {
            next += told(state, .raised, costs: 1) {
                Self.raise($0.machine, &$0.world, &$0.epoch, from: false, to: true)
            }
        }
        if mayLackTo {
            next += told(state, .raised, costs: 1) {
                Self.raise($0.machine, &$0.world, &$0.epoch, from: true, to: false)
            }
        }
        return next
    }

    private mutating func writing(_ state: State, _ event: JournalEvent) -> [State] {
        let entry = JournalEntry(
            plan: plan.id, number: state.entries.count + 1, writer: "e", at: 0, epoch: state.epoch, event: event,
            step: [.finished, .withdrawn].contains(event) ? nil : state.machine.step.name,
            numbers: event == .stopped && state.machine.isBack ? [PlanMachine.undoing: 1] : [:])
        var next = told(state, .written) { $0.entries.append(entry) }
        next += told(state, .unwritten(Self.failure), costs: 1)
        // It died when the line was there, or the answer was lost.
        if state.misfortunes > 0 {
            next.append(
                unlucky(state) {
                    $0.entries.append(entry)
                    $0 = Self.crashed($0)
                })
            next += told(state, .unwritten(Self.failure), costs: 1) { $0.entries.append(entry) }
        }
        if state.machine.isFrozen, !state.machine.isBack, [.begun, .done].contains(event) {
            next += told(state, .spent(Self.failure), costs: 1)
            // Nobody was told in time whether the line is there.
            for isThere in [true, false] {
                next += told(state, .spent(Self.failure), costs: 1) { state in
                    if isThere { state.entries.append(entry) }
                    state.machine.mayHaveBegun()
                }
            }
        }
        return next
    }

    private static func order(_ machine: PlanMachine, _ epoch: Int, isUndo: Bool) -> FenceWorld.Order? {
        switch machine.step.name {
        case .fence: FenceWorld.Order(isAtTo: false, opens: isUndo, epoch: epoch)
        case .promote: FenceWorld.Order(isAtTo: true, opens: !isUndo, epoch: epoch)
        default: nil
        }
    }

    private mutating func acting(_ state: State, isUndo: Bool) -> [State] {
        var next: [State] = []
        let order = Self.order(state.machine, state.epoch, isUndo: isUndo)
        // What the step makes sure of before it acts.
        let looksFirst =
            !isUndo && state.machine.step.name == .promote && plan.kind != .failover && plan.mode == .freeze
        let isForbidden = looksFirst && state.world.from.isOpen
        if let order, !isForbidden {
            var world = state.world
            if world.obey(order) {
                next += told(state, .succeeded(StepResult())) { $0.world = world }
                next += told(state, .failed(Self.failure), costs: 1) { $0.world = world }
                next += told(state, .late, costs: 1) { $0.world = world }
                if state.misfortunes > 0 {
                    next.append(
                        unlucky(state) {
                            $0.world = world
                            $0 = Self.crashed($0)
                        })
                }
            }
            next += told(state, .late, costs: 1) { $0.world.pending = order }
        } else if !isForbidden {
            next += told(state, .succeeded(StepResult()))
        }
        next += told(state, .failed(Self.failure), costs: isForbidden ? 0 : 1)
        next += told(state, .failed(Self.gone), costs: 1)
        next += told(state, .late, costs: 1)
        if state.machine.step.isInFreeze, !isUndo { next += told(state, .spent(Self.failure), costs: 1) }
        return next
    }

    private mutating func complain(_ what: String, _ state: State) {
        guard complaints.count < 5 else { return }
        let past = state.entries.map { "\($0.event.rawValue) \($0.step?.rawValue ?? "")" }.joined(separator: ", ")
        complaints.append(
            "\(what): \(state.machine.phase) at \(state.machine.step.name), \(state.world), after: \(past)")
    }
}
