import Foundation
import Settings

/// The way back: what was written at the active site goes to the returning one, and what only the returning one has is
/// rescued. rsync alone cannot tell a deleted file from one that never arrived; the base can.
extension RsyncMover {
    /// Both trees as they are, what they had in common, and what follows from that.
    private struct Outlook {
        let site: ActiveSite
        let base: Base
        let common: Manifest
        let returning: Manifest
        let active: Manifest
        let plan: FilePlan
    }

    private var rule: FileRule {
        switch settings.conflict {
        case .newer: .newer
        case .keepBoth: .keepBoth
        case .site(let site): .side(site == to.site ? .active : .returning)
        }
    }

    private func name(_ side: Side) -> String { side == .active ? to.site : from.site }
    private func end(_ side: Side) -> TreeEnd { side == .active ? to : from }

    private func outlook(stamp: String) async throws -> Outlook {
        let site = try await active.activeSite()
        async let returningTree = look(from).manifest()
        async let activeTree = look(to).manifest()
        let base = try await base()
        let (returning, active) = try await (returningTree, activeTree)
        let known = base.against(returning)
        // Marked is what the job's sending site has deleted. Where that is the active one, the returning one has it.
        let common = from.site == settings.from ? known : known.leftOver { _ in false }
        let plan = ThreeWay.plan(
            base: common, returning: returning, active: active, rule: rule, baseIsExact: base.isExact,
            deletes: settings.delete, copySuffix: ".conflict-\(from.site)-\(stamp)")
        return Outlook(site: site, base: base, common: common, returning: returning, active: active, plan: plan)
    }

    public func plan() async throws -> MovePlan {
        _ = try home()
        let outlook = try await outlook(stamp: Self.stamp())
        return described(outlook, obstacle: try await obstacle(outlook))
    }

    private func described(_ outlook: Outlook, obstacle: String?) -> MovePlan {
        let entries = outlook.plan.items.map { item in
            MovePlan.Entry(
                path: "\(item.path)", reason: item.reason.rawValue, keeps: keeps(item),
                setsAside: item.loser.map(name), copy: item.copyName?.description, bytes: item.bytes)
        }
        let staying = Side.allCases.compactMap { side in
            outlook.plan.staying[side].map { MovePlan.Staying(site: name(side), paths: $0) }
        }
        return MovePlan(
            job: job, active: to.site, returning: from.site, hasBase: outlook.base.stored != nil, entries: entries,
            files: entries.count, bytes: outlook.plan.bytes, staying: staying, obstacle: obstacle)
    }

    private func keeps(_ item: FilePlan.Item) -> String? {
        switch item.outcome {
        case .version(let side): name(side)
        case .nothing: nil
        }
    }

    // MARK: Guards

    /// Why nothing may move as things are.
    private func obstacle(_ outlook: Outlook) async throws -> String? {
        let source = try await look(at: to)
        let destination = try await look(at: from)
        if let guarded = judge(outlook, source, destination) { return guarded }
        let unmounted = TreeGuard.unmounted(
            base: outlook.common, of: outlook.base.stored?.site, now: outlook.active, at: to.site)
        if let first = unmounted.first {
            return "\(first) at \(to.site) was a mount point and is none now: its files would look deleted"
        }
        let emptied = TreeGuard.emptied(
            base: outlook.common, of: outlook.base.stored?.site, now: outlook.active, at: to.site)
        if settings.delete, let first = emptied.first {
            return
                "what is mounted at \(first) at \(to.site) is empty, and something lay there: its files would look deleted; mount what belongs there, or put a file into it if it is right"
        }
        let deletions = outlook.plan.removed(at: .returning).count { $0.returning?.kind != .folder }
        let limit = DeletionLimit(absolute: settings.maxDeletions, percent: settings.maxDeletionsPercent)
        let most = limit.most(of: outlook.returning.fileCount)
        guard deletions <= most else {
            return
                "\(deletions) files would be deleted at \(from.site), and the limit is \(most): look at \"switchback files plan \(job)\"; if it is right, raise files.\(job).max_deletions and max_deletions_percent"
        }
        return nil
    }

