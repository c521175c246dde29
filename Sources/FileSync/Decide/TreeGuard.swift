/// What stands in a tree's state folder: whose tree it is, and under which epoch it was last written.
public struct TreeMarker: Sendable, Hashable, Codable {
    public let job: String
    public let site: String
    public var epoch: Int
    /// Set when people wrote here while the site that sends was not the active one: what the tree holds may be nowhere
    /// else. Nothing is sent over it before both were compared.
    public var hasOwn: Bool?

    public init(job: String, site: String, epoch: Int, hasOwn: Bool = false) {
        self.job = job
        self.site = site
        self.epoch = epoch
        self.hasOwn = hasOwn ? true : nil
    }
}

/// Whether a tree may be written to from another: an empty, unmounted or wrong root never empties the other side, and
/// nobody who missed a move of the site overwrites what was written after it.
public enum TreeGuard {
    /// What was seen at one end.
    public struct Look: Sendable, Hashable {
        public let site: String
        public let marker: TreeMarker?
        /// Whether nothing is in it that belongs to the job's tree; nil where it was not looked at.
        public let isEmpty: Bool?

        public init(site: String, marker: TreeMarker?, isEmpty: Bool?) {
            self.site = site
            self.marker = marker
            self.isEmpty = isEmpty
        }
    }

    public enum Verdict: Sendable, Hashable {
        /// Go; first write these markers.
        case go(source: TreeMarker?, destination: TreeMarker?)
        /// Somebody else has moved the site on: this end's knowledge is old.
        case stale(reason: String, hint: String)
        case refuse(reason: String, hint: String)
    }

    /// - Parameters:
    ///   - epoch: under which the site is believed to be active.
    ///   - adopt: whether somebody said that these are the trees, whatever their markers say.
    public static func judge(
        job: String, source: Look, destination: Look, epoch: Int, adopt: Bool = false
    ) -> Verdict {
        for look in [destination, source] {
            guard let marker = look.marker, marker.epoch > epoch else { continue }
            return .stale(
                reason:
                    "the files of \(job) are not sent to \(destination.site): its tree at \(look.site) was last written under epoch \(marker.epoch), and \(source.site) is known as active under epoch \(epoch) only",
                hint:
                    "the site has moved; \"switchback status\" tells where it is, and \"switchback failback\" brings the files back"
            )
        }
        let sourceMarker = TreeMarker(job: job, site: source.site, epoch: epoch)
        let destinationMarker = TreeMarker(job: job, site: destination.site, epoch: epoch)
        if !adopt {
            for look in [source, destination] {
                guard let marker = look.marker, marker.job != job || marker.site != look.site else { continue }
                return .refuse(
                    reason:
                        "the tree of \(job) at \(look.site) is marked as that of \(marker.job) at \(marker.site)",
                    hint:
                        "mend files.\(job).path or what is mounted there; if it is right, run \"switchback files sync \(job) --adopt\""
                )
            }
            if let missing = missing(source, destination) {
                return .refuse(
                    reason:
                        "the tree of \(job) at \(missing.site) has lost its marker \(StateNames.home(job))/marker: it may be unmounted, or another one",
                    hint: "mount it; if it is right, run \"switchback files sync \(job) --adopt\"")
            }
        }
        if source.isEmpty == true, destination.isEmpty != true {
            return .refuse(
                reason: "the tree of \(job) at \(source.site) is empty, and the one at \(destination.site) is not",
                hint: "mount it, or put the files back; an empty tree never empties the other")
        }
        return .go(
            source: source.marker == sourceMarker ? nil : sourceMarker,
            destination: destination.marker == destinationMarker ? nil : destinationMarker)
    }

    /// The end that has lost its marker. Where neither has one, it is the first run.
    private static func missing(_ source: Look, _ destination: Look) -> Look? {
        switch (source.marker, destination.marker) {
        case (nil, .some): source
        case (.some, nil): destination
        default: nil
        }
    }

    /// Folders that were mount points and are none now: what was mounted there would look deleted. What is mounted at one site
    /// need not be at the other, so that only what was seen at the same site tells.
    ///
    /// - Parameter recorded: the site whose mount points are in the base; nil where there is none.
    static func unmounted(base: Manifest, of recorded: String?, now: Manifest, at site: String) -> [TreePath] {
        guard recorded == site else { return [] }
        return base.records.filter { $0.entry.isMount && now[$0.path]?.isMount == false }.map(\.path)
    }

    /// Mount points in which something lay and nothing lies now: another file system in the place of the one that belongs there. The parameters are those of `unmounted`.
    static func emptied(base: Manifest, of recorded: String?, now: Manifest, at site: String) -> [TreePath] {
        guard recorded == site else { return [] }
        return base.records.filter { $0.entry.isMount && now[$0.path]?.isMount == true }.map(\.path)
            .filter { base.hasContent(below: $0) && !now.hasContent(below: $0) }
    }

    /// What a new file system has in it from the start.
    static let ofEveryFileSystem = "lost+found"
}

/// How many files one run may delete.
public struct DeletionLimit: Sendable, Hashable {
    public let absolute: Int
    /// Of the files that there are.
    public let percent: Int

    public init(absolute: Int, percent: Int) {
        self.absolute = absolute
        self.percent = percent
    }

    /// The lesser of the two, and at least one: a tree of a few files could otherwise never lose one.
    ///
    /// - Parameter files: how many there are; nil where nobody has counted yet.
    public func most(of files: Int?) -> Int {
        // All of them is no limit: files that came since they were counted may go as well.
        guard let files, percent < 100 else { return absolute }
        return min(absolute, max(1, files / 100 * percent + files % 100 * percent / 100))
    }

    /// What runs of single paths may delete in a small tree before the next run over the whole tree.
    private static let few = 20

    /// The same for a run that others came before: many small deletions are a large one.
    ///
    /// - Parameter deleted: by runs of single paths since the last run over the whole tree; nil for a run over the whole tree.
    public func most(of files: Int?, after deleted: Int?) -> Int {
        let most = most(of: files)
        guard let deleted else { return most }
        return max(0, min(most, max(most, min(absolute, Self.few)) - deleted))
    }
}

extension Manifest {
    /// Whether a folder that another file system is mounted on has anything in it.
    fileprivate func hasContent(below folder: TreePath) -> Bool {
        let prefix = folder.bytes + Array("/".utf8)
        let own = prefix + Array(TreeGuard.ofEveryFileSystem.utf8)
        return records.contains { $0.path.bytes.starts(with: prefix) && !$0.path.bytes.starts(with: own) }
    }
}
