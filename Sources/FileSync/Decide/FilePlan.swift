/// One of the two trees of a failback.
public enum Side: String, Sendable, Hashable, Codable, CaseIterable {
    /// The site that comes back: the old primary.
    case returning
    /// The site where people write now.
    case active

    var other: Side { self == .active ? .returning : .active }
}

/// Who wins where both sides changed one path.
public enum FileRule: Sendable, Hashable {
    /// The later time of change; the active site's when they are equal. What was changed wins over what was deleted.
    case newer
    /// Always this side.
    case side(Side)
    /// The active site's keeps the name; the other gets a name of its own beside it. What was changed wins over what was
    /// deleted.
    case keepBoth
}

/// What a failback would do with the files, path by path. Paths that are equal at both sides are not in it.
public struct FilePlan: Sendable, Hashable {
    /// Why a path is in the plan.
    public enum Reason: String, Sendable, Hashable, CaseIterable, Codable {
        /// New or changed at the active site only.
        case copyBack = "copy_back"
        /// New or changed at the returning site only: it would be lost if it were overwritten or deleted.
        case rescue
        /// Deleted at the active site, and untouched at the returning one.
        case delete
        /// Gone at the returning site, and untouched at the active one. A disk that lost files looks the same as somebody
        /// who deleted them, so it is put back.
        case restore
        /// Changed at both sides, and differently.
        case conflict
        /// Changed at one side, where the other has no folder any more for it to be in; or a file that stands where the
        /// other side has a folder with something in it.
        case displaced
    }

    /// Whose version a path has in the end.
    public enum Outcome: Sendable, Hashable {
        case version(of: Side)
        case nothing
    }

    public struct Item: Sendable, Hashable {
        public let path: TreePath
        public internal(set) var reason: Reason
        public internal(set) var outcome: Outcome
        /// What each had; nil for nothing.
        public let base: FileEntry?
        public let returning: FileEntry?
        public let active: FileEntry?
        /// Under which name the version that does not win stays in both trees; nil when it goes to the backup folder only.
        public internal(set) var copyName: TreePath?
        /// While a plan is made: the side whose version stays where it is, and only there; nothing is done about it then.
        var stays: Side?

        func entry(of side: Side) -> FileEntry? { side == .active ? active : returning }

        /// The version that a path has in the end.
        var result: FileEntry? {
            switch outcome {
            case .version(let side): entry(of: side)
            case .nothing: nil
            }
        }

        /// The side at which something gives way to another version, or to nothing. Of a folder nothing is kept but what is in it, which
        /// has items of its own.
        var yielding: Side? {
            let side: Side =
                switch outcome {
                case .version(let side): side.other
                case .nothing: returning != nil ? .returning : .active
                }
            guard let entry = entry(of: side), entry.kind != .folder else { return nil }
            return side
        }

        /// The side at which something that only it had is overwritten or removed: it goes to that side's backup folder. What gets
        /// another mode or owner only is not overwritten.
        var loser: Side? {
            guard let side = yielding, let lost = entry(of: side) else { return nil }
            return result?.hasContent(of: lost) == true ? nil : side
        }

        /// Bytes that travel.
        public var bytes: Int64 { result?.size ?? 0 }

        /// Whether nothing is to be done but to remove a folder, with whatever else of it is planned done.
        var removesFolder: Bool {
            outcome == .nothing && [returning, active].allSatisfy { $0 == nil || $0?.kind == .folder }
        }
    }

    /// In the order of their paths.
    public internal(set) var items: [Item]
    /// How many paths a side has for itself and keeps, where nothing is deleted. They are in no item, for nothing is done about them.
    public internal(set) var staying: [Side: Int] = [:]

    public init(items: [Item] = []) { self.items = items }

    public var isEmpty: Bool { items.isEmpty }

    /// Bytes that travel.
    public var bytes: Int64 { items.reduce(0) { $0 + $1.bytes } }

    public func count(_ reason: Reason) -> Int { items.count { $0.reason == reason } }

    /// What one side is given by the other.
    func given(to side: Side) -> [Item] { items.filter { $0.outcome == .version(of: side.other) } }

    /// What is removed at a side.
    func removed(at side: Side) -> [Item] { items.filter { $0.outcome == .nothing && $0.entry(of: side) != nil } }
}
