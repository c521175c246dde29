/// All that is known of the plans that were run, put together from every node that could be read.
public struct Journal: Sendable, Equatable {
    /// The lines, in the order in which they were written.
    public let entries: [JournalEntry]

    /// Puts together what several nodes keep. Each has the lines that were written while it could be reached.
    public init(_ copies: [[JournalEntry]]) {
        var found: [Key: JournalEntry] = [:]
        for entry in copies.joined() {
            let key = Key(entry)
            // Two nodes note one line at slightly different moments.
            if let known = found[key], known.at <= entry.at { continue }
            found[key] = entry
        }
        // By epoch first: the nodes' clocks may differ, and plans do not overlap.
        let firsts = Dictionary(found.values.map { ($0.plan, ($0.epoch, $0.at)) }) { $0 < $1 ? $0 : $1 }
        entries = found.values.sorted { left, right in
            if left.plan != right.plan {
                let (one, other) = (firsts[left.plan] ?? (0, 0), firsts[right.plan] ?? (0, 0))
                return (one.0, one.1, left.plan) < (other.0, other.1, right.plan)
            }
            return (left.number, left.epoch, left.at, left.writer) < (right.number, right.epoch, right.at, right.writer)
        }
    }

    private struct Key: Hashable {
        let plan: String
        let number: Int
        let writer: String

        init(_ entry: JournalEntry) {
            plan = entry.plan
            number = entry.number
            writer = entry.writer
        }
    }

    /// The lines of one plan.
    public func entries(of plan: String) -> [JournalEntry] { entries.filter { $0.plan == plan } }

    /// The last line that tells of the end of a plan that moved the site: it was done, or ended by a person who left it where it was then.
    public var lastMove: JournalEntry? { entries.last(where: isMove) }

    /// The same of a plan that let everything pass that was held back before it: of any but a failover.
    var lastClearing: JournalEntry? {
        entries.last { isMove($0) && record(of: $0.plan).map { $0.kind != .failover } ?? false }
    }

    private func isMove(_ line: JournalEntry) -> Bool {
        line.event == .finished || line.event == .withdrawn && leavesPromoted(line.plan)
    }

    private func leavesPromoted(_ plan: String) -> Bool {
        Self.inForce(entries(of: plan)).last { $0.step == .promote }?.event == .done
    }

    /// What a plan was.
    public func record(of plan: String) -> PlanRecord? {
        entries.first { $0.plan == plan && $0.event == .planned }?.record
    }

    /// The plan that was begun last, and what is known of its run; nil when there was none.
    public func last(limits: PlanLimits) -> PlanMachine? {
        guard let planned = entries.last(where: { $0.event == .planned }), let record = planned.record else {
            return nil
        }
        let lines = Self.inForce(entries(of: planned.plan))
        var plan = record.plan(id: planned.plan, limits: limits)
        // Where nobody could look at them when it was made, a later line has them as they were before they were led elsewhere.
        plan.names = plan.names ?? lines.last { $0.record?.names != nil }?.record?.names
        return PlanMachine(plan, replaying: lines)
    }

    /// The lines of a plan that tell where it stands: those of the run with the highest epoch, and what was written before it.
    ///
    /// Two engines that did not see each other may both have gone on with a plan, from the same line on. What the one with the lower
    /// epoch wrote then is without effect: its fences are of an older epoch, and a node that they opened is fenced as one that
    /// came back.
    static func inForce(_ entries: [JournalEntry]) -> [JournalEntry] {
        let lines = Dictionary(grouping: entries.filter { $0.event != .quarantined }, by: \.number)
        guard var next = lines.values.joined().max(by: { ($0.epoch, $0.number) < ($1.epoch, $1.number) }) else {
            return entries
        }
        var kept: Set<JournalEntry> = [next]
        for number in lines.keys.sorted(by: >) where number < next.number {
            let before = (lines[number] ?? []).filter { $0.epoch <= next.epoch }
            // A run has seen its own lines, and otherwise those of whoever had the plan before it.
            let own = before.first { $0.writer == next.writer }
            guard let line = own ?? before.max(by: { $0.epoch < $1.epoch }) else { continue }
            kept.insert(line)
            next = line
        }
        return entries.filter { $0.event == .quarantined || kept.contains($0) }
    }

    /// The highest epoch that any line tells of.
    public var epoch: Int { entries.map(\.epoch).max() ?? 0 }

    /// The lines that a copy lacks.
    public func missing(in copy: [JournalEntry]) -> [JournalEntry] {
        let known = Set(copy.map { Key($0) })
        return entries.filter { !known.contains(Key($0)) }
    }
}
