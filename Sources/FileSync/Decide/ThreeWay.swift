/// The comparison of both trees with what they last had in common.
public enum ThreeWay {
    /// Plans a failback.
    ///
    /// - Parameters:
    ///   - base: what both had: the receiving tree at the last good run. Nothing may be in it that one of them never had.
    ///   - baseIsExact: false when the base may be older than what travelled last; then nothing counts as deleted.
    ///   - rule: for paths that both changed.
    ///   - deletes: whether what is gone at the one side goes at the other. Otherwise it stays there, and is not brought back to the
    ///     side that deleted it either.
    ///   - copySuffix: what is appended to a name where both versions are kept: `.conflict-primary-20260101T000000Z`.
    public static func plan(
        base: Manifest, returning: Manifest, active: Manifest, rule: FileRule, baseIsExact: Bool = true,
        deletes: Bool = true, copySuffix: String = ".conflict"
    ) -> FilePlan {
        var items: [FilePlan.Item] = []
        join(base.records, returning.records, active.records) { path, base, returning, active in
            guard let (reason, outcome) = decide(base, returning, active, rule, baseIsExact, deletes) else { return }
            var item = FilePlan.Item(
                path: path, reason: reason, outcome: outcome, base: base, returning: returning, active: active)
            if reason == .delete, !deletes { item.stays = .returning }
            if reason == .restore, outcome == .nothing { item.stays = .active }
            items.append(item)
        }
        settleFolders(&items)
        var plan = FilePlan()
        for side in Side.allCases {
            let count = items.count { $0.stays == side }
            if count > 0 { plan.staying[side] = count }
        }
        items.removeAll { $0.stays != nil }
        if rule == .keepBoth { nameCopies(&items, suffix: copySuffix, returning: returning, active: active) }
        plan.items = items
        return plan
    }

    /// One path: nil when there is nothing to do. Where nothing is deleted, a path that only one side has any more may stay there alone:
    /// it is one to delete then, or one to restore with nothing as its outcome.
    static func decide(
        _ base: FileEntry?, _ returning: FileEntry?, _ active: FileEntry?, _ rule: FileRule, _ baseIsExact: Bool,
        _ deletes: Bool = true
    ) -> (FilePlan.Reason, FilePlan.Outcome)? {
        if agree(returning, active) { return nil }
        // What the returning site had when they parted.
        let had = base?.isLeftOver == true && baseIsExact && !deletes ? nil : base
        if base != nil, had == nil, returning == nil, agree(base, active) { return (.restore, .nothing) }
        switch (agree(had, returning), agree(base, active)) {
        case (true, _):
            if active != nil { return (.copyBack, .version(of: .active)) }
            return baseIsExact ? (.delete, .nothing) : (.rescue, .version(of: .returning))
        case (false, true):
            return returning != nil ? (.rescue, .version(of: .returning)) : (.restore, .version(of: .active))
        case (false, false):
            return (.conflict, settle(returning, active, rule, deletes))
        }
    }

    private static func settle(
        _ returning: FileEntry?, _ active: FileEntry?, _ rule: FileRule, _ deletes: Bool
    ) -> FilePlan.Outcome {
        guard let returning else {
            return deletes && rule == .side(.returning) ? .nothing : .version(of: .active)
        }
        guard let active else {
            return deletes && rule == .side(.active) ? .nothing : .version(of: .returning)
        }
        switch rule {
        case .side(let side): return .version(of: side)
        case .keepBoth: return .version(of: .active)
        case .newer:
            let areFolders = returning.kind == .folder || active.kind == .folder
            return .version(of: !areFolders && returning.time.isLater(than: active.time) ? .returning : .active)
        }
    }

    private static func agree(_ left: FileEntry?, _ right: FileEntry?) -> Bool {
        switch (left, right) {
        case (nil, nil): true
        case (let left?, let right?): left.agrees(with: right)
        default: false
        }
    }

    // MARK: Folders

