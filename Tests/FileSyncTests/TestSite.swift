import FileSync
import Foundation
import Glibc
import Settings
import Synchronization
import TestSupport

/// Says where the site is, as an orchestrator would.
final class Pointer: ActiveSiteSource {
    private let answer: Mutex<ActiveSite?>

    init(_ site: String, epoch: Int) { answer = Mutex(ActiveSite(site: site, epoch: epoch)) }

    func move(to site: String, epoch: Int) { answer.withLock { $0 = ActiveSite(site: site, epoch: epoch) } }
    /// It cannot be known where the site is.
    func hide() { answer.withLock { $0 = nil } }
    func activeSite() async throws -> ActiveSite {
        guard let known = answer.withLock({ $0 }) else { throw ActiveSiteUnknown("no site is open") }
        return known
    }
}

/// Two trees on this machine and a job between them, run by an engine at one of the two.
final class TestSite: Sendable {
    let folder: String
    let primary: Tree
    let secondary: Tree
    let pointer = Pointer("primary", epoch: 1)
    let job: FileJob

    var mover: RsyncMover { job.rsync! }

    /// - Parameters:
    ///   - options: further keys of the job, as YAML flow: `delete: true, checksum: true`.
    ///   - far: the site where the engine is not.
    ///   - reach: of the far site, without braces; its own folder when nil.
    init(_ options: String = "delete: true", far: String = "secondary", reach: ((Tree) -> String)? = nil) throws {
        folder = try Program.folder()
        primary = Tree(folder + "/primary")
        secondary = Tree(folder + "/secondary")
        for tree in [primary, secondary] { mkdir(tree.root, 0o755) }
        let ways = [("primary", primary), ("secondary", secondary)].map { site, tree in
            let way = (site == far ? reach?(tree) : nil) ?? "local: true, path: \"\(tree.root)\""
            return "\(site): { \(way) }"
        }
        let settings = try Settings.parse(Self.yaml("\(options), reach: { \(ways.joined(separator: ", ")) }"))
        job = FileJob.all(settings, here: far == "primary" ? "secondary" : "primary", active: pointer)[0]
    }

    /// Puts a tree that is served elsewhere in the place of a site's own: the test looks at it here, and the engine reaches it there.
    func place(_ served: Tree, at site: Tree) {
        rmdir(site.root)
        symlink(served.root, site.root)
    }

    /// A folder that is on no machine: a test that meant its own folders and did not reach them must not find another.
    static let path = "/nowhere-switchback/opt/"

    static func yaml(_ options: String) -> String {
        """
        cluster: test
        nodes: { a: { dsn: "host=127.0.0.1 port=1" }, b: { dsn: "host=127.0.0.1 port=1" } }
        syncs: { main: { nodes: { a: source, b: target }, tables: ["public.*"] } }
        sites: { primary: { node: a, address: 203.0.113.1 }, secondary: { node: b, address: 203.0.113.2 } }
        files: { opt: { from: primary, to: secondary, path: \(path), \(options) } }
        """
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    @discardableResult func sync(_ change: (inout SyncOptions) -> Void = { _ in }) async throws -> MoveReport {
        var options = SyncOptions()
        change(&options)
        return try await mover.sync(options) { _ in }
    }

    /// The primary is lost: the secondary becomes the active site.
    func failOver() async throws {
        _ = try await mover.freeze(epoch: 2)
        pointer.move(to: "secondary", epoch: 2)
    }

    @discardableResult func pass(isFinal: Bool = false) async throws -> PassReport {
        try await mover.pass(isFinal: isFinal) { _ in }
    }
}

/// A tree of files, written and read by means of its own: nothing of what is tested is used.
struct Tree: Sendable {
    let root: String

    init(_ root: String) { self.root = root }

    func raw(_ path: [UInt8]) -> [CChar] { (Array((root + "/").utf8) + path + [0]).map { CChar(bitPattern: $0) } }

    func write(_ path: String, _ text: String) { write(Array(path.utf8), Array(text.utf8)) }

