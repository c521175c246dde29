import Foundation
import Settings

/// The base of a later failback: what the receiving tree holds after a run. It is looked at there, not at the sending end:
/// nothing may be in the base that never arrived.
extension RsyncMover {
    /// What is known of what both trees had in common.
    struct Base: Sendable {
        let stored: StoredManifest?
        /// The stored one without what travelled since.
        let manifest: Manifest
        /// What a pass was about to bring to the returning site when it began.
        let pending: Manifest
        /// False when something may have travelled that nobody noted.
        let isExact: Bool

        /// The base for a comparison with a returning tree: what a pass that was cut off did bring counts as common.
        func against(_ returning: Manifest) -> Manifest {
            let arrived = pending.records.filter { returning[$0.path]?.agrees(with: $0.entry) ?? false }
            return manifest.replacing(Set(arrived.map(\.path)), from: pending)
        }
    }

    /// After a forward run: looks at the receiving tree, or notes what travelled since the last look.
    func noteTravelled(
        _ outcome: RsyncRun.Outcome, _ record: inout RunRecord, _ options: SyncOptions, isGood: Bool, epoch: Int
    ) async throws {
        let isWhole = options.paths == nil && isGood
        // What is deleted at the sending site is no event where nothing is deleted at the other, but its tree gets smaller.
        let hasLost = !settings.delete && record.manifestFiles != outcome.stats.files
        if isWhole, record.wantsManifest(moved: !outcome.events.isEmpty || hasLost, now: Self.now()) {
            let began = ContinuousClock.now
            let at = Int64(Self.now() * 1000)
            try await writeBase(try await received(), site: to.site, epoch: epoch, at: at)
            record.manifestAt = at
            record.manifestFiles = outcome.stats.files
            record.manifestSeconds = (ContinuousClock.now - began) / .seconds(1)
            record.isDoubtful = false
        } else if let at = record.manifestAt, !outcome.events.isEmpty {
            // What a connection that broke had brought was not told to its end.
            if outcome.exit == .unreachable || outcome.exit == .failed { record.isDoubtful = true }
            let end = try home()
            let path = "\(end.path)\(StateNames.home(job))/touched-\(at)"
            let bytes = Array(outcome.events.map { $0.path.bytes + [0] }.joined())
            try await BlockingWork.run("sb-state") { try LocalFiles.append(bytes, to: path) }
        }
    }

    /// What the receiving tree holds. Where nothing is deleted, what the sending one has deleted is marked: a way back does not bring it
    /// there again.
    private func received() async throws -> Manifest {
        let there = try await look(to).manifest()
        guard !settings.delete else { return there }
        let sent = try await TreeLook(end: from, filter: filter, withHashes: false).manifest()
        return there.leftOver { sent[$0] == nil }
    }

    /// Writes a base at both ends, so that the loss of either does not lose it.
    func writeBase(_ manifest: Manifest, site: String, epoch: Int, at: Int64) async throws {
        let bytes = ManifestCodec.encode(
            StoredManifest(job: job, site: site, epoch: epoch, takenAt: at, manifest: manifest))
        for end in [to, from] { try await StateFolder(end: end).write(bytes) }
        try await forgetTravelled(before: at)
    }

    /// Removes the notes of what travelled before a base was taken.
    private func forgetTravelled(before at: Int64) async throws {
        // Whoever is at neither end keeps no notes of what travelled.
        guard let home = try? home() else { return }
        let folder = "\(home.path)\(StateNames.home(job))"
        try await BlockingWork.run("sb-state") {
            for name in LocalFiles.names(in: folder) where name.hasPrefix("touched-") && name != "touched-\(at)" {
                LocalFiles.removeTree("\(folder)/\(name)")
            }
        }
    }

    /// Reads the base, the later of the two ends'.
    func base() async throws -> Base {
        let ends = [StateFolder(end: from), StateFolder(end: to)]
        var stored: StoredManifest?
        for end in ends {
            guard let other = try await end.manifest(), other.job == job else { continue }
            if let known = stored, (known.epoch, known.takenAt) >= (other.epoch, other.takenAt) { continue }
            stored = other
        }
        guard let stored else { return Base(stored: nil, manifest: Manifest(), pending: Manifest(), isExact: false) }
        var touched: Set<TreePath> = []
        var isExact = true
        for end in ends {
            if let bytes = try await end.read("touched-\(stored.takenAt)") {
                touched.formUnion(bytes.split(separator: 0).map { TreePath(Array($0)) })
            }
            guard let bytes = try await end.read("runs") else { continue }
            let record = try? JSONDecoder().decode(RunRecord.self, from: Data(bytes))
            if record?.casts(doubtOnManifestOf: stored.epoch) ?? true { isExact = false }
        }
        let pending = try await StateFolder(end: to).read("pending").flatMap(ManifestCodec.decode)
        return Base(
            stored: stored, manifest: stored.manifest.without(touched),
            pending: pending?.takenAt == stored.takenAt ? pending?.manifest ?? Manifest() : Manifest(), isExact: isExact
        )
    }

