import Glibc
import TestSupport

/// Changes a tree at random, and has names and shapes that are not nice.
struct RandomTrees {
    var random: SeededRandom
    /// Whether changes that leave size and time as they were are among them.
    let hidden: Bool
    /// Whether files get second names. What is written by one of them makes no event for the other.
    let links: Bool
    private var counter = 0

    init(_ seed: UInt64, hidden: Bool, links: Bool = true) {
        self.links = links
        random = SeededRandom(seed)
        self.hidden = hidden
    }

    private static let names: [[UInt8]] = [
        Array("a".utf8), Array("b".utf8), Array("c c".utf8), Array("new\nline".utf8), Array("quo\"te'".utf8),
        [0xFF, 0xFE], Array("ä€😀".utf8), Array("-rf".utf8), Array("*".utf8), Array("#x".utf8), Array(";y".utf8),
        Array("\\#012".utf8), Array(String(repeating: "long", count: 60).utf8), Array("tab\t|:".utf8),
    ]

    private mutating func path() -> [UInt8] {
        var path: [UInt8] = []
        for level in 0..<random.number(1...3) {
            path += (level > 0 ? [0x2F] : []) + Self.names.randomElement(using: &random)!
        }
        return path
    }

    /// A content that no other file ever has.
    private mutating func content() -> [UInt8] {
        counter += 1
        var text = Array("\(counter) \(UInt64.random(in: 0 ... .max, using: &random))".utf8)
        while text.count < 26 { text.append(0x2E) }
        return text
    }

    /// Does some things to a tree.
    mutating func change(_ tree: Tree, times: Int) {
        for _ in 0..<times { change(tree) }
    }

    private mutating func change(_ tree: Tree) {
        let path = path()
        let known = tree.content().keys.sorted { $0.lexicographicallyPrecedes($1) }
        let other = known.randomElement(using: &random) ?? path
        switch random.number(0...11) {
        case 0...3: place(path, in: tree) { $0.write(path, $1) }
        case 4: if tree.bytes(other) != nil { tree.write(other, content()) }
        case 5: tree.remove(other)
        case 6:
            tree.makeFolders(above: path)
            rename(tree.raw(other), tree.raw(path))
        case 7: chmod(tree.raw(other), [0o600, 0o640, 0o755].randomElement(using: &random)!)
        case 8:
            tree.remove(path)
            tree.makeFolders(above: path)
            symlink("target \(random.number(0...5))", tree.raw(path))
        case 9:
            tree.makeFolders(above: path)
            if links { link(tree.raw(other), tree.raw(path)) }
        case 10:
            // A folder where there was something else.
            tree.remove(path)
            place(path + Array("/inner".utf8), in: tree) { $0.write(path + Array("/inner".utf8), $1) }
        default: hidden ? changeUnseen(other, in: tree) : sparse(path, in: tree)
        }
    }

    private mutating func place(_ path: [UInt8], in tree: Tree, _ body: (Tree, [UInt8]) -> Void) {
        body(tree, content())
    }

    /// A change that leaves size and time as they were.
    private mutating func changeUnseen(_ path: [UInt8], in tree: Tree) {
        var state = stat()
        guard lstat(tree.raw(path), &state) == 0, state.st_mode & S_IFMT == S_IFREG, tree.bytes(path)?.count == 26
        else { return }
        var fresh = content()
        fresh = Array(fresh.prefix(26))
        tree.write(path, fresh)
        tree.setTime(path, seconds: state.st_mtim.tv_sec, nanoseconds: state.st_mtim.tv_nsec)
    }

    private mutating func sparse(_ path: [UInt8], in tree: Tree) {
        tree.remove(path)
        tree.write(path, content())
        truncate(tree.raw(path), 100_000)
    }
}
