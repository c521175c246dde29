/// What both trees have in common after a pass: the base of the next one. Nothing may be in it that one of them never had, also where
/// rsync left something behind.
struct NextBase {
    let plan: FilePlan
    /// The base that the plan was made with, and both trees as they were then.
    let base: Manifest
    let returning: Manifest
    let active: Manifest
    /// What rsync says that it did at the returning site. That is no proof: it may say so before the other end fails.
    let brought: Set<TreePath>
    /// Whether what only the returning site has is marked as left over: where nothing is deleted, and the active site is the one that
    /// the job sends from.
    var marksLeftOver = false

    /// - Parameters:
    ///   - now: the returning tree after the pass.
    ///   - there: the active tree after it; nil where all that it was to be given is known to have come, and it was to lose nothing.
    func after(returning now: Manifest, active there: Manifest?) -> Manifest {
        let items = Dictionary(uniqueKeysWithValues: plan.items.map { ($0.path, $0) })
        var old = stillApart(now, there)
        let common = now.records.filter { record in
            let isCommon =
                items[record.path].map { bothHave(record, $0, there) }
                ?? returning[record.path].map { $0.agrees(with: record.entry) } ?? false
            if !isCommon { old.insert(record.path) }
            return isCommon
        }
        // The next look for what is not mounted any more is at the active tree.
        let next = Manifest(common).replacing(old, from: base).mounted(as: active)
        guard marksLeftOver else { return next }
        let given = Set(plan.given(to: .active).map(\.path))
        return next.leftOver { active[$0] == nil && !given.contains($0) }
    }

    /// Whether both have what the returning tree has at a path of the plan.
    private func bothHave(_ record: Manifest.Record, _ item: FilePlan.Item, _ there: Manifest?) -> Bool {
        let isAsPlanned = item.result?.agrees(with: record.entry) ?? false
        if item.outcome == .version(of: .returning) {
            guard isAsPlanned, let there else { return isAsPlanned }
            return there[record.path]?.agrees(with: record.entry) ?? false
        }
        // What was written at the active site meanwhile came instead. What is as it was before has not come.
        let isAsBefore = item.returning?.agrees(with: record.entry) ?? false
        return isAsPlanned || (brought.contains(record.path) && !isAsBefore)
    }

    /// What only the active tree has, and the base goes on knowing of: what the returning site deleted long ago, where nothing is deleted
    /// at the other, and what could not be removed.
    private func stillApart(_ now: Manifest, _ there: Manifest?) -> Set<TreePath> {
        let leftOver = base.records.filter {
            $0.entry.isLeftOver && now[$0.path] == nil && active[$0.path] != nil
        }
        let stuck = plan.removed(at: .active).filter { item in
            guard let known = item.active else { return false }
            return there?[item.path]?.agrees(with: known) ?? false
        }
        return Set(leftOver.map(\.path) + stuck.map(\.path))
    }
}
