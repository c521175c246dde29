/// What rsync prints, in the form that Switchback asks of it: a line an event, progress, and the summary.
///
/// The locale is C and numbers are not for people, so that signs outside of ASCII arrive as `\#ooo` and figures as plain
/// digits.
public enum RsyncOutput {
    /// The format of events: what was done, bytes, time, mode, sum, then the name.
    static let format = ":%i|%l|%M|%B|%C|%n"
    /// With where a link leads, for listings: `%n` and `%L` cannot be told apart but by the link's length.
    static let listingFormat = ":%i|%l|%M|%B|%C|%n%L"

    /// One path that rsync did something with.
    public struct Event: Sendable, Hashable {
        /// `>f+++++++++`, `*deleting`, as rsync's manual has them under `--itemize-changes`.
        public let change: String
        public let size: Int64
        public let path: TreePath
        let fields: [ArraySlice<UInt8>]

        public var isDeletion: Bool { change.hasPrefix("*deleting") }
        /// Whether it is one file with another that was listed.
        var isHardLink: Bool { change.hasPrefix("h") }
        /// Whether a file's content came.
        public var isTransfer: Bool { change.hasPrefix(">f") || change.hasPrefix("<f") }
        /// Whether no content came, but mode, owner, time or the like.
        var isOfAttributes: Bool { change.hasPrefix(".") }
    }

    /// The summary that `--stats` asks for.
    public struct Stats: Sendable, Hashable, Codable {
        /// Of all kinds, in the tree.
        public var files = 0
        public var filesCreated = 0
        public var filesDeleted = 0
        public var filesTransferred = 0
        public var bytesTotal: Int64 = 0
        /// Of files that were transferred.
        public var bytesTransferred: Int64 = 0
        public var bytesLiteral: Int64 = 0
        public var bytesSent: Int64 = 0
        public var bytesReceived: Int64 = 0

        public init() {}
    }

    /// How far a run is.
    public struct Progress: Sendable, Hashable {
        public let bytes: Int64
        public let percent: Int
        public let filesTransferred: Int?
    }

    /// Reads a line of events; nil for any other line.
    static func event(_ line: ArraySlice<UInt8>) -> Event? {
        guard line.first == UInt8(ascii: ":") else { return nil }
        let fields = line.dropFirst().split(
            separator: UInt8(ascii: "|"), maxSplits: 5, omittingEmptySubsequences: false)
        guard fields.count == 6, let size = Int64(String(decoding: fields[1], as: UTF8.self)) else { return nil }
        var name = unescape(fields[5])
        if name.last == TreePath.slash { name.removeLast() }
        if name.starts(with: [0x2E, TreePath.slash]) { name.removeFirst(2) }
        let change = String(decoding: fields[0], as: UTF8.self).trimmed
        return Event(change: change, size: size, path: TreePath(name == [0x2E] ? [] : name), fields: fields)
    }

    /// Reads what one run printed: its events and its summary.
    public static func parse(_ bytes: [UInt8]) -> (events: [Event], stats: Stats) {
        var events: [Event] = []
        var stats = Stats()
        for line in lines(bytes[...]) {
            if let event = event(line) { events.append(event) } else { read(line, into: &stats) }
        }
        return (events, stats)
    }

    /// Progress is written over with carriage returns, and an event may follow it in the same line.
    static func lines(_ bytes: ArraySlice<UInt8>) -> [ArraySlice<UInt8>] {
        bytes.split { $0 == 0x0A || $0 == 0x0D }
    }

    /// The latest progress in a piece of output; nil when there is none.
    public static func progress(_ bytes: ArraySlice<UInt8>) -> Progress? {
        for line in lines(bytes).reversed() where line.first == 0x20 {
            let words = String(decoding: line, as: UTF8.self).split(separator: " ")
            guard words.count >= 4, words[1].hasSuffix("%"), let bytes = Int64(words[0]),
                let percent = Int(words[1].dropLast())
            else { continue }
            let transferred = words.first { $0.hasPrefix("(xfr#") }.flatMap { Int($0.dropFirst(5).dropLast()) }
            return Progress(bytes: bytes, percent: percent, filesTransferred: transferred)
        }
        return nil
    }

    private static func read(_ line: ArraySlice<UInt8>, into stats: inout Stats) {
        let parts = String(decoding: line, as: UTF8.self).split(separator: ":", maxSplits: 1)
        guard parts.count == 2, let word = parts[1].split(separator: " ").first, let number = Int64(word) else {
            return
        }
        switch parts[0] {
        case "Number of files": stats.files = Int(number)
        case "Number of created files": stats.filesCreated = Int(number)
        case "Number of deleted files": stats.filesDeleted = Int(number)
        case "Number of regular files transferred": stats.filesTransferred = Int(number)
        case "Total file size": stats.bytesTotal = number
        case "Total transferred file size": stats.bytesTransferred = number
        case "Literal data": stats.bytesLiteral = number
        case "Total bytes sent": stats.bytesSent = number
        case "Total bytes received": stats.bytesReceived = number
        default: break
        }
    }