    // MARK: Freezing

    public func freeze(epoch: Int) async throws -> FreezeReport {
        let state = StateFolder(end: to)
        let known = try await marker(of: to, under: epoch)
        if let known, known.job != job || known.site != to.site { throw foreign(to, known) }
        if known == nil { try await refuseUnmounted() }
        // Done before, and people may have written there since: to look again would take their files for the old ones. A manifest
        // of this epoch alone does not tell: the runs ahead of a switchover's last one leave one as well.
        if epoch > 0, known?.epoch == epoch, known?.hasOwn == true, try await kept(at: to).epoch == epoch,
            let stored = try await state.manifest(), stored.epoch == epoch
        {
            if let stayed = try await keepOut(of: to, before: epoch) { throw stayed }
            return FreezeReport(job: job, epoch: epoch, files: stored.manifest.fileCount)
        }
        // From here on no rsync of an older epoch can begin or put a file in its place.
        let stayed = try await leadAnyway(to, TreeMarker(job: job, site: to.site, epoch: epoch, hasOwn: true))
        let manifest = try await frozen()
        // People write there once nobody waits for this any more: what was seen since is no base.
        try Task.checkCancellation()
        let at = Int64(Self.now() * 1000)
        let stored = StoredManifest(job: job, site: to.site, epoch: epoch, takenAt: at, manifest: manifest)
        // What an earlier way back did is no part of the next one's report.
        let report = try encoded(FailbackReport(job: job, epoch: epoch, passes: []))
        let files = ["manifest": ManifestCodec.encode(stored), "failback": report]
        try await state.write(files)
        // The other end may be gone, and people wait.
        let other = StateFolder(end: from)
        await atMost(.seconds(3)) { try? await other.write(files) }
        try await forgetTravelled(before: at)
        if let stayed { throw stayed }
        return FreezeReport(job: job, epoch: epoch, files: manifest.fileCount)
    }

    /// What the receiving tree holds when the site moves. What is marked in the base that it has stays marked, as long as it is what was marked: the sender
    /// may have it again.
    private func frozen() async throws -> Manifest {
        let there = try await look(to).manifest()
        guard !settings.delete, let base = try await StateFolder(end: to).manifest()?.manifest else { return there }
        return there.leftOver { path in
            guard let marked = base[path], marked.isLeftOver, let now = there[path] else { return false }
            return now.hasContent(of: marked)
        }
    }

    /// Marks a tree also where what is under way there cannot be kept out: a site that is lost is left all the same, and then nobody may
    /// begin under an older epoch, nor send over what people write.
    ///
    /// - Returns: why it cannot be kept out, to be thrown when all else is done; nil when it is.
    private func leadAnyway(_ end: TreeEnd, _ marker: TreeMarker) async throws -> FileSyncError? {
        let stayed = try await keepOut(of: end, before: marker.epoch)
        try await StateFolder(end: end).write(marker)
        return stayed
    }

    /// A tree that has lost its marker and is empty is a disk that is not mounted. As the base of a failback it would say that all
    /// files were deleted there.
    private func refuseUnmounted() async throws {
        guard try await look(to).isEmpty(), await wasSentTo() else { return }
        throw FileSyncError(
            .refused,
            "the tree of \(job) at \(to.site) is empty and has lost its marker \(StateNames.home(job))/marker, and files were sent to it before: it may be unmounted",
            hint: "mount it, then go on; if it is right as it is, run \"switchback files plan \(job) --adopt\"")
    }

    /// Whether the receiving tree was part of a run, by what is remembered of the runs or lies at the other end: a run marks the
    /// receiving tree before anything else.
    private func wasSentTo() async -> Bool {
        if let record = try? await record(), record.runs > 0 { return true }
        let other = StateFolder(end: from)
        let isKnown: Bool? = await atMost(.seconds(3)) {
            if let marker = try? await other.marker(), marker.job == job { return true }
            return (try? await other.manifest()) != nil
        }
        return isKnown ?? false
    }

