/// What `find` tells of a tree at the far end of a remote shell.
enum FindOutput {
    /// Kind, size, time, mode, device, whose it is, then the path and where a link leads, each ended by NUL.
    static let format = "%y\\t%s\\t%T@\\t%m\\t%D\\t%U\\t%G\\t%u\\t%g\\t%p\\0%l\\0"
    /// For who is not root: no matter whose it is.
    static let formatWithoutOwner = "%y\\t%s\\t%T@\\t%m\\t%D\\t-\\t-\\t-\\t-\\t%p\\0%l\\0"

    /// - Parameter bytes: of `find .` in the tree's root, the root itself first.
    /// - Returns: nil when the bytes are not what was asked for: cut off, or another program's.
    static func parse(_ bytes: [UInt8], filter: PathFilter) -> Manifest? {
        guard bytes.last == 0 else { return nil }
        var fields = bytes.split(separator: 0, omittingEmptySubsequences: false)
        fields.removeLast()
        guard fields.count % 2 == 0, fields.count >= 2 else { return nil }
        var devices: [TreePath: ArraySlice<UInt8>] = [:]
        var records: [Manifest.Record] = []
        records.reserveCapacity(fields.count / 2)
        var pruned: TreePath?
        for index in stride(from: 0, to: fields.count, by: 2) {
            guard let line = Line(fields[index], target: fields[index + 1]) else { return nil }
            if line.kind == .folder { devices[line.path] = line.device }
            if line.path.bytes.isEmpty { continue }
            if let folder = pruned, line.path.lies(below: folder) { continue }
            pruned = nil
            if filter.excludes(line.path, isFolder: line.kind == .folder) {
                if line.kind == .folder { pruned = line.path }
                continue
            }
            let above = devices[line.path.parent ?? TreePath([])]
            records.append(line.record(isMount: line.kind == .folder && above != nil && above != line.device))
        }
        return Manifest(records)
    }

    private struct Line {
        let kind: FileEntry.Kind
        let size: Int64
        let time: FileEntry.Time
        let mode: UInt16
        let device: ArraySlice<UInt8>
        let owner: FileEntry.Owner?
        let path: TreePath
        let target: [UInt8]

        init?(_ text: ArraySlice<UInt8>, target: ArraySlice<UInt8>) {
            let fields = text.split(separator: 0x09, maxSplits: 9, omittingEmptySubsequences: false)
            guard fields.count == 10, let size = Int64(String(decoding: fields[1], as: UTF8.self)),
                let time = Self.time(String(decoding: fields[2], as: UTF8.self)),
                let mode = UInt16(String(decoding: fields[3], as: UTF8.self), radix: 8)
            else { return nil }
            let path = fields[9]
            guard path.first == 0x2E else { return nil }
            kind =
                switch fields[0].first {
                case UInt8(ascii: "f"): .file
                case UInt8(ascii: "d"): .folder
                case UInt8(ascii: "l"): .link
                default: .special
                }
            self.size = size
            self.time = time
            self.mode = mode
            device = fields[4]
            let whose = fields[5...8].map { String(decoding: $0, as: UTF8.self) }
            owner = UInt32(whose[0]).flatMap { user in
                UInt32(whose[1]).map {
                    FileEntry.Owner(user: user, group: $0, userName: whose[2], groupName: whose[3])
                }
            }
            self.path = TreePath(Array(path.dropFirst(2)))
            self.target = Array(target)
        }

        /// `1700000000.1234567890`: find writes ten digits, the last of them always zero.
        private static func time(_ text: String) -> FileEntry.Time? {
            let parts = text.split(separator: ".", omittingEmptySubsequences: false)
            guard parts.count == 2, let seconds = Int64(parts[0]),
                let nanoseconds = Int32((parts[1] + "000000000").prefix(9))
            else { return nil }
            return FileEntry.Time(seconds: seconds, nanoseconds: nanoseconds)
        }

        func record(isMount: Bool) -> Manifest.Record {
            Manifest.Record(
                path,
                FileEntry(
                    kind: kind, size: size, time: time, mode: mode, target: target, owner: owner, isMount: isMount))
        }
    }
}
