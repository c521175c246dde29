import Synchronization

@testable import Failover

/// What goes wrong at one call of a plug-in.
enum Mishap: Sendable, CaseIterable {
    /// It fails, and nothing has changed.
    case fails
    /// It does what it should, and fails.
    case failsAfter
    /// It never answers, and nothing has changed.
    case hangs
    /// It never answers, and does what it should a little later.
    case hangsAndActs
    /// The engine dies before it.
    case diesBefore
    /// The engine dies after it.
    case diesAfter
}

/// Both sites, their databases, names and journals, in memory. A plan's plug-ins are views of it, and each call of theirs
/// can go wrong.
final class MemorySite: Sendable {
    struct Node {
        var isClosed: Bool
        var epoch = 0
        /// The last epoch that it gave.
        var taken = 0
        var reason: String?
        var isGone = false
        var rows: Set<Int> = []
        var journal: [JournalEntry] = []
        var holder: String?
        /// Nodes whose rows it does not take just now.
        var held: Set<String> = []

        /// All that an engine changes at a node, the lease apart.
        var trace: [String] { ["\(isClosed) \(epoch) \(taken)", "\(held.sorted())", "\(journal.count)"] }
    }

    struct State {
        var nodes: [String: Node]
        var names = "primary"
        /// Files by site, and the newest epoch that their trees have heard of.
        var trees: [String: Set<Int>] = ["primary": [], "secondary": []]
        var treeEpochs: [String: Int] = [:]
        /// What both trees had in common when the site last moved.
        var base: Set<Int> = []
        var calls = 0
        /// Calls of each engine.
        var callsOf: [String: Int] = [:]
        var mishaps: [Int: Mishap] = [:]
        var clock = 1000.0
        /// Engines that died: whatever they still do has no effect.
        var dead: Set<String> = []
        /// Every epoch that was given to anybody.
        var epochs: [Int] = []
        /// A fault to be found: each node gives the next number, whoever else may give it.
        var sharesNumbers = false
        /// Times that both sites took writes under one epoch.
        var splits = 0
        var told: [SiteNotice] = []
        /// How long it takes to bring rows over.
        var drainTakes: Duration = .zero
        /// How much longer a drain takes, where nobody can write.
        var lastDrainTakes: Duration = .zero
        /// Rows that are on their way besides, at each look by its turn; the last one stays.
        var onTheirWay: [Int] = []
        /// What keeps streams from moving, by `source receiver`.
        var standstills: [String: String] = [:]

        /// What a look finds on its way.
        mutating func lookAtLoad() -> Int {
            onTheirWay.count > 1 ? onTheirWay.removeFirst() : onTheirWay.first ?? 0
        }
    }

    let state: Mutex<State>

    init() {
        state = Mutex(
            State(nodes: [
                "raleigh": Node(isClosed: false), "durham": Node(isClosed: true),
            ]))
    }

    subscript(node: String) -> Node { state.withLock { $0.nodes[node]! } }

    func change(_ node: String, _ body: (inout Node) -> Void) { state.withLock { body(&$0.nodes[node]!) } }

    /// An application writes: true when the node takes it.
    @discardableResult func write(_ row: Int, at node: String) -> Bool {
        state.withLock { state in
            guard !state.nodes[node]!.isClosed, !state.nodes[node]!.isGone else { return false }
            state.nodes[node]!.rows.insert(row)
            return true
        }
    }

    /// An engine, with plug-ins of its own.
    ///
    /// - Parameters:
    ///   - blind: nodes that it cannot reach, though others can.
    ///   - calls: how many calls of its it reached them with before.
    func engine(_ name: String, blind: Set<String> = [], after calls: Int = 0) -> MemoryEngine {
        MemoryEngine(site: self, name: name, blind: blind, seeing: calls)
    }
}

/// An engine of the tests: the plug-ins that it acts through. Once it has died, nothing that it does has an effect.
struct MemoryEngine: SiteNodes, SiteDNS, SiteFiles, SiteJournal, SiteLease, SiteNotifier, SiteHooks {
    let site: MemorySite
    let name: String
    /// Nodes that it cannot reach, though others can.
    var blind: Set<String> = []
    /// How many calls of its it reached them with before.
    var seeing = 0
    var ttl: Duration { .zero }
    var meaning: String { "memory" }

    /// The engine is no more.
    struct Died: Error {}

