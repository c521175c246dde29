/// Manifests as bytes: a few dozen a file, written in one go, with a sum at the end, so that a torn one is noticed.
enum ManifestCodec {
    private static let magic = Array("switchback manifest 1\n".utf8)

    static func encode(_ stored: StoredManifest) -> [UInt8] {
        var writer = Writer()
        writer.bytes.reserveCapacity(stored.manifest.records.count * 64 + 256)
        writer.bytes += magic
        writer.text(Array(stored.job.utf8))
        writer.text(Array(stored.site.utf8))
        writer.number(UInt64(stored.epoch))
        writer.number(UInt64(stored.takenAt))
        writer.number(UInt64(stored.manifest.records.count))
        for record in stored.manifest.records { writer.record(record) }
        var sum = writer.sum
        for _ in 0..<8 {
            writer.bytes.append(UInt8(truncatingIfNeeded: sum))
            sum >>= 8
        }
        return writer.bytes
    }

    /// - Returns: nil when the bytes are no whole manifest.
    static func decode(_ bytes: [UInt8]) -> StoredManifest? {
        guard bytes.count > magic.count + 8, bytes.starts(with: magic) else { return nil }
        var sum: UInt64 = 0
        for byte in bytes.suffix(8).reversed() { sum = sum << 8 | UInt64(byte) }
        guard Writer(bytes: Array(bytes.dropLast(8))).sum == sum else { return nil }
        var reader = Reader(bytes: bytes, position: magic.count, end: bytes.count - 8)
        guard let job = reader.text(), let site = reader.text(), let epoch = reader.number(),
            let takenAt = reader.number(), let count = reader.number(), count <= UInt64(bytes.count)
        else { return nil }
        var records: [Manifest.Record] = []
        records.reserveCapacity(Int(count))
        for _ in 0..<count {
            guard let record = reader.record() else { return nil }
            records.append(record)
        }
        guard reader.position == reader.end, let epoch = Int(exactly: epoch), let takenAt = Int64(exactly: takenAt)
        else { return nil }
        return StoredManifest(
            job: String(decoding: job, as: UTF8.self), site: String(decoding: site, as: UTF8.self), epoch: epoch,
            takenAt: takenAt, manifest: Manifest(records))
    }

    private struct Writer {
        var bytes: [UInt8] = []
        private var owners: [FileEntry.Owner: UInt64] = [:]

        init(bytes: [UInt8] = []) { self.bytes = bytes }

        /// FNV-1a over words: against torn and damaged files, not against forgers.
        var sum: UInt64 {
            bytes.withUnsafeBytes { buffer in
                var sum: UInt64 = 0xcbf2_9ce4_8422_2325
                let words = buffer.count / 8
                for index in 0..<words {
                    sum = (sum ^ buffer.loadUnaligned(fromByteOffset: index * 8, as: UInt64.self)) &* 0x100_0000_01b3
                    sum ^= sum >> 29
                }
                for index in words * 8..<buffer.count { sum = (sum ^ UInt64(buffer[index])) &* 0x100_0000_01b3 }
                return sum
            }
        }

        mutating func number(_ value: UInt64) {
            var rest = value
            while rest >= 0x80 {
                bytes.append(UInt8(rest & 0x7F) | 0x80)
                rest >>= 7
            }
            bytes.append(UInt8(rest))
        }

        mutating func text(_ text: [UInt8]) {
            number(UInt64(text.count))
            bytes += text
        }

        mutating func record(_ record: Manifest.Record) {
            let entry = record.entry
            let hasNanoseconds: UInt8 = entry.time.nanoseconds == nil ? 0 : 8
            let hasOwner: UInt8 = entry.owner == nil ? 0 : 16
            let isLeftOver: UInt8 = entry.isLeftOver ? 32 : 0
            bytes.append(entry.kind.rawValue | (entry.isMount ? 4 : 0) | hasNanoseconds | hasOwner | isLeftOver)
            number(UInt64(entry.mode))
            number(UInt64(bitPattern: entry.size))
            number(UInt64(bitPattern: entry.time.seconds << 1 ^ entry.time.seconds >> 63))
            if let nanoseconds = entry.time.nanoseconds { number(UInt64(nanoseconds)) }
            text(record.path.bytes)
            text(entry.target)
            text(entry.hash)
            if let owner = entry.owner { self.owner(owner) }
        }

        /// Most files of a tree are somebody's who was there before: a place in a list of the owners so far, from 1 on;
        /// 0 and all of it for a new one.
        mutating func owner(_ owner: FileEntry.Owner) {
            if let place = owners[owner] { return number(place) }
            owners[owner] = UInt64(owners.count + 1)
            number(0)
            number(UInt64(owner.user))
            number(UInt64(owner.group))
            text(Array(owner.userName.utf8))
            text(Array(owner.groupName.utf8))
        }
    }

    private struct Reader {
        let bytes: [UInt8]
        var position: Int
        let end: Int
        private var owners: [FileEntry.Owner] = []

        init(bytes: [UInt8], position: Int, end: Int) {
            self.bytes = bytes
            self.position = position
            self.end = end
        }

        mutating func byte() -> UInt8? {
            guard position < end else { return nil }
            defer { position += 1 }
            return bytes[position]
        }

        mutating func number() -> UInt64? {
            var value: UInt64 = 0
            for shift in stride(from: UInt64(0), through: 63, by: 7) {
                guard let byte = byte() else { return nil }
                value |= UInt64(byte & 0x7F) << shift
                if byte & 0x80 == 0 { return value }
            }
            return nil
        }

        mutating func text() -> [UInt8]? {
            guard let count = number(), count <= UInt64(end - position) else { return nil }
            defer { position += Int(count) }
            return count == 0 ? [] : Array(bytes[position..<position + Int(count)])
        }

        mutating func record() -> Manifest.Record? {
            guard let flags = byte(), let kind = FileEntry.Kind(rawValue: flags & 3), let mode = number(),
                let size = number(), let zigzag = number()
            else { return nil }
            var nanoseconds: Int32?
            if flags & 8 != 0 {
                guard let number = number(), number < 1_000_000_000 else { return nil }
                nanoseconds = Int32(number)
            }
            guard let path = text(), let target = text(), let hash = text(), mode <= 0o7777 else { return nil }
            var owner: FileEntry.Owner?
            if flags & 16 != 0 {
                guard let found = self.owner() else { return nil }
                owner = found
            }
            let seconds = Int64(bitPattern: zigzag >> 1) ^ -Int64(bitPattern: zigzag & 1)
            return Manifest.Record(
                TreePath(path),
                FileEntry(
                    kind: kind, size: Int64(bitPattern: size),
                    time: FileEntry.Time(seconds: seconds, nanoseconds: nanoseconds), mode: UInt16(mode),
                    target: target, hash: hash, owner: owner, isMount: flags & 4 != 0, isLeftOver: flags & 32 != 0))
        }

        mutating func owner() -> FileEntry.Owner? {
            guard let place = number() else { return nil }
            if place > 0 { return place <= UInt64(owners.count) ? owners[Int(place) - 1] : nil }
            guard let user = number().flatMap({ UInt32(exactly: $0) }),
                let group = number().flatMap({ UInt32(exactly: $0) }), let userName = text(), let groupName = text()
            else { return nil }
            owners.append(
                FileEntry.Owner(
                    user: user, group: group, userName: String(decoding: userName, as: UTF8.self),
                    groupName: String(decoding: groupName, as: UTF8.self)))
            return owners.last
        }
    }
}
