import Foundation
import Glibc
import TestSupport
import Testing

/// An access control list and an extended attribute, set and looked for by programs of the system.
private enum Attributes {
    /// `setfacl` and its like where they are; elsewhere Python, which writes the list as the kernel keeps it.
    private static let hasTools = ["setfacl", "getfacl", "setfattr", "getfattr"].allSatisfy {
        access("/usr/bin/\($0)", X_OK) == 0
    }

    /// The owner reads and writes; a user of a number that nobody has, the group and all others read.
    private static let python = """
        import os, struct, sys
        nobody = 0xffffffff
        entries = [(1, 6, nobody), (2, 4, 12345), (4, 4, nobody), (16, 4, nobody), (32, 4, nobody)]
        wanted = struct.pack('<I', 2) + b''.join(struct.pack('<HHI', *entry) for entry in entries)
        if sys.argv[1] == 'set':
            os.setxattr(sys.argv[2], 'system.posix_acl_access', wanted)
            os.setxattr(sys.argv[2], 'user.note', b'mine')
            sys.exit(0)
        try:
            found = [os.getxattr(sys.argv[2], name) for name in ['system.posix_acl_access', 'user.note']]
        except OSError:
            sys.exit(1)
        sys.exit(0 if found == [wanted, b'mine'] else 1)
        """

    /// The same by programs of their own.
    private static let script = """
        if [ "$0" = set ]; then
            setfacl -m u:12345:r-- "$1" && exec setfattr -n user.note -v mine "$1"
        fi
        getfacl -n -p "$1" | grep -q '^user:12345:r--' && [ "$(getfattr --only-values -n user.note "$1")" = mine ]
        """

    private static func run(_ verb: String, _ path: String) async -> Bool {
        let words = hasTools ? ["sh", "-c", script] : ["/usr/bin/python3", "-c", python]
        return await ProgramRun(words + [verb, path]).status() == 0
    }

    /// - Returns: whether it could be done.
    @discardableResult static func put(on path: String) async -> Bool { await run("set", path) }

    static func are(on path: String) async -> Bool { await run("look", path) }

    /// Whether the programs, the file system of the tests and rsync know of them.
    static var areKnown: Bool {
        get async {
            guard let folder = try? Program.folder() else { return false }
            defer { try? FileManager.default.removeItem(atPath: folder) }
            let rsync = await ProgramRun(["rsync", "--version"]).output()
            guard rsync.contains("ACLs"), !rsync.contains("no ACLs"), !rsync.contains("no xattrs"),
                FileManager.default.createFile(atPath: folder + "/a", contents: nil), await put(on: folder + "/a")
            else { return false }
            return await are(on: folder + "/a")
        }
    }
}

/// What a file has besides content, time, mode and owner.
@Suite("Access control lists and extended attributes") struct AttributeTests {
    @Test(.enabled("the file system, rsync or the programs here do not know them") { await Attributes.areKnown })
    func `they travel there and back, to second names and into the backup folders`() async throws {
        let site = try TestSite(
            "delete: true, acls: true, xattrs: true, conflict: keep_both, max_deletions_percent: 100")
        let (primary, secondary) = (site.primary, site.secondary)
        for name in ["both", "gone", "plain", "sent"] { primary.write(name, "base") }
        for name in ["gone", "sent"] { await Attributes.put(on: "\(primary.root)/\(name)") }
        try await site.sync()
        for name in ["gone", "sent"] { #expect(await Attributes.are(on: "\(secondary.root)/\(name)"), "\(name)") }
        #expect(await !Attributes.are(on: secondary.root + "/plain"))
        // The primary dies with an upload and a change of its own; people go on at the secondary.
        primary.write("upload", "only the primary had it")
        primary.write("both", "the primary's")
        for name in ["upload", "both"] { await Attributes.put(on: "\(primary.root)/\(name)") }
        try await site.failOver()
        secondary.write("both", "the secondary's")
        secondary.write("new", "at the secondary")
        await Attributes.put(on: secondary.root + "/new")
        secondary.remove("gone")
        try await site.pass()
        try await site.pass(isFinal: true)
        #expect(primary.content() == secondary.content())
        // Rescued, copied back,
        #expect(await Attributes.are(on: secondary.root + "/upload"))
        #expect(await Attributes.are(on: primary.root + "/new"))
        // kept under a second name beside a version that never had them,
        #expect(primary.text("both") == "the secondary's")
        #expect(await !Attributes.are(on: primary.root + "/both"))
        let names = primary.content().keys.map { String(decoding: $0, as: UTF8.self) }
        let copy = try #require(names.first { $0.hasPrefix("both.conflict-primary-") })
        for tree in [primary, secondary] { #expect(await Attributes.are(on: "\(tree.root)/\(copy)"), "\(tree.root)") }
        // and set aside, whether it was overwritten or deleted.
        let aside = primary.backups().keys.map { String(decoding: $0, as: UTF8.self) }
        for name in ["both", "gone"] {
            let backup = try #require(aside.first { $0.hasSuffix("/\(name)") }, "\(aside)")
            #expect(await Attributes.are(on: "\(primary.root)/\(backup)"), "\(backup)")
        }
    }
}