    /// One call: counted, and what is to go wrong with it goes wrong.
    private func call<Value: Sendable>(
        at node: String? = nil, _ body: @escaping @Sendable (inout MemorySite.State) throws -> Value
    ) async throws -> Value {
        let mishap = site.state.withLock { state -> Mishap? in
            state.calls += 1
            state.callsOf[name, default: 0] += 1
            return state.mishaps[state.calls]
        }
        switch mishap {
        case nil: return try effect(node, body)
        case .fails: throw StepFailure("it was to fail")
        case .failsAfter:
            _ = try effect(node, body)
            throw StepFailure("it was to fail afterwards")
        case .hangs:
            try await Task.sleep(for: .seconds(3600))
            throw CancellationError()
        case .hangsAndActs:
            // Deaf to its cancellation, as a statement that has left for the server is.
            await Task.detached { try? await Task.sleep(for: .milliseconds(180)) }.value
            _ = try? effect(node, body)
            try await Task.sleep(for: .seconds(3600))
            throw CancellationError()
        case .diesBefore:
            die()
            throw CancellationError()
        case .diesAfter:
            _ = try? effect(node, body)
            die()
            throw CancellationError()
        }
    }

    private func die() {
        site.state.withLock { state in
            state.dead.insert(name)
            for node in state.nodes.keys where state.nodes[node]!.holder == name { state.nodes[node]!.holder = nil }
        }
    }

    private func effect<Value>(_ node: String?, _ body: (inout MemorySite.State) throws -> Value) throws -> Value {
        try site.state.withLock { state in
            guard !state.dead.contains(name) else { throw CancellationError() }
            if let node, !isThere(node, state) { throw StepFailure("\(node) is gone", isGone: true) }
            let value = try body(&state)
            let open = state.nodes.values.filter { !$0.isClosed }
            if open.count == 2, Set(open.map(\.epoch)).count == 1 { state.splits += 1 }
            return value
        }
    }

    private func isThere(_ node: String, _ state: MemorySite.State) -> Bool {
        !state.nodes[node]!.isGone && (!blind.contains(node) || state.callsOf[name, default: 0] <= seeing)
    }

    private func there(_ state: MemorySite.State) -> [String] { state.nodes.keys.filter { isThere($0, state) } }

    // MARK: Nodes

    func look(_ node: String) async throws -> FenceLook {
        try await call(at: node) {
            FenceLook(isClosed: $0.nodes[node]!.isClosed, epoch: $0.nodes[node]!.epoch, reason: $0.nodes[node]!.reason)
        }
    }

    private func move(_ node: String, closed: Bool, epoch: Int, reason: String? = nil) async throws {
        try await call(at: node) { state in
            guard epoch >= state.nodes[node]!.epoch else {
                throw StepFailure("epoch \(epoch) is over at \(node)")
            }
            state.nodes[node]!.epoch = epoch
            state.nodes[node]!.isClosed = closed
            state.nodes[node]!.reason = reason
        }
    }

    func takeEpoch(at node: String, above: Int, remainder: Int, of count: Int) async throws -> Int {
        try await call(at: node) { state in
            let floor = max(above, state.nodes[node]!.taken)
            let taken =
                state.sharesNumbers
                ? floor + 1 : EpochNumbers.next(above: floor, remainder: remainder, of: count)
            state.nodes[node]!.taken = taken
            state.epochs.append(taken)
            return taken
        }
    }

    func raise(_ node: String, epoch: Int, closes: Bool, reason: String) async throws {
        try await call(at: node) { state in
            guard epoch >= state.nodes[node]!.epoch else { throw StepFailure("epoch \(epoch) is over at \(node)") }
            state.nodes[node]!.epoch = epoch
            guard closes, !state.nodes[node]!.isClosed else { return }
            state.nodes[node]!.isClosed = true
            state.nodes[node]!.reason = reason
        }
    }

    func close(_ node: String, epoch: Int, reason: String) async throws {
        try await move(node, closed: true, epoch: epoch, reason: reason)
    }
    func open(_ node: String, epoch: Int) async throws { try await move(node, closed: false, epoch: epoch) }
    func obstacles(at node: String) async throws -> [String] { try await call(at: node) { _ in [] } }
    func standstill(from: String, to: String) async throws -> [String] {
        try await call(at: from) { state in state.standstills["\(from) \(to)"].map { [$0] } ?? [] }
    }

    func pending(from: String, to: String) async throws -> [TableCount] {
        try await call(at: from) { state in
            // How far it has come is written at the receiver.
            guard isThere(to, state) else { throw StepFailure("\(to) is gone", isGone: true) }
            let rows = state.nodes[from]!.rows.subtracting(state.nodes[to]!.rows).count + state.lookAtLoad()
            return rows == 0 ? [] : [TableCount(table: "public.item", rows: rows)]
        }
    }

