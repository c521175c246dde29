/// Which paths of a tree belong to a job: rsync's patterns, judged as rsync judges them.
///
/// A scan must leave out exactly what rsync leaves out. A path that only one of them saw would look like one that
/// appeared or vanished. The rules are those of rsync's manual, section "INCLUDE/EXCLUDE PATTERN RULES".
public struct PathFilter: Sendable, Hashable {
    private struct Rule: Sendable, Hashable {
        let isInclude: Bool
        let pattern: [UInt8]
        let isAnchored: Bool
        let foldersOnly: Bool
        /// Whether it is held against the whole path rather than the last name.
        let isWhole: Bool
        /// A pattern that begins with `**` is held against the whole path with a slash in front.
        let hasStarsInFront: Bool
        /// `name/***`: the folder and all that is in it.
        let withContent: Bool
        /// Whether it is held against the last name alone.
        let isName: Bool
        let hasWildcards: Bool
        /// What a match begins and ends with, where the pattern says so: most names are told apart by these two.
        let first: UInt8?
        let last: UInt8?

        init(_ text: String, isInclude: Bool) {
            self.isInclude = isInclude
            var pattern = Array(text.utf8)
            withContent = pattern.count > 4 && pattern.suffix(4) == Array("/***".utf8)[...]
            if withContent { pattern.removeLast(4) }
            foldersOnly = pattern.count > 1 && pattern.last == TreePath.slash
            if foldersOnly { pattern.removeLast() }
            isAnchored = pattern.first == TreePath.slash
            if isAnchored { pattern.removeFirst() }
            isWhole = pattern.contains(TreePath.slash) || Self.hasDoubleStar(pattern)
            hasStarsInFront = !isAnchored && pattern.starts(with: [0x2A, 0x2A])
            isName = !isAnchored && !isWhole && !withContent
            hasWildcards = pattern.contains { $0 == 0x2A || $0 == 0x3F || $0 == 0x5B }
            let special: Set<UInt8> = [0x2A, 0x3F, 0x5B, 0x5C, 0x5D]
            first = pattern.first.flatMap { special.contains($0) ? nil : $0 }
            last = pattern.last.flatMap { special.contains($0) ? nil : $0 }
            self.pattern = pattern
        }

        private static func hasDoubleStar(_ pattern: [UInt8]) -> Bool {
            zip(pattern, pattern.dropFirst()).contains { $0 == 0x2A && $1 == 0x2A }
        }

        /// - Parameter name: where in the path the last name begins.
        func matches(_ path: [UInt8], name: Int, isFolder: Bool) -> Bool {
            // Most paths of a tree are files, and many patterns are for folders.
            if foldersOnly && !isFolder { return false }
            if isName {
                guard name < path.count else { return false }
                if let first, path[name] != first { return false }
                if let last, path[path.count - 1] != last { return false }
                if hasWildcards { return Wildcard.matches(pattern[...], path[name...]) }
                return pattern.count == path.count - name && path[name...].elementsEqual(pattern)
            }
            if withContent {
                // With a slash in front, two stars may stand for nothing: `**/***` leaves out what lies at the top as well.
                if hasStarsInFront && Wildcard.matches(pattern[...], []) { return true }
                return (isFolder && matchesName(path)) || TreePath(path).ancestors.contains { matchesName($0.bytes) }
            }
            return (isFolder || !foldersOnly) && matchesName(path)
        }

        private func matchesName(_ path: [UInt8]) -> Bool {
            if isAnchored { return Wildcard.matches(pattern[...], path[...]) }
            if hasStarsInFront { return Wildcard.matches(pattern[...], ([TreePath.slash] + path)[...]) }
            guard isWhole else {
                let name = path.lastIndex(of: TreePath.slash).map { path[($0 + 1)...] } ?? path[...]
                return Wildcard.matches(pattern[...], name)
            }
            // The end of the path, from the root or from any folder on.
            if Wildcard.matches(pattern[...], path[...]) { return true }
            return path.indices.contains { index in
                path[index] == TreePath.slash && Wildcard.matches(pattern[...], path[(index + 1)...])
            }
        }
    }

    private let rules: [Rule]
    /// What rsync is told: includes first, then excludes.
    public let arguments: [String]

    /// - Parameters:
    ///   - include: patterns that are looked at first.
    ///   - exclude: patterns of what stays behind.
    public init(include: [String] = [], exclude: [String] = []) {
        let own = ["\(StateNames.folder)/"]
        rules =
            own.map { Rule($0, isInclude: false) } + include.map { Rule($0, isInclude: true) }
            + exclude.map { Rule($0, isInclude: false) }
        // As rules and not as --exclude=…: a pattern that begins with "+ " or "!" would be another rule.
        arguments =
            own.map { "--filter=- \($0)" } + include.map { "--filter=+ \($0)" } + exclude.map { "--filter=- \($0)" }
    }