    public func regain(epoch: Int) async throws {
        // A tree that was never part of a run is marked by its first one.
        guard let known = try await marker(of: from, under: epoch) else { return }
        guard known.job == job, known.site == from.site else { throw foreign(from, known) }
        let fresh = TreeMarker(job: job, site: from.site, epoch: epoch, hasOwn: known.hasOwn == true)
        if let stayed = try await leadAnyway(from, fresh) { throw stayed }
    }

    /// Waits for work, and cancels it when its time is up.
    /// - Returns: what came of it; nil when it had no end.
    @discardableResult private func atMost<Value: Sendable>(
        _ limit: Duration, _ work: @escaping @Sendable () async -> Value
    ) async -> Value? {
        await withTaskGroup(of: Value?.self) { group in
            group.addTask { await work() }
            group.addTask {
                try? await Task.sleep(for: limit)
                return nil
            }
            let first = await group.next() ?? nil
            group.cancelAll()
            return first
        }
    }

    /// The marker of a tree that an epoch may still write to. Here it is told whether the epoch is over there, and nowhere else but where
    /// a run is judged before it begins (`TreeGuard`).
    ///
    /// - Parameter seen: the latest epoch that anything else in the tree tells of.
    /// - Throws: `FileSyncError` of kind `stale` where the tree is under a later one.
    func marker(of end: TreeEnd, under epoch: Int, seen: Int = 0) async throws -> TreeMarker? {
        let known = try await StateFolder(end: end).marker()
        let latest = max(seen, known?.epoch ?? 0)
        guard latest <= epoch else {
            throw FileSyncError(
                .stale,
                "the files of \(job) at \(end.site) are under epoch \(latest) already, later than \(epoch)",
                hint: "\"switchback status\" tells where the site is")
        }
        return known
    }

    private func foreign(_ end: TreeEnd, _ marker: TreeMarker) -> FileSyncError {
        FileSyncError(
            .refused, "the tree of \(job) at \(end.site) is marked as that of \(marker.job) at \(marker.site)",
            hint: "mend files.\(job).path or what is mounted there")
    }

    // MARK: Housekeeping

    /// Removes what was set aside longer ago than is to be kept, at both ends.
    ///
    /// - Throws: `FileSyncError` of kind `refused`, before anything is removed, where something was noted in what is the future by this
    ///   machine's clock: then nobody knows how old anything is.
    public func tidy() async throws {
        let now = Self.now()
        let ends = [StateFolder(end: from), StateFolder(end: to)]
        var aside: [[String]] = []
        for end in ends { aside.append(try await end.folders(in: "backup")) }
        var noted = aside.joined().compactMap { Self.seconds(ofStamp: $0) }
        if let success = (try? await record())?.lastSuccess { noted.append(success) }
        try checkClock(now, noted)
        let oldest = now - settings.keepBackups / .seconds(1)
        for (end, names) in zip(ends, aside) {
            let old = names.filter { name in Self.seconds(ofStamp: name).map { $0 < oldest } ?? false }
            try await end.removeFolders(old, in: "backup")
            // Folders that were taken away and could not be removed at once.
            try await end.removeFolders(end.folders().filter { $0.hasPrefix(StateNames.gonePrefix) })
        }
    }

    /// By how much the clocks of the two ends may differ, in seconds.
    private static let clocksDiffer = 60.0

    /// A clock that is or was wrong makes new things old.
    private func checkClock(_ now: Double, _ noted: [Double]) throws {
        guard let latest = noted.max(), latest > now + Self.clocksDiffer else { return }
        throw FileSyncError(
            .refused,
            "what was set aside of \(job) is kept, however old: something was noted \(JobSchedule.text(latest - now)) ahead of this machine's clock",
            hint:
                "mend the clock; if it is right, rename the folders in \(StateNames.home(job))/backup that are dated in the future, at both ends"
        )
    }

    /// When a backup folder was begun.
    static func seconds(ofStamp stamp: String) -> Double? {
        let digits = stamp.prefix(16).filter(\.isNumber)
        guard stamp.count >= 16, digits.count == 14 else { return nil }
        let number = Array(digits)
        func part(_ range: Range<Int>) -> String { String(number[range]) }
        let text =
            "\(part(0..<4))/\(part(4..<6))/\(part(6..<8))-\(part(8..<10)):\(part(10..<12)):\(part(12..<14))"
        return RsyncOutput.seconds(text).map(Double.init)
    }
}