    func stranded(from: String, to: String) async throws -> [TableCount] {
        try await call(at: from) { state in
            guard isThere(to, state) else { throw StepFailure("\(to) is gone", isGone: true) }
            let rows = state.nodes[from]!.rows.subtracting(state.nodes[to]!.rows).sorted()
            let keys = rows.prefix(TableCount.keysMost).map { "\($0)" }
            return rows.isEmpty ? [] : [TableCount(table: "public.item", rows: rows.count, keys: keys)]
        }
    }

    func carry(from: String, to: String, limit: Duration) async throws -> Int {
        let takes = site.state.withLock { $0.drainTakes }
        if takes > .zero { try await Task.sleep(for: takes) }
        return try await call(at: from) { state in
            guard isThere(to, state) else { throw StepFailure("\(to) is gone", isGone: true) }
            guard !state.nodes[to]!.held.contains(from) else { throw StepFailure("it is held back") }
            let rows = state.nodes[from]!.rows.subtracting(state.nodes[to]!.rows)
            state.nodes[to]!.rows.formUnion(rows)
            return rows.count
        }
    }

    func drain(from: String, to: String, limit: Duration) async throws -> Int {
        let takes = site.state.withLock { $0.lastDrainTakes }
        if takes > .zero { try await Task.sleep(for: takes) }
        return try await carry(from: from, to: to, limit: limit)
    }
    func hold(from: String, at node: String) async throws {
        try await call(at: node) { _ = $0.nodes[node]!.held.insert(from) }
    }
    func release(from: String, at node: String) async throws {
        try await call(at: node) { _ = $0.nodes[node]!.held.remove(from) }
    }
    func differences(from: String, to: String) async throws -> [String] { try await call { _ in [] } }
    func prove(_ node: String) async throws {
        try await call(at: node) { state in
            guard !state.nodes[node]!.isClosed else { throw StepFailure("\(node) refuses writes") }
        }
    }
    func rehearse(_ node: String) async throws { try await call(at: node) { _ in } }
    func conflicts(at node: String) async throws -> Int { try await call(at: node) { _ in 0 } }

    // MARK: Names

    func difference(toward target: String) async throws -> [String] {
        try await call { $0.names == target ? [] : ["replace www A"] }
    }
    func plan(toward target: String) async throws -> NamesPlan {
        try await call { NamesPlan(kept: "\($0.names) \(target)") }
    }
    func apply(_ plan: NamesPlan, toward target: String) async throws {
        try await call { state in
            guard plan.kept.contains(state.names) else { throw StepFailure("somebody changed the names") }
            state.names = target
        }
    }
    func takeBack(_ plan: NamesPlan?, toward target: String) async throws -> String? {
        try await call { state in
            if let plan, !plan.kept.hasSuffix(" " + state.names) { return nil }
            // They go back to where they were, which need not be the site.
            state.names = plan.map { String($0.kept.prefix { $0 != " " }) } ?? target
            return nil
        }
    }
    func isLed(toward target: String) async -> Bool { site.state.withLock { $0.names == target } }
    func verify(toward target: String) async throws {
        try await call { state in
            guard state.names == target else { throw StepFailure("a server leads to \(state.names)") }
        }
    }
    func manualSteps(_ plan: NamesPlan?, toward target: String) async -> [String] {
        ["log in and lead www to \(target)"]
    }

    // MARK: Files

    func outlook(from: String, to: String, epoch: Int?) async throws -> [FilesOutlook] {
        try await call { _ in [FilesOutlook(job: "opt", entries: [], bytes: 0)] }
    }

    /// Files go from the primary by themselves, and come back by comparison.
    func freeze(from: String, to: String, epoch: Int) async throws -> StepResult {
        try await call { state in
            try Self.raise(&state, to, epoch)
            if to == "secondary" { state.base = state.trees[to]! }
            return StepResult()
        }
    }

    private static func raise(_ state: inout MemorySite.State, _ tree: String, _ epoch: Int) throws {
        guard epoch >= state.treeEpochs[tree] ?? 0 else { throw StepFailure("epoch \(epoch) is over at \(tree)") }
        state.treeEpochs[tree] = epoch
    }

    func carry(from: String, to: String, epoch: Int, pass: FilesPass, limit: Duration) async throws -> StepResult {
        try await call { state in
            try Self.raise(&state, from, epoch)
            try Self.raise(&state, to, epoch)
            let (sent, own) = (state.trees[from]!, state.trees[to]!)
            guard from == "secondary" else {
                state.trees[to] = sent
                if pass == .last { state.base = sent }
                return StepResult(numbers: ["files_moved": sent.subtracting(own).count])
            }
            let rescued = own.subtracting(sent).subtracting(state.base)
            state.trees[from]!.formUnion(rescued)
            state.trees[to] = state.trees[from]
            state.base = state.trees[from]!
            return StepResult(numbers: ["files_rescued": rescued.count])
        }
    }