    /// Writes a file anew, with the folders above it.
    func write(_ path: [UInt8], _ bytes: [UInt8]) {
        makeFolders(above: path)
        let descriptor = open(raw(path), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { return }
        _ = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
        close(descriptor)
    }

    func makeFolders(above path: [UInt8]) {
        for index in path.indices where path[index] == 0x2F { mkdir(raw(Array(path[..<index])), 0o755) }
    }

    func text(_ path: String) -> String? { bytes(Array(path.utf8)).map { String(decoding: $0, as: UTF8.self) } }

    func bytes(_ path: [UInt8]) -> [UInt8]? {
        let descriptor = open(raw(path), O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var all: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while case let count = read(descriptor, &buffer, buffer.count), count > 0 { all += buffer.prefix(count) }
        return all
    }

    func remove(_ path: String) { remove(Array(path.utf8)) }

    func remove(_ path: [UInt8]) {
        var state = stat()
        guard lstat(raw(path), &state) == 0 else { return }
        if state.st_mode & S_IFMT == S_IFDIR {
            for name in names(in: path) { remove(path + [0x2F] + name) }
            rmdir(raw(path))
        } else {
            unlink(raw(path))
        }
    }

    func exists(_ path: String) -> Bool {
        var state = stat()
        return lstat(raw(Array(path.utf8)), &state) == 0
    }

    func names(in path: [UInt8]) -> [[UInt8]] {
        guard let folder = opendir(raw(path)) else { return [] }
        defer { closedir(folder) }
        var all: [[UInt8]] = []
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: UInt8.self, capacity: 256) { pointer in
                    Array(
                        UnsafeBufferPointer(start: pointer, count: strlen(UnsafePointer<CChar>(OpaquePointer(pointer))))
                    )
                }
            }
            if name != [0x2E] && name != [0x2E, 0x2E] { all.append(name) }
        }
        return all.sorted { $0.lexicographicallyPrecedes($1) }
    }

    /// Everything in the tree but Switchback's own: what each path is, in words, content included.
    func content(of path: [UInt8] = [], own: Bool = false) -> [[UInt8]: String] {
        var all: [[UInt8]: String] = [:]
        for name in names(in: path) where own || name != Array(".switchback".utf8) {
            let inner = path.isEmpty ? name : path + [0x2F] + name
            var state = stat()
            guard lstat(raw(inner), &state) == 0 else { continue }
            let mode = String(state.st_mode & 0o7777, radix: 8)
            switch state.st_mode & S_IFMT {
            case S_IFDIR:
                all[inner] = "folder \(mode)"
                all.merge(content(of: inner, own: own)) { $1 }
            case S_IFLNK:
                var buffer = [UInt8](repeating: 0, count: 4096)
                let count = buffer.withUnsafeMutableBytes {
                    readlink(raw(inner), $0.baseAddress!.assumingMemoryBound(to: CChar.self), $0.count)
                }
                all[inner] = "link \(Array(buffer.prefix(max(0, count))))"
            default: all[inner] = "file \(mode) \(bytes(inner).map { String(decoding: $0, as: UTF8.self) } ?? "?")"
            }
        }
        return all
    }

    /// Whatever was set aside, by path: all backup folders together.
    func setAside() -> [[UInt8]: Set<String>] {
        let home = Array(".switchback/opt/backup".utf8)
        var all: [[UInt8]: Set<String>] = [:]
        for stamp in names(in: home) {
            let top = home + [0x2F] + stamp
            for (path, what) in content(of: top, own: true) {
                all[Array(path.dropFirst(top.count + 1)), default: []].insert(what)
            }
        }
        return all
    }

    /// Whatever was set aside, by its whole path from the tree's root on.
    func backups() -> [[UInt8]: String] {
        let home = Array(".switchback/opt/backup".utf8)
        var all: [[UInt8]: String] = [:]
        for stamp in names(in: home) { all.merge(content(of: home + [0x2F] + stamp, own: true)) { $1 } }
        return all
    }

    /// Sets a file's time.
    func setTime(_ path: [UInt8], seconds: Int, nanoseconds: Int) {
        let times = [timespec(tv_sec: seconds, tv_nsec: nanoseconds), timespec(tv_sec: seconds, tv_nsec: nanoseconds)]
        utimensat(AT_FDCWD, raw(path), times, AT_SYMLINK_NOFOLLOW)
    }
}