    private func judge(_ outlook: Outlook, _ source: TreeGuard.Look, _ destination: TreeGuard.Look) -> String? {
        let isNew = destination.marker == nil && outlook.returning.isBare
        let verdict = TreeGuard.judge(
            job: job,
            source: TreeGuard.Look(
                site: to.site, marker: source.marker, isEmpty: outlook.active.isBare),
            destination: TreeGuard.Look(
                site: from.site,
                // An empty tree without a marker is a new disk: all of it is put back, and there is nothing to lose.
                marker: isNew ? TreeMarker(job: job, site: from.site, epoch: outlook.site.epoch) : destination.marker,
                isEmpty: outlook.returning.isBare),
            epoch: outlook.site.epoch)
        switch verdict {
        case .go: return nil
        case .stale(let reason, _): return reason
        case .refuse(let reason, let hint):
            return reason + "; " + hint.replacing("files sync \(job) --adopt", with: "files plan \(job) --adopt")
        }
    }

    /// Marks both trees as the job's, because somebody said that they are.
    public func adopt() async throws {
        let site = try await active.activeSite()
        for end in [from, to] {
            let state = StateFolder(end: end)
            let known: TreeMarker?
            do { known = try await marker(of: end, under: site.epoch) } catch let error as FileSyncError {
                if error.kind == .stale { continue }
                // One that cannot be read is written anew.
                known = nil
            }
            try await state.write(
                TreeMarker(
                    job: job, site: end.site, epoch: site.epoch,
                    hasOwn: known?.hasOwn == true || (end.site == to.site && site.site == to.site)))
        }
    }

    // MARK: Passes

    public func pass(
        isFinal: Bool, progress: @escaping @Sendable (MoveProgress) -> Void
    ) async throws -> PassReport {
        let lock = try await locked()
        defer { lock.release() }
        return try await lockedPass(isFinal: isFinal, isOfPlan: true, progress)
    }

    /// A pass of whoever has the lock.
    ///
    /// - Parameter isOfPlan: whether a freeze is to come: what the disks have by then, they need not be given in it.
    func lockedPass(
        isFinal: Bool, isOfPlan: Bool = false, _ progress: @escaping @Sendable (MoveProgress) -> Void
    ) async throws -> PassReport {
        let began = ContinuousClock.now
        let earlier = try await kept(at: to)
        var done: [PassReport.Done] = []
        var first: Outlook?
        // Of a pass that was cut off nobody knows whether what it moved is on the disk. After the last one all of it is to be.
        var unflushed = written(earlier.passes.filter { $0.isCutOff == true }.flatMap(\.done))
        if isFinal { unflushed.insert(.returning) } else if isOfPlan { unflushed = [.active, .returning] }
        // In the freeze nobody writes. What went away while it was read needs another look all the same.
        for _ in 0..<(isFinal ? 3 : 1) {
            let stamp = Self.stamp()
            let before = try await ready(stamp)
            first = first ?? before
            if before.plan.isEmpty && before.base.stored?.epoch == before.site.epoch { break }
            // Before it is done: a pass that is cut off is in the report as well.
            let begun = PassReport(
                isFinal: isFinal, planned: before.plan.items.count, plannedBytes: before.plan.bytes,
                remaining: before.plan.items.count, remainingBytes: before.plan.bytes, seconds: 0,
                done: done + intended(before.plan, stamp), isCutOff: true)
            try await note(begun, after: earlier, epoch: before.site.epoch)
            let moved = try await carryOut(before, stamp, unflushed: unflushed, progress)
            unflushed = []
            done += intended(before.plan, stamp, moved: moved)
        }
        let after = try await outlook(stamp: Self.stamp())
        try await flush(unflushed, after)
        // A folder with excluded files in it cannot be removed. Nothing that travels is in it.
        let rest = after.plan.items.filter { !$0.removesFolder }
        let report = PassReport(
            isFinal: isFinal, planned: first?.plan.items.count ?? 0, plannedBytes: first?.plan.bytes ?? 0,
            remaining: rest.count, remainingBytes: rest.reduce(0) { $0 + $1.bytes },
            seconds: (ContinuousClock.now - began) / .seconds(1), done: done)
        try await note(report, after: earlier, epoch: first?.site.epoch ?? 0)
        guard !isFinal || rest.isEmpty else {
            let names = rest.prefix(3).map { "\($0.path)" }.joined(separator: ", ")
            throw FileSyncError(
                .failed,
                "the files of \(job) are not equal at \(from.site) and \(to.site) after the last pass: \(rest.count) differ: \(names)",
                hint: "look whether somebody still writes there: \"switchback files plan \(job)\"")
        }
        return report
    }