    /// Whether a path is left out, folders above it being in. Whoever leaves out a folder leaves out what is in it.
    public func excludes(_ path: TreePath, isFolder: Bool) -> Bool {
        excludes(path, name: path.bytes.lastIndex(of: TreePath.slash).map { $0 + 1 } ?? 0, isFolder: isFolder)
    }

    /// The same for who knows where in the path the last name begins.
    func excludes(_ path: TreePath, name: Int, isFolder: Bool) -> Bool {
        // By place: a copy of each rule for each file would cost more than most rules do.
        for index in rules.indices where rules[index].matches(path.bytes, name: name, isFolder: isFolder) {
            return !rules[index].isInclude
        }
        return false
    }

    /// Whether a path or a folder above it is left out.
    public func excludesDeeply(_ path: TreePath, isFolder: Bool) -> Bool {
        path.ancestors.contains { excludes($0, isFolder: true) } || excludes(path, isFolder: isFolder)
    }
}

/// rsync's wildcards: `*` and `?` stop at a slash, `**` does not, `[…]` is one character of a set, `\` takes the next one
/// as it is where the pattern has wildcards at all.
enum Wildcard {
    static func matches(_ pattern: ArraySlice<UInt8>, _ text: ArraySlice<UInt8>) -> Bool {
        guard pattern.contains(where: { $0 == 0x2A || $0 == 0x3F || $0 == 0x5B }) else { return pattern == text }
        return match(pattern, text)
    }

    private static func match(_ pattern: ArraySlice<UInt8>, _ text: ArraySlice<UInt8>) -> Bool {
        var pattern = pattern
        var text = text
        while let sign = pattern.first {
            switch sign {
            case 0x2A:
                let isDouble = pattern.dropFirst().first == 0x2A
                let rest = pattern.drop { $0 == 0x2A }
                var tail = text
                while true {
                    if match(rest, tail) { return true }
                    guard let next = tail.first, isDouble || next != TreePath.slash else { return false }
                    tail = tail.dropFirst()
                }
            case 0x3F:
                guard let next = text.first, next != TreePath.slash else { return false }
                text = text.dropFirst()
                pattern = pattern.dropFirst()
            case 0x5B:
                guard let next = text.first, let (isIn, rest) = set(pattern.dropFirst(), next), isIn else {
                    return false
                }
                text = text.dropFirst()
                pattern = rest
            default:
                let isEscape = sign == 0x5C && pattern.count > 1
                let literal = isEscape ? pattern[pattern.startIndex + 1] : sign
                guard text.first == literal else { return false }
                text = text.dropFirst()
                pattern = pattern.dropFirst(isEscape ? 2 : 1)
            }
        }
        return text.isEmpty
    }

    /// Reads a set after its bracket. Nil when it does not end.
    private static func set(_ body: ArraySlice<UInt8>, _ byte: UInt8) -> (isIn: Bool, rest: ArraySlice<UInt8>)? {
        var rest = body
        let isNegated = rest.first == 0x21 || rest.first == 0x5E
        if isNegated { rest = rest.dropFirst() }
        var found = false
        var isFirst = true
        while let sign = rest.first, isFirst || sign != 0x5D {
            isFirst = false
            rest = rest.dropFirst()
            var low = sign
            if sign == 0x5C, let escaped = rest.first {
                low = escaped
                rest = rest.dropFirst()
            }
            if rest.first == 0x2D, let high = rest.dropFirst().first, high != 0x5D {
                rest = rest.dropFirst(2)
                if low <= byte && byte <= high { found = true }
            } else if low == byte {
                found = true
            }
        }
        guard rest.first == 0x5D else { return nil }
        return (found != isNegated && byte != TreePath.slash, rest.dropFirst())
    }
}

/// The names of what Switchback keeps beside the files.
enum StateNames {
    /// In the root of each tree, at each end. It never travels as a part of the tree.
    static let folder = ".switchback"

    /// What a file system has in its own root, and no user put there.
    static let lostAndFound = "lost+found"

    /// A job's own folder, below the root.
    static func home(_ job: String) -> String { "\(folder)/\(job)" }

    /// Where the receiving rsync puts what is not whole yet. It is named for the epoch, and a move of the site takes it
    /// away: an rsync that was started under an older epoch cannot begin without it, nor go on.
    static func scratch(_ job: String, epoch: Int) -> String { "\(home(job))/\(incoming)\(epoch)" }

    /// What the names of such folders begin with.
    static let incoming = "incoming-"

    /// Where files lie for a moment that get a second name.
    static let stage = "stage"

    /// What the name of one begins with that was taken away and is not removed yet.
    static let gonePrefix = "gone-"

    /// A name for one that is taken away; nobody can know it.
    static func gone() -> String { gonePrefix + String(UInt64.random(in: 0 ... .max), radix: 16) }
}