    /// Sees to it that whatever is there in the end has folders above it.
    ///
    /// A folder that is to go and has something in it that is to stay, stays. Where one side has a folder and the other a
    /// file, the active side's shape holds: what the other has there goes to the backup folder. All that lies below such a
    /// path is among the items, for the side that has no folder there has nothing below it. What stays at one side alone
    /// asks for nothing at the other, and gives way to another shape like the rest.
    private static func settleFolders(_ items: inout [FilePlan.Item]) {
        var places: [TreePath: Int] = [:]
        for (index, item) in items.enumerated() where item.returning?.kind == .folder || item.active?.kind == .folder {
            places[item.path] = index
        }
        guard !places.isEmpty else { return }
        // First what the active side has, for its folders hold; then the rest.
        for side in [Side.active, .returning] {
            for index in items.indices where items[index].outcome == .version(of: side) || items[index].stays == side {
                for ancestor in items[index].path.ancestors.reversed() {
                    guard let place = places[ancestor], items[place].result?.kind != .folder else { continue }
                    if items[index].stays != nil, items[place].stays == side { continue }
                    guard let keeper = keeper(of: items[place], for: side) else {
                        items[index].reason = .displaced
                        items[index].outcome = .nothing
                        items[index].stays = nil
                        break
                    }
                    items[place].stays = nil
                    if items[place].result != nil || items[place].reason == .conflict {
                        items[place].reason = .displaced
                    } else {
                        items[place].reason = keeper == .active ? .restore : .rescue
                    }
                    items[place].outcome = .version(of: keeper)
                }
            }
        }
    }

    /// Whose folder is kept at a path for something of `side` that lies below it; nil when it must give way.
    private static func keeper(of item: FilePlan.Item, for side: Side) -> Side? {
        guard item.entry(of: side)?.kind == .folder else { return nil }
        // Nothing is there in the end, or what is there gives way to a folder of the active side.
        return item.result == nil || side == .active ? side : nil
    }

    // MARK: Both versions

    private static func nameCopies(
        _ items: inout [FilePlan.Item], suffix: String, returning: Manifest, active: Manifest
    ) {
        var given: Set<TreePath> = []
        for index in items.indices where items[index].reason == .conflict {
            let item = items[index]
            guard let lost = item.returning, item.active != nil, item.outcome == .version(of: .active),
                lost.kind == .file || lost.kind == .link
            else { continue }
            var name = copyName(item.path, suffix)
            var number = 1
            while returning[name] != nil || active[name] != nil || !given.insert(name).inserted {
                number += 1
                name = copyName(item.path, "\(suffix)-\(number)")
            }
            items[index].copyName = name
        }
    }

    /// The path with a suffix, its last name shortened to what a file system takes: 255 bytes.
    private static func copyName(_ path: TreePath, _ suffix: String) -> TreePath {
        let start = path.bytes.lastIndex(of: TreePath.slash).map { $0 + 1 } ?? 0
        var name = path.bytes[start...].prefix(max(1, 255 - suffix.utf8.count))
        // Not in the middle of a character: what follows its first byte begins with the bits 10.
        if name.endIndex < path.bytes.endIndex {
            while name.count > 1, path.bytes[name.endIndex] & 0xC0 == 0x80 { name = name.dropLast() }
        }
        return TreePath(Array(path.bytes[..<start]) + Array(name) + Array(suffix.utf8))
    }

    // MARK: Joining

    /// Walks three sorted lists together.
    private static func join(
        _ first: [Manifest.Record], _ second: [Manifest.Record], _ third: [Manifest.Record],
        _ body: (TreePath, FileEntry?, FileEntry?, FileEntry?) -> Void
    ) {
        var places = (0, 0, 0)
        while true {
            let heads = [
                places.0 < first.count ? first[places.0].path : nil,
                places.1 < second.count ? second[places.1].path : nil,
                places.2 < third.count ? third[places.2].path : nil,
            ]
            guard let path = heads.compactMap({ $0 }).min() else { return }
            var entries: (FileEntry?, FileEntry?, FileEntry?) = (nil, nil, nil)
            if heads[0] == path {
                entries.0 = first[places.0].entry
                places.0 += 1
            }
            if heads[1] == path {
                entries.1 = second[places.1].entry
                places.1 += 1
            }
            if heads[2] == path {
                entries.2 = third[places.2].entry
                places.2 += 1
            }
            body(path, entries.0, entries.1, entries.2)
        }
    }
}
