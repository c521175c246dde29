/// What a tree held at a moment, by path.
public struct Manifest: Sendable, Hashable {
    public struct Record: Sendable, Hashable {
        public let path: TreePath
        public var entry: FileEntry

        public init(_ path: TreePath, _ entry: FileEntry) {
            self.path = path
            self.entry = entry
        }
    }

    /// In the order of their paths, each path once.
    public private(set) var records: [Record]

    /// - Parameter records: in any order.
    public init(_ records: [Record] = []) {
        self.records = records
        var isSorted = true
        for index in records.indices.dropFirst() where records[index].path <= records[index - 1].path {
            isSorted = false
            break
        }
        if !isSorted { self.records = Self.sorted(records) }
    }

    /// Sorts places instead of records, which are large and refer to other memory.
    private static func sorted(_ records: [Record]) -> [Record] {
        var order = records.indices.map { UInt32($0) }
        records.withUnsafeBufferPointer { records in
            order.sort { records[Int($0)].path < records[Int($1)].path }
        }
        return order.map { records[Int($0)] }
    }

    /// What is at a path.
    public subscript(_ path: TreePath) -> FileEntry? {
        var low = 0
        var high = records.count
        while low < high {
            let middle = (low + high) / 2
            if records[middle].path < path { low = middle + 1 } else { high = middle }
        }
        return low < records.count && records[low].path == path ? records[low].entry : nil
    }

    /// How many files and links there are; folders do not count.
    public var fileCount: Int { records.count { $0.entry.kind != .folder } }

    /// Whether nothing is in it but what a file system has of its own in its root.
    var isBare: Bool {
        let own = TreePath(StateNames.lostAndFound)
        return records.allSatisfy { $0.path == own || $0.path.lies(below: own) }
    }

    /// Without some paths: as if nothing were known of them.
    func without(_ paths: Set<TreePath>) -> Manifest {
        paths.isEmpty ? self : Manifest(records.filter { !paths.contains($0.path) })
    }

    /// With what another says of some paths, or with nothing there if it says nothing.
    func replacing(_ paths: Set<TreePath>, from other: Manifest) -> Manifest {
        guard !paths.isEmpty else { return self }
        let kept = records.filter { !paths.contains($0.path) }
        return Manifest(kept + paths.compactMap { path in other[path].map { Record(path, $0) } })
    }
}

extension Manifest {
    /// With a mark at what the sending site did not have.
    ///
    /// - Parameter isMissing: whether it did not have a path.
    func leftOver(where isMissing: (TreePath) -> Bool) -> Manifest {
        Manifest(
            records.map { record in
                var record = record
                record.entry.isLeftOver = isMissing(record.path)
                return record
            })
    }

    /// With another one's mount points in the place of its own.
    func mounted(as other: Manifest) -> Manifest {
        Manifest(
            records.map { record in
                guard record.entry.kind == .folder else { return record }
                var record = record
                record.entry.isMount = other[record.path]?.isMount ?? false
                return record
            })
    }
}

/// A manifest as it is stored: of which job, tree and epoch it is, and when it was taken.
public struct StoredManifest: Sendable, Hashable {
    public let job: String
    /// The site whose tree was looked at, and whose mount points are in it.
    public let site: String
    public let epoch: Int
    /// In milliseconds since 1970; tells manifests of one job apart.
    public let takenAt: Int64
    public var manifest: Manifest

    public init(job: String, site: String, epoch: Int, takenAt: Int64, manifest: Manifest) {
        self.job = job
        self.site = site
        self.epoch = epoch
        self.takenAt = takenAt
        self.manifest = manifest
    }
}