    func rearm(from: String, to: String, epoch: Int) async throws -> StepResult { try await call { _ in StepResult() } }

    // MARK: Journal

    func read() async throws -> (journal: Journal, missing: [String: String]) {
        try await call { state in
            let copies = there(state).map { state.nodes[$0]!.journal }
            guard !copies.isEmpty else { throw StepFailure("no node can be read", isGone: true) }
            let missing = state.nodes.filter { !isThere($0.key, state) }.mapValues { _ in "it is gone" }
            return (Journal(copies), missing)
        }
    }

    func write(_ entry: JournalEntry) async throws {
        try await call { state in
            let there = there(state)
            guard !there.isEmpty else { throw StepFailure("no node can be written", isGone: true) }
            state.clock += 1
            for node in there {
                var line = entry
                line.at = state.clock
                state.nodes[node]!.journal.append(line)
            }
        }
    }

    func heal() async {
        site.state.withLock { state in
            guard !state.dead.contains(name) else { return }
            let there = there(state)
            let all = Journal(there.map { state.nodes[$0]!.journal })
            for node in there { state.nodes[node]!.journal += all.missing(in: state.nodes[node]!.journal) }
        }
    }

    // MARK: Lease

    func take() async throws -> any LeaseHold {
        let hold = MemoryHold(engine: self)
        do { try await takeAll() } catch {
            // As the real one does: what was taken of it is given back.
            await hold.release()
            throw error
        }
        return hold
    }

    private func takeAll() async throws {
        try await call { state in
            for node in there(state) {
                if let holder = state.nodes[node]!.holder, holder != name {
                    throw StepFailure("\(holder) has the lease")
                }
            }
            for node in there(state) { state.nodes[node]!.holder = name }
        }
    }

    struct MemoryHold: LeaseHold {
        let engine: MemoryEngine

        func isHeld() async -> Bool {
            engine.site.state.withLock { state in
                engine.there(state).allSatisfy { [engine.name, nil].contains(state.nodes[$0]!.holder) }
                    && !state.dead.contains(engine.name)
            }
        }

        func release() async {
            engine.site.state.withLock { state in
                for node in state.nodes.keys where state.nodes[node]!.holder == engine.name {
                    state.nodes[node]!.holder = nil
                }
            }
        }
    }

    // MARK: The rest

    func tell(_ notice: SiteNotice) async { site.state.withLock { $0.told.append(notice) } }
    func has(_ point: HookPoint) -> Bool { true }
    func run(_ point: HookPoint, site: PlanSite, plan: Plan, epoch: Int, limit: Duration) async throws -> String? {
        try await call { _ in "ran" }
    }

    var parts: SiteParts {
        SiteParts(nodes: self, journal: self, lease: self, dns: self, files: self, hooks: self, notifier: self)
    }

    /// Limits that a test can wait for.
    static let limits = PlanLimits(
        node: .milliseconds(120), lost: .milliseconds(120), catchUp: .milliseconds(120), drain: .milliseconds(120),
        compare: .milliseconds(120), hook: .milliseconds(120), files: .milliseconds(120), dns: .milliseconds(120),
        dnsVerify: .milliseconds(120), linger: .milliseconds(1), verify: .milliseconds(120), budget: .seconds(20))

    func orchestrator(limits: PlanLimits = Self.limits) -> Orchestrator {
        Orchestrator(
            parts: parts, limits: limits, home: Plans.home, other: Plans.other, name: name, pause: .milliseconds(1))
    }

    var guardian: Guardian {
        Guardian(parts: parts, limits: Self.limits, home: Plans.home, other: Plans.other, name: name)
    }
}

/// A provider that takes no change.
struct RefusingNames: SiteDNS {
    let engine: MemoryEngine
    /// Whether it takes nothing back either.
    var isGone = false
    var ttl: Duration { .zero }
    func difference(toward site: String) async throws -> [String] { try await engine.difference(toward: site) }
    func plan(toward site: String) async throws -> NamesPlan { try await engine.plan(toward: site) }
    func apply(_ plan: NamesPlan, toward site: String) async throws { throw StepFailure("the provider is down") }
    func takeBack(_ plan: NamesPlan?, toward site: String) async throws -> String? {
        if isGone { throw StepFailure("the provider is down") }
        return try await engine.takeBack(plan, toward: site)
    }
    func isLed(toward site: String) async -> Bool { await engine.isLed(toward: site) }
    func verify(toward site: String) async throws { try await engine.verify(toward: site) }
    func manualSteps(_ plan: NamesPlan?, toward site: String) async -> [String] {
        await engine.manualSteps(plan, toward: site)
    }
}