    /// `\#ooo` is a byte in octal.
    static func unescape(_ text: ArraySlice<UInt8>) -> [UInt8] {
        OctalText.decode(text, after: [0x5C, UInt8(ascii: "#")])
    }

    // MARK: Listings

    /// What a run against an empty folder says is in a tree.
    ///
    /// Of a path that is one file with another, rsync tells the other's name after ` => `, and nothing of what is in it.
    static func listing(_ bytes: [UInt8]) -> Manifest {
        let events = lines(bytes[...]).compactMap(event).filter { !$0.isDeletion && $0.change.count > 1 }
        var records = events.filter { !$0.isHardLink }.compactMap { record($0, name: unescape($0.fields[5])) }
        let known = Dictionary(records.map { ($0.path, $0.entry) }) { first, _ in first }
        records += events.filter(\.isHardLink).compactMap { event in
            let name = unescape(event.fields[5])
            let arrows = arrows(in: name)
            let other = arrows.first { known[TreePath(Array(name[$0.upperBound...]))] != nil }
            guard let arrow = other ?? arrows.first else { return record(event, name: name) }
            let entry = known[TreePath(Array(name[arrow.upperBound...]))]
            return record(event, name: Array(name[..<arrow.lowerBound]), sameAs: entry)
        }
        return Manifest(records)
    }

    /// - Parameter other: the entry of a path that is the same file.
    private static func record(_ event: Event, name: [UInt8], sameAs other: FileEntry? = nil) -> Manifest.Record? {
        guard !event.path.bytes.isEmpty else { return nil }
        let kinds: [Character: FileEntry.Kind] = ["f": .file, "d": .folder, "L": .link, "D": .special, "S": .special]
        guard let kind = kinds[Array(event.change)[1]],
            let seconds = seconds(String(decoding: event.fields[2], as: UTF8.self))
        else { return nil }
        var name = name
        var target = other?.target ?? []
        if kind == .folder, name.last == TreePath.slash { name.removeLast() }
        if kind == .link, !event.isHardLink, name.count >= Int(event.size) + 4 {
            target = Array(name.suffix(Int(event.size)))
            name.removeLast(Int(event.size) + 4)
        }
        return Manifest.Record(
            TreePath(name),
            FileEntry(
                kind: kind, size: event.size, time: FileEntry.Time(seconds: seconds, nanoseconds: nil),
                mode: mode(event.fields[3]), target: target,
                hash: kind == .file ? other?.hash ?? digest(event.fields[4]) : []))
    }

    private static func arrows(in name: [UInt8]) -> [Range<Int>] {
        let arrow = Array(" => ".utf8)
        return name.indices.filter { name[$0...].starts(with: arrow) }.map { $0..<($0 + arrow.count) }
    }

    /// `2026/11/26-21:56:17`, in UTC.
    static func seconds(_ text: String) -> Int64? {
        let numbers = text.split { "/-:".contains($0) }.compactMap { Int64($0) }
        guard numbers.count == 6 else { return nil }
        // Days since 1970 by counting from March, where leap days come last.
        let year = numbers[1] <= 2 ? numbers[0] - 1 : numbers[0]
        let month = (numbers[1] + 9) % 12
        let days = 365 * year + year / 4 - year / 100 + year / 400 + (month * 306 + 5) / 10 + numbers[2] - 1 - 719_468
        return days * 86_400 + numbers[3] * 3600 + numbers[4] * 60 + numbers[5]
    }

    /// `rwxr-sr-t` as a number.
    static func mode(_ text: ArraySlice<UInt8>) -> UInt16 {
        var mode: UInt16 = 0
        for (index, sign) in text.prefix(9).enumerated() {
            let bit = UInt16(1) << UInt16(8 - index)
            switch sign {
            case UInt8(ascii: "-"): break
            case UInt8(ascii: "s"), UInt8(ascii: "t"): mode |= bit | special(index)
            case UInt8(ascii: "S"), UInt8(ascii: "T"): mode |= special(index)
            default: mode |= bit
            }
        }
        return mode
    }

    private static func special(_ index: Int) -> UInt16 { index == 2 ? 0o4000 : index == 5 ? 0o2000 : 0o1000 }

    private static func digest(_ text: ArraySlice<UInt8>) -> [UInt8] {
        let text = String(decoding: text, as: UTF8.self).trimmed
        guard text.utf8.count % 2 == 0, !text.isEmpty else { return [] }
        let digits = Array(text.utf8)
        return stride(from: 0, to: digits.count, by: 2).compactMap {
            UInt8(String(decoding: digits[$0..<($0 + 2)], as: UTF8.self), radix: 16)
        }
    }
}

extension String {
    /// Without spaces and ends of lines around it.
    var trimmed: String {
        var text = self[...]
        while let last = text.last, last.isWhitespace { text.removeLast() }
        return String(text.drop { $0.isWhitespace })
    }
}