    /// - Throws: `FileSyncError` when nothing may move.
    private func ready(_ stamp: String) async throws -> Outlook {
        let outlook = try await outlook(stamp: stamp)
        guard outlook.site.site == to.site else {
            throw FileSyncError(
                .standby,
                "the files of \(job) are not brought back to \(from.site): it is the active site, under epoch \(outlook.site.epoch)",
                hint: "they go the other way: \"switchback files sync \(job)\"")
        }
        if let obstacle = try await obstacle(outlook) {
            throw FileSyncError(
                .refused, "the files of \(job) are not brought back to \(from.site): \(obstacle)",
                hint: "\"switchback files plan \(job)\" shows all that would be done")
        }
        for end in [from, to] {
            let known = try await StateFolder(end: end).marker()
            let marker = TreeMarker(
                job: job, site: end.site, epoch: outlook.site.epoch,
                hasOwn: end.site == to.site || known?.hasOwn == true)
            if known != marker { try await lead(end, marker) }
        }
        return outlook
    }

    /// - Parameter unflushed: the sides where something came before of which nobody knows whether it is on the disk.
    /// - Returns: the paths that rsync did something with, and whether content came: to the others only mode, owner or time did.
    private func carryOut(
        _ outlook: Outlook, _ stamp: String, unflushed: Set<Side>,
        _ progress: @escaping @Sendable (MoveProgress) -> Void
    ) async throws -> [TreePath: Bool] {
        let plan = outlook.plan
        let epoch = outlook.site.epoch
        try await notePending(outlook)
        try await keepBoth(plan.items, epoch: epoch, stamp: stamp)
        let toActive = plan.given(to: .active)
        let rescue = try await give(toActive, to: .active, stamp: stamp, epoch: epoch, progress)
        try await remove(plan.removed(at: .active).map { ($0.path, $0.active) }, at: to, stamp: stamp, epoch: epoch)
        try await remove(
            plan.removed(at: .returning).map { ($0.path, $0.returning) }, at: from, stamp: stamp, epoch: epoch)
        let copied = try await give(plan.given(to: .returning), to: .returning, stamp: stamp, epoch: epoch, progress)
        // Before it is in the base: what was rescued and got lost would look deleted where people write.
        try await flush(written(intended(plan, stamp)).union(unflushed), outlook)
        try await advance(outlook, rescued: rescue?.exit ?? .done, brought: copied?.events ?? [])
        if let rescue, rescue.exit != .done { throw failed(rescue, "rescued from \(from.site) to \(to.site)") }
        if let copied, copied.exit != .done, copied.exit != .vanished {
            throw failed(copied, "brought from \(to.site) to \(from.site)")
        }
        let events = (rescue?.events ?? []) + (copied?.events ?? [])
        return Dictionary(events.map { ($0.path, !$0.isOfAttributes) }) { $0 || $1 }
    }

    /// The sides where something comes or goes, by what passes did or were about to do.
    private func written(_ done: [PassReport.Done]) -> Set<Side> {
        var sides: Set<Side> = []
        for item in done {
            if item.keeps != to.site || item.copy != nil { sides.insert(.active) }
            if item.keeps != from.site || item.copy != nil { sides.insert(.returning) }
        }
        return sides
    }

