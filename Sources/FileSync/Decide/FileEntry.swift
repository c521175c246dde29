/// What is known of one file, folder or link of a tree.
public struct FileEntry: Sendable, Hashable {
    public enum Kind: UInt8, Sendable, Hashable {
        case file, folder, link
        /// A pipe, a socket or a device.
        case special
    }

    /// When the content last changed.
    public struct Time: Sendable, Hashable {
        /// Since 1970, in UTC.
        public let seconds: Int64
        /// Within the second; nil where the other end does not tell, as an rsync daemon's listing does not.
        public let nanoseconds: Int32?

        public init(seconds: Int64, nanoseconds: Int32?) {
            self.seconds = seconds
            self.nanoseconds = nanoseconds
        }

        /// Whether two are the same as far as both are known.
        func agrees(with other: Time) -> Bool {
            guard seconds == other.seconds else { return false }
            guard let nanoseconds, let others = other.nanoseconds else { return true }
            return nanoseconds == others
        }

        func isLater(than other: Time) -> Bool {
            seconds == other.seconds
                ? (nanoseconds ?? 0) > (other.nanoseconds ?? 0) : seconds > other.seconds
        }
    }

    /// Whose it is. By name and by number, for rsync maps names where both ends have them, and numbers elsewhere.
    public struct Owner: Sendable, Hashable {
        public let user: UInt32
        public let group: UInt32
        /// The number in digits where there is no name.
        public let userName: String
        public let groupName: String

        public init(user: UInt32, group: UInt32, userName: String, groupName: String) {
            self.user = user
            self.group = group
            self.userName = userName
            self.groupName = groupName
        }

        /// What rsync as root has brought over agrees, whichever of the two it mapped.
        func agrees(with other: Owner) -> Bool {
            (user == other.user || userName == other.userName) && (group == other.group || groupName == other.groupName)
        }
    }

    public let kind: Kind
    /// In bytes; only a file's counts.
    public let size: Int64
    public let time: Time
    /// The twelve bits of `chmod`.
    public let mode: UInt16
    /// Where a link leads.
    public let target: [UInt8]
    /// Of a file's content, where it was asked for; empty otherwise.
    public var hash: [UInt8]
    /// Nil where whoever looks may not give files to others: rsync cannot either then.
    public let owner: Owner?
    /// Whether a folder is where another file system begins. False where that cannot be seen. It is a property of one site's tree, and
    /// does not travel.
    public var isMount: Bool
    /// Whether only the receiving site has it: the sending one deleted it before they parted, and the job deletes nothing. Known of
    /// what is in a base.
    public var isLeftOver: Bool

    public init(
        kind: Kind, size: Int64 = 0, time: Time = Time(seconds: 0, nanoseconds: 0), mode: UInt16 = 0,
        target: [UInt8] = [], hash: [UInt8] = [], owner: Owner? = nil, isMount: Bool = false, isLeftOver: Bool = false
    ) {
        self.kind = kind
        self.size = kind == .file ? size : 0
        self.time = time
        self.mode = mode
        self.target = target
        self.hash = hash
        self.owner = kind == .link ? nil : owner
        self.isMount = isMount
        self.isLeftOver = isLeftOver
    }

    /// Whether two are the same as far as is known. A folder's time is no property of its own: it follows from what
    /// happens in it. A link's mode, time and owner mean nothing.
    func agrees(with other: FileEntry) -> Bool {
        guard kind == other.kind else { return false }
        if let owner, let others = other.owner, !owner.agrees(with: others) { return false }
        switch kind {
        case .folder, .special: return mode == other.mode
        case .link: return target == other.target
        case .file:
            guard size == other.size, mode == other.mode, time.agrees(with: other.time) else { return false }
            return hash.isEmpty || other.hash.isEmpty || hash == other.hash
        }
    }

    /// Whether rsync changes no more than mode, owner and time to make one of the other: then it sets nothing aside. What is not known
    /// for certain counts as different.
    func hasContent(of other: FileEntry) -> Bool {
        guard kind == other.kind else { return false }
        switch kind {
        case .folder, .special: return true
        case .link: return target == other.target
        case .file: return size == other.size && hash == other.hash && (!hash.isEmpty || time == other.time)
        }
    }
}
