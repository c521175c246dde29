/// Which folders of a tree are watched, and what an event in one of them means. inotify watches single folders, so that
/// the tree is put together here.
struct WatchTree {
    /// The number by which the kernel calls a watch.
    typealias Watch = Int32

    struct Event: Sendable, Hashable {
        let watch: Watch
        let mask: UInt32
        let name: [UInt8]
    }

    /// Bits of `inotify(7)`, as the kernel has them.
    enum Mask {
        static let modify: UInt32 = 0x2
        static let attributes: UInt32 = 0x4
        static let closeWrite: UInt32 = 0x8
        static let movedFrom: UInt32 = 0x40
        static let movedTo: UInt32 = 0x80
        static let create: UInt32 = 0x100
        static let delete: UInt32 = 0x200
        static let deleteSelf: UInt32 = 0x400
        static let moveSelf: UInt32 = 0x800
        static let unmount: UInt32 = 0x2000
        static let overflow: UInt32 = 0x4000
        static let ignored: UInt32 = 0x8000
        static let isFolder: UInt32 = 0x4000_0000
        /// What is asked for.
        static let wanted =
            modify | attributes | closeWrite | movedFrom | movedTo | create | delete | deleteSelf | moveSelf
    }

    enum Action: Hashable {
        /// This path may differ now.
        case changed(TreePath)
        /// Watch this folder and all below it, and take all that is in it for changed: what came into it before it was
        /// watched made no event.
        case watch(TreePath)
        case forget(Watch)
        /// Events were lost: only a look at everything tells what changed.
        case everything
        /// The root itself went away.
        case rootLost
    }

    private var folders: [Watch: TreePath] = [:]
    private var watches: [TreePath: Watch] = [:]
    let filter: PathFilter

    init(filter: PathFilter) { self.filter = filter }

    var count: Int { folders.count }

    /// Notes a watch. The kernel gives a folder that is watched already the number that it has; one that was moved here
    /// from elsewhere keeps its number too, and has a new path.
    mutating func add(_ watch: Watch, _ folder: TreePath) {
        if let before = folders[watch], before != folder, watches[before] == watch { watches[before] = nil }
        folders[watch] = folder
        watches[folder] = watch
    }

    func isWatched(_ folder: TreePath) -> Bool { watches[folder] != nil }

    mutating func hear(_ event: Event) -> [Action] {
        if event.mask & Mask.overflow != 0 { return [.everything] }
        guard let folder = folders[event.watch] else { return [] }
        if event.mask & (Mask.ignored | Mask.unmount) != 0 {
            forget(event.watch)
            return folder.bytes.isEmpty ? [.rootLost] : []
        }
        if event.mask & (Mask.deleteSelf | Mask.moveSelf) != 0 {
            return folder.bytes.isEmpty ? [.rootLost] : []
        }
        guard !event.name.isEmpty else {
            return event.mask & Mask.attributes != 0 && !folder.bytes.isEmpty ? [.changed(folder)] : []
        }
        let path = folder.appending(event.name)
        let isFolder = event.mask & Mask.isFolder != 0
        guard !filter.excludes(path, isFolder: isFolder) else { return [] }
        guard isFolder else { return [.changed(path)] }
        if event.mask & Mask.movedFrom != 0 {
            // It may come up elsewhere in the tree, and is watched anew there.
            return forgetAll(below: path) + [.changed(path)]
        }
        if event.mask & (Mask.create | Mask.movedTo) != 0 { return [.changed(path), .watch(path)] }
        return [.changed(path)]
    }

    private mutating func forget(_ watch: Watch) {
        if let folder = folders.removeValue(forKey: watch), watches[folder] == watch { watches[folder] = nil }
    }

    private mutating func forgetAll(below path: TreePath) -> [Action] {
        let gone = watches.filter { $0.key == path || $0.key.lies(below: path) }.map(\.value).sorted()
        for watch in gone { forget(watch) }
        return gone.map { .forget($0) }
    }

    /// Paths that need not be told, because a folder above them is told whole.
    static func reduced(_ changed: Set<TreePath>, whole: Set<TreePath>) -> [TreePath] {
        changed.filter { path in !path.ancestors.contains { whole.contains($0) } }.sorted()
    }
}