    /// Brings what came to the trees of some sides to their disks, at the same time: nobody may write meanwhile in the last pass.
    private func flush(_ sides: Set<Side>, _ outlook: Outlook) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for side in sides {
                let tree = side == .active ? outlook.active : outlook.returning
                let mounts = tree.records.filter(\.entry.isMount).map(\.path)
                let flush = TreeFlush(end: end(side), mounts: mounts)
                group.addTask { try await flush.run() }
            }
            try await group.waitForAll()
        }
    }

    /// What a plan does, path by path, and where what it overwrites or removes goes.
    ///
    /// - Parameter moved: what it did, when it is done.
    private func intended(
        _ plan: FilePlan, _ stamp: String, moved: [TreePath: Bool] = [:]
    ) -> [PassReport.Done] {
        plan.items.map { item in
            let aside = settingAside(item, moved).map { side in
                "\(name(side)):\(StateNames.home(job))/backup/\(stamp)/\(item.path)"
            }
            return PassReport.Done(
                path: "\(item.path)", reason: item.reason.rawValue, keeps: keeps(item), setAside: aside,
                copy: item.copyName?.description)
        }
    }

    /// The side at which something of an item is set aside: as rsync told, or as it is to be before it has.
    private func settingAside(_ item: FilePlan.Item, _ moved: [TreePath: Bool]) -> Side? {
        guard let hasContentCome = moved[item.path] else { return item.loser }
        return hasContentCome ? item.yielding : nil
    }

    private func failed(_ outcome: RsyncRun.Outcome, _ what: String) -> FileSyncError {
        FileSyncError(
            outcome.exit == .fenced ? .stale : .failed,
            "some files of \(job) could not be \(what): \(RsyncExit.meaning(outcome.status)) (rsync status \(outcome.status)): \(outcome.complaint)",
            hint: RsyncAdvice.hint(outcome.status))
    }

    /// Moves what one side is given by the other.
    private func give(
        _ items: [FilePlan.Item], to side: Side, stamp: String, epoch: Int,
        _ progress: @escaping @Sendable (MoveProgress) -> Void
    ) async throws -> RsyncRun.Outcome? {
        guard !items.isEmpty else { return nil }
        let (source, destination) = (end(side.other), end(side))
        let run = RsyncRun(
            arguments: archive + ["--no-implied-dirs"] + asideArguments(stamp: stamp, epoch: epoch)
                + source.rsyncOptions + destination.rsyncOptions + [source.argument(), destination.argument()],
            environment: source.environment.merging(destination.environment) { $1 }, paths: items.map(\.path),
            lock: try rsyncLock())
        let outcome = try await run.run(progress: Self.rated(progress))
        // Another move of the site has begun: what it took for the base must not be written over.
        guard outcome.exit != .fenced else {
            throw failed(outcome, "brought from \(source.site) to \(destination.site)")
        }
        return outcome
    }

    /// Removes paths at one end into its backup folder: files first, then folders, the deepest first.
    private func remove(
        _ paths: [(path: TreePath, entry: FileEntry?)], at end: TreeEnd, stamp: String, epoch: Int
    ) async throws {
        let files = paths.filter { $0.entry?.kind != .folder }.map(\.path)
        let folders = Dictionary(grouping: paths.filter { $0.entry?.kind == .folder }.map(\.path), by: \.depth)
        let rounds = [files] + folders.sorted { $0.key > $1.key }.map(\.value)
        for round in rounds where !round.isEmpty {
            try await ScratchFolder.with { empty in
                // What is missing in an empty folder is removed at the other end: these paths, and nothing below them.
                let run = RsyncRun(
                    arguments: [
                        "--archive", "--no-implied-dirs", "--delete-missing-args", "--stats",
                        "--timeout=\(settings.options.timeout.components.seconds)",
                        "--out-format=\(RsyncOutput.format)",
                    ] + asideArguments(stamp: stamp, epoch: epoch) + end.rsyncOptions + [empty + "/", end.argument()],
                    environment: end.environment, paths: round, lock: try rsyncLock())
                let outcome = try await run.run()
                // The folders above them are missing in the empty folder as well, which rsync tells as vanished.
                guard outcome.exit == .done || outcome.exit == .vanished || outcome.exit == .partial else {
                    throw failed(outcome, "removed at \(end.site)")
                }
            }
        }
    }

    /// Gives the returning site's version of a conflict a name of its own, in both trees.
    private func keepBoth(_ items: [FilePlan.Item], epoch: Int, stamp: String) async throws {
        let kept = items.compactMap { item in item.copyName.map { (from: item.path, to: $0) } }
        guard !kept.isEmpty else { return }
        try await staged { stage in
            let fetch = RsyncRun(
                arguments: archive + ["--no-implied-dirs"] + from.rsyncOptions + [from.argument(), stage + "/"],
                environment: from.environment, paths: kept.map(\.from), lock: try rsyncLock())
            let fetched = try await fetch.run()
            guard fetched.exit == .done else { throw failed(fetched, "fetched from \(from.site)") }
            for pair in kept { try LocalFiles.rename(pair.from, to: pair.to, in: stage) }
            for end in [to, from] {
                let run = RsyncRun(
                    arguments: archive + ["--no-implied-dirs", "--ignore-existing"]
                        + ["--temp-dir=\(StateNames.scratch(job, epoch: epoch))"] + end.rsyncOptions
                        + [stage + "/", end.argument()],
                    environment: end.environment, paths: kept.map(\.to), lock: try rsyncLock())
                let outcome = try await run.run()
                guard outcome.exit == .done else { throw failed(outcome, "kept under a second name at \(end.site)") }
            }
        }
    }

    /// Runs a body with an empty folder beside the tree that is here: its file system keeps all that the tree's files have, such as
    /// extended attributes. Whoever has the job's lock has it alone.
    private func staged<R>(_ body: (String) async throws -> R) async throws -> R {
        let (root, name) = (try home().path, "\(StateNames.home(job))/\(StateNames.stage)")
        LocalFiles.removeTree(root + name)
        try LocalFiles.makeFolders(name, in: root, durably: false)
        defer { LocalFiles.removeTree(root + name) }
        return try await body(root + name)
    }

    // MARK: The base moves on

    /// Notes what the pass is about to bring, so that what has come when it is cut off is not taken for the returning
    /// site's own change.
    private func notePending(_ outlook: Outlook) async throws {
        let records = outlook.plan.given(to: .returning).compactMap { item in
            item.active.map { Manifest.Record(item.path, $0) }
        }
        let pending = StoredManifest(
            job: job, site: to.site, epoch: outlook.site.epoch, takenAt: outlook.base.stored?.takenAt ?? 0,
            manifest: Manifest(records))
        try await StateFolder(end: to).write(["pending": ManifestCodec.encode(pending)])
    }

    /// Makes what both trees have now the base.
    private func advance(_ outlook: Outlook, rescued: RsyncExit, brought: [RsyncOutput.Event]) async throws {
        let next = NextBase(
            plan: outlook.plan, base: outlook.common, returning: outlook.returning, active: outlook.active,
            brought: Set(brought.map(\.path)), marksLeftOver: !settings.delete && from.site != settings.from)
        let now = try await look(from).manifest()
        // What was left behind on the way to the active tree, or not removed there, is seen there only.
        let isKnown = rescued == .done && outlook.plan.removed(at: .active).isEmpty
        let there: Manifest? = try await isKnown ? nil : look(to).manifest()
        try await writeBase(
            next.after(returning: now, active: there), site: to.site, epoch: outlook.site.epoch,
            at: max(Int64(Self.now() * 1000), (outlook.base.stored?.takenAt ?? 0) + 1))
    }

    // MARK: The report

    /// Keeps a pass's report where people write: whoever moves the site next finds it there.
    private func note(_ report: PassReport, after earlier: FailbackReport, epoch: Int) async throws {
        try await keep(FailbackReport(job: job, epoch: epoch, passes: earlier.passes + [report]), at: to)
    }

    func keep(_ report: FailbackReport, at end: TreeEnd) async throws {
        try await StateFolder(end: end).write(["failback": encoded(report)])
    }

    func encoded(_ report: FailbackReport) throws -> [UInt8] { Array(try JSONEncoder().encode(report)) }

    func kept(at end: TreeEnd) async throws -> FailbackReport {
        let bytes = try await StateFolder(end: end).read("failback")
        let known = bytes.flatMap { try? JSONDecoder().decode(FailbackReport.self, from: Data($0)) }
        return known ?? FailbackReport(job: job, epoch: 0, passes: [])
    }

    public func report() async throws -> FailbackReport {
        let back = try await kept(at: to)
        // What the first forward run after a return found at the site that was left is kept at the other end.
        guard let after = try? await kept(at: from), after.epoch >= back.epoch else { return back }
        return FailbackReport(job: job, epoch: after.epoch, passes: back.passes + after.passes)
    }
}
