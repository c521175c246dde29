import Foundation
import Glibc
import TestSupport
import Testing

@testable import FileSync

/// The way back, step by step as an orchestrator takes it.
@Suite("Failback of files") struct FailbackTests {
    /// rsync with --delete would delete the upload like any deleted file, and overwrite the later version.
    @Test func `an upload that only the dead primary had is rescued, and a deleted file is deleted`() async throws {
        let site = try TestSite()
        for name in ["both", "onlyS", "delS", "same"] { site.primary.write(name, "base \(name)") }
        try await site.sync()
        // Written at the primary after the last run, and before it died.
        site.primary.write("uploadP", "a user's only copy")
        site.primary.write("both", "later at the primary")
        site.primary.setTime(Array("both".utf8), seconds: 4_000_000_000, nanoseconds: 0)
        try await site.failOver()
        site.secondary.write("both", "at the secondary")
        site.secondary.write("onlyS", "changed at the secondary")
        site.secondary.write("newS", "new at the secondary")
        site.secondary.remove("delS")
        let plan = try await site.mover.plan()
        let reasons = Dictionary(uniqueKeysWithValues: plan.entries.map { ($0.path, $0.reason) })
        #expect(
            reasons == [
                "uploadP": "rescue", "both": "conflict", "onlyS": "copy_back", "newS": "copy_back", "delS": "delete",
            ])
        #expect(plan.hasBase && plan.obstacle == nil)
        // Nothing moved for the plan.
        #expect(site.primary.text("onlyS") == "base onlyS" && !site.secondary.exists("uploadP"))
        let first = try await site.pass()
        #expect(first.planned == 5 && first.remaining == 0)
        let last = try await site.pass(isFinal: true)
        #expect(last.remaining == 0)
        #expect(site.primary.content() == site.secondary.content())
        #expect(site.primary.text("uploadP") == "a user's only copy")
        #expect(site.primary.text("both") == "later at the primary")
        #expect(!site.primary.exists("delS"))
        // The versions that lost are where the report says.
        #expect(site.secondary.setAside()[Array("both".utf8)] == ["file 644 at the secondary"])
        #expect(site.primary.setAside()[Array("delS".utf8)] == ["file 644 base delS"])
        let report = try await site.mover.report()
        #expect(report.epoch == 2 && report.passes.count == 2)
        let conflict = try #require(report.done.first { $0.path == "both" })
        #expect(
            conflict.keeps == "primary" && conflict.setAside?.hasPrefix("secondary:.switchback/opt/backup/") == true)
    }

    /// Only root can give files away, and only root's rsync carries that.
    @Test(.enabled(if: geteuid() == 0, "needs root"))
    func `a file that changed hands alone changes hands at the other side`()
        async throws
    {
        let site = try TestSite()
        for name in ["a", "b", "folder/c"] { site.primary.write(name, "1") }
        try await site.sync()
        try await site.failOver()
        chown(site.secondary.root + "/a", 12345, 54321)
        chown(site.secondary.root + "/folder", 12345, 0)
        chown(site.primary.root + "/b", 23456, 0)
        let plan = try await site.mover.plan()
        #expect(plan.entries.map { "\($0.reason) \($0.path)" } == ["copy_back a", "rescue b", "copy_back folder"])
        try await site.pass(isFinal: true)
        for tree in [site.primary, site.secondary] {
            for (name, user, group) in [("a", 12345, 54321), ("b", 23456, 0), ("folder", 12345, 0), ("folder/c", 0, 0)]
            {
                var state = stat()
                #expect(lstat("\(tree.root)/\(name)", &state) == 0)
                #expect(state.st_uid == UInt32(user) && state.st_gid == UInt32(group), "\(tree.root)/\(name)")
            }
        }
    }

    @Test func `passes repeat while people write, and the last one makes both equal`() async throws {
        let site = try TestSite()
        site.primary.write("a", "0")
        try await site.sync()
        try await site.failOver()
        for round in 1...3 {
            site.secondary.write("a", "round \(round)")
            site.secondary.write("new \(round)", "x")
            if round > 1 { site.secondary.remove("new \(round - 1)") }
            let report = try await site.pass()
            // What this side wrote and the other was given is no conflict when it is written again.
            #expect(report.done.allSatisfy { $0.reason != "conflict" && $0.reason != "rescue" }, "\(report.done)")
        }
        try await site.pass(isFinal: true)
        #expect(site.primary.content() == site.secondary.content())
        #expect(site.primary.content().count == 2)
        // The site is back, and the forward runs go on.
        site.pointer.move(to: "primary", epoch: 3)
        site.primary.write("after", "1")
        try await site.sync()
        #expect(site.secondary.content() == site.primary.content())
    }

    @Test(arguments: [
        ("newer", "primary"), ("primary", "primary"), ("secondary", "secondary"), ("keep_both", "secondary"),
    ])
    func `who wins a conflict is said in the configuration`(_ rule: String, _ winner: String) async throws {
        let site = try TestSite("delete: true, conflict: \(rule)")
        site.primary.write("a", "base")
        site.primary.write("gone", "base")
        try await site.sync()
        try await site.failOver()
        site.secondary.write("a", "secondary")
        site.primary.write("a", "primary")
        site.primary.setTime(Array("a".utf8), seconds: 4_000_000_000, nanoseconds: 1)
        site.secondary.remove("gone")
        site.primary.write("gone", "changed")
        try await site.pass()
        try await site.pass(isFinal: true)
        #expect(site.primary.content() == site.secondary.content())
        #expect(site.primary.text("a") == winner)
        // Deleted here, changed there: kept, unless the one who deleted it always wins.
        #expect(site.primary.text("gone") == (rule == "secondary" ? nil : "changed"))
        let aside = site.primary.setAside().merging(site.secondary.setAside()) { $0.union($1) }
        #expect(aside[Array("a".utf8)] == ["file 644 \(winner == "primary" ? "secondary" : "primary")"])
        let copies = site.primary.content().keys.map { String(decoding: $0, as: UTF8.self) }
            .filter { $0.hasPrefix("a.conflict-primary-") }
        #expect(copies.count == (rule == "keep_both" ? 1 : 0))
        for copy in copies { #expect(site.secondary.text(copy) == "primary") }
    }

    @Test func `a file in the place of a folder, and a folder in the place of a file`() async throws {
        let site = try TestSite("delete: true, max_deletions_percent: 100")
        site.primary.write("x/one", "1")
        site.primary.write("y", "file")
        site.primary.write("z/inner", "1")
        try await site.sync()
        try await site.failOver()
        site.secondary.remove("x")
        site.secondary.write("x", "now a file")
        site.secondary.remove("y")
        site.secondary.write("y/inner", "now a folder")
        site.secondary.remove("z")
        // Late at the primary, below what the secondary took away.
        site.primary.write("x/late", "only here")
        site.primary.write("z/late", "only here too")
        try await site.pass()
        try await site.pass(isFinal: true)
        #expect(site.primary.content() == site.secondary.content())
        #expect(site.primary.text("x") == "now a file" && site.primary.text("y/inner") == "now a folder")
        #expect(site.primary.text("z/late") == "only here too" && !site.primary.exists("z/inner"))
        #expect(site.primary.setAside()[Array("x/late".utf8)] == ["file 644 only here"])
        #expect(try await site.mover.report().done.contains { $0.path == "x/late" && $0.reason == "displaced" })
    }

    /// Symptom: a failback was undone every time, for the trees were not equal. Cause: a folder that the secondary had taken away has
    /// files in it at the primary that are excluded, and so cannot be removed. Fix: it may stay, for nothing that travels is in it.
    @Test func `a folder that excluded files keep keeps nobody from coming back`() async throws {
        let site = try TestSite("delete: true, max_deletions_percent: 100, exclude: [\"log/\"]")
        site.primary.write("app/x", "1")
        site.primary.write("stays", "1")
        try await site.sync()
        site.primary.write("app/log/today", "the primary's own")
        try await site.failOver()
        site.secondary.remove("app")
        site.secondary.write("new", "1")
        try await site.pass()
        let last = try await site.pass(isFinal: true)
        #expect(last.remaining == 0)
        #expect(site.primary.text("app/log/today") == "the primary's own" && !site.primary.exists("app/x"))
        #expect(site.primary.text("new") == "1" && !site.secondary.exists("app"))
    }

    /// Symptom: a way back failed at every pass. Cause: the second name of a conflict was longer than a file system takes. Fix: it is
    /// shortened.
    @Test func `both versions of a file with a long name are kept`() async throws {
        let site = try TestSite("delete: true, conflict: keep_both")
        let names = ["x", "y"].map { String(repeating: "ä", count: 115) + $0 + String(repeating: "n", count: 24) }
        for name in names { site.primary.write(name, "base") }
        try await site.sync()
        try await site.failOver()
        for name in names {
            site.primary.write(name, "primary \(name.suffix(25))")
            site.secondary.write(name, "secondary")
        }
        try await site.pass()
        try await site.pass(isFinal: true)
        #expect(site.primary.content() == site.secondary.content())
        let contents = Set(site.primary.content().values)
        for name in names { #expect(contents.contains("file 644 primary \(name.suffix(25))"), "\(contents)") }
        #expect(contents.contains("file 644 secondary"))
    }

    /// Symptom: what people uploaded after a switchover was deleted when that site was lost and the first one took over again. Cause: the
    /// runs ahead of a switchover's last one go under the new epoch and leave a manifest of it, and the freeze took that for its own
    /// work of before: nothing said that the tree has files of its own. Fix: the marker says so, and the report of the freeze.
    @Test func `after a switchover a site's own files are merged before anything is sent over them`() async throws {
        let site = try TestSite()
        site.primary.write("a", "1")
        try await site.sync()
        site.pointer.move(to: "primary", epoch: 2)
        site.primary.write("b", "2")
        try await site.sync()
        site.primary.write("c", "3")
        try await site.sync()
        #expect(try await site.mover.freeze(epoch: 2).files == 3)
        site.pointer.move(to: "secondary", epoch: 2)
        site.secondary.write("upload", "only here")
        // Done a second time, as when the step is gone on with.
        #expect(try await site.mover.freeze(epoch: 2).files == 3)
        // It is lost, and the primary takes over.
        try await site.mover.regain(epoch: 3)
        site.pointer.move(to: "primary", epoch: 3)
        try await site.sync()
        #expect(site.primary.text("upload") == "only here" && site.secondary.text("upload") == "only here")
        #expect(try await site.mover.report().done.contains { $0.path == "upload" && $0.reason != "delete" })
    }

    /// Symptom: a failover to a site whose disk was not mounted marked the bare mount point, and its empty manifest took the place of the
    /// good base: everything at the primary would have looked new. Fix: where files are known to have been sent, an empty tree without
    /// a marker is refused.
    @Test func `a failover to a tree that is not mounted is refused and keeps the base`() async throws {
        let site = try TestSite()
        for number in 0..<3 { site.primary.write("\(number)", "x") }
        try await site.sync()
        let base = site.primary.bytes(Array(".switchback/opt/manifest".utf8))
        let away = site.folder + "/away"
        rename(site.secondary.root, away)
        mkdir(site.secondary.root, 0o755)
        mkdir(site.secondary.root + "/lost+found", 0o700)
        // It is known by the record of the runs, and by what lies at the other end.
        for lost in [["nothing"], ["runs"], ["marker", "runs"], ["manifest", "runs"]] {
            let home = site.primary.root + "/.switchback/opt"
            for name in lost { rename("\(home)/\(name)", "\(site.folder)/\(name)") }
            let error = await #expect(throws: FileSyncError.self) { try await site.mover.freeze(epoch: 2) }
            #expect(
                error?.kind == .refused && error?.hint?.contains("mount it") == true,
                "\(lost): \(String(describing: error))")
            for name in lost { rename("\(site.folder)/\(name)", "\(home)/\(name)") }
        }
        #expect(site.secondary.content(own: true).count == 1)
        #expect(site.primary.bytes(Array(".switchback/opt/manifest".utf8)) == base)
        // Mounted again it is as it was.
        rmdir(site.secondary.root + "/lost+found")
        rmdir(site.secondary.root)
        rename(away, site.secondary.root)
        try await site.failOver()
        let plan = try await site.mover.plan()
        #expect(plan.hasBase && plan.entries.isEmpty)
        // Where nothing was ever sent, nothing is missing.
        let fresh = try TestSite()
        #expect(try await fresh.mover.freeze(epoch: 2).files == 0)
    }

    @Test func `a job that deletes nothing deletes nothing on the way back, and brings nothing back that went before`()
        async throws
    {
        let site = try TestSite("delete: false")
        for name in ["gone", "lost", "old", "stays"] { site.primary.write(name, name) }
        try await site.sync()
        // A look at the tree may cost what it likes.
        var record = try await site.mover.record()
        record.manifestSeconds = 0
        try await site.mover.write(record)
        site.primary.remove("old")
        try await site.sync()
        try await site.failOver()
        site.secondary.remove("gone")
        site.secondary.write("new", "1")
        site.primary.remove("lost")
        let plan = try await site.mover.plan().entries.map { "\($0.reason) \($0.path)" }
        #expect(plan == ["restore lost", "copy_back new"])
        for isFinal in [false, true] { #expect(try await site.pass(isFinal: isFinal).remaining == 0) }
        func names(_ tree: Tree) -> [String] { tree.content().keys.map { "\(TreePath($0))" }.sorted() }
        #expect(names(site.primary) == ["gone", "lost", "new", "stays"])
        #expect(names(site.secondary) == ["lost", "new", "old", "stays"])
        // The forward runs bring again what the primary has, as ever.
        site.pointer.move(to: "primary", epoch: 3)
        try await site.sync()
        #expect(names(site.secondary) == ["gone", "lost", "new", "old", "stays"] && !site.primary.exists("old"))
    }

    /// Symptom: after a failback by overlap a file that the primary had deleted came back to it with the next one. Cause: runs went forward
    /// under the new epoch before the last pass of the way back, and so the first one after it, which merges, was not the first of
    /// its epoch: it took no manifest until something moved, and a merge's base did not say what is left over. What moved then was
    /// noted beside a manifest that was the base no more. Fix: after a merge both trees are looked at, whatever moves.
    @Test func `the first run after a merge takes a manifest, also where it moves nothing`() async throws {
        let site = try TestSite("delete: false")
        for name in ["old", "stays"] { site.primary.write(name, name) }
        try await site.sync()
        try await site.failOver()
        site.secondary.write("new", "1")
        site.pointer.move(to: "secondary", epoch: 3)
        try await site.pass()
        site.pointer.move(to: "primary", epoch: 3)
        try await site.sync()
        // A look at the tree is dear, and is not taken but where it has to be.
        var record = try await site.mover.record()
        record.manifestSeconds = 1_000_000
        try await site.mover.write(record)
        site.pointer.move(to: "secondary", epoch: 3)
        try await site.pass()
        site.pointer.move(to: "primary", epoch: 3)
        site.primary.remove("old")
        // As the watcher tells it.
        let report = try await site.sync { $0.paths = [TreePath("old")] }
        #expect(report.files == 0 && report.deleted == 0 && site.secondary.exists("old"))
        let after = try await site.mover.record()
        let (earlier, later) = (try #require(record.manifestAt), try #require(after.manifestAt))
        #expect(later > earlier && !after.isDoubtful)
        let base = try await site.mover.base()
        #expect(base.stored?.manifest[TreePath("old")]?.isLeftOver == true)
        // It is the secondary's alone, and stays so.
        _ = try await site.mover.freeze(epoch: 4)
        site.pointer.move(to: "secondary", epoch: 4)
        let plan = try await site.mover.plan()
        #expect(plan.entries.isEmpty && plan.staying == [MovePlan.Staying(site: "secondary", paths: 1)])
        try await site.pass(isFinal: true)
        #expect(!site.primary.exists("old") && site.secondary.text("old") == "old")
    }

    /// Symptom: the report named backups that were not there. Cause: a version that differs in mode only is overwritten by nothing, and of
    /// a folder nothing is kept but what is in it.
    @Test func `the report names what was set aside, and nothing else`() async throws {
        let site = try TestSite("delete: true, max_deletions_percent: 100")
        for name in ["mode", "text", "folder/x"] { site.primary.write(name, "1") }
        try await site.sync()
        try await site.failOver()
        chmod(site.secondary.raw(Array("mode".utf8)), 0o600)
        site.secondary.write("text", "changed")
        site.secondary.remove("folder")
        let plan = try await site.mover.plan().entries.filter { $0.setsAside != nil }.map(\.path)
        try await site.pass(isFinal: true)
        let report = try await site.mover.report().done
        #expect(report.map(\.path).sorted() == ["folder", "folder/x", "mode", "text"])
        let aside = report.compactMap(\.setAside)
        #expect(plan.sorted() == ["folder/x", "text"] && aside.count == 2)
        for place in aside { #expect(site.primary.exists(String(place.dropFirst("primary:".count))), "\(place)") }
    }

    /// Symptom: the second name that a file got had lost its extended attributes. Cause: it was fetched without them, to a folder whose
    /// file system need not know them.
    @Test(.enabled(if: access("/usr/bin/python3", X_OK) == 0, "Python sets them"))
    func `a version that is kept under a second name keeps its extended attributes`() async throws {
        let site = try TestSite("delete: true, conflict: keep_both, xattrs: true")
        site.primary.write("a", "base")
        try await site.sync()
        try await site.failOver()
        site.secondary.write("a", "secondary")
        site.primary.write("a", "primary")
        let set = "import os, sys; os.setxattr(sys.argv[1], 'user.note', b'mine')"
        #expect(await ProgramRun(["/usr/bin/python3", "-c", set, site.primary.root + "/a"]).status() == 0)
        try await site.pass(isFinal: true)
        let copy = try #require(site.primary.content().keys.first { $0.starts(with: Array("a.conflict-".utf8)) })
        let get = "import os, sys; print(os.getxattr(sys.argv[1], 'user.note'))"
        for tree in [site.primary, site.secondary] {
            let path = "\(tree.root)/\(TreePath(copy))"
            #expect(await ProgramRun(["/usr/bin/python3", "-c", get, path]).output().contains("mine"))
        }
        #expect(!site.primary.exists(".switchback/opt/stage"))
    }

    @Test func `a primary whose disk is new is filled`() async throws {
        let site = try TestSite()
        for number in 0..<5 { site.primary.write("folder/\(number)", "\(number)") }
        try await site.sync()
        try await site.failOver()
        site.primary.remove("folder")
        site.primary.remove(".switchback")
        let plan = try await site.mover.plan()
        #expect(plan.obstacle == nil && plan.count(.restore) == 6)
        try await site.pass(isFinal: true)
        #expect(site.primary.content() == site.secondary.content() && site.primary.content().count == 6)
    }

    /// Symptom: a new disk was refused as one that had lost its marker. Cause: its file system's own `lost+found` is in it. Fix: that is
    /// nobody's file.
    @Test func `a new disk with a folder of its file system's own is a new disk`() async throws {
        let site = try TestSite()
        for number in 0..<5 { site.primary.write("\(number)", "x") }
        try await site.sync()
        try await site.failOver()
        for name in site.primary.names(in: []) { site.primary.remove(name) }
        mkdir(site.primary.root + "/lost+found", 0o700)
        let plan = try await site.mover.plan()
        #expect(plan.obstacle == nil && plan.count(.restore) == 5 && plan.count(.delete) == 0)
        try await site.pass(isFinal: true)
        #expect(site.primary.text("4") == "x" && site.secondary.text("4") == "x")
        // At the active site such a disk is an empty one.
        for name in site.secondary.names(in: []) where name != Array(".switchback".utf8) { site.secondary.remove(name) }
        mkdir(site.secondary.root + "/lost+found", 0o700)
        #expect(try await site.mover.plan().obstacle?.contains("is empty") == true)
    }

    @Test func `nothing comes back over an empty or foreign tree, nor past the limit of deletions`() async throws {
        let site = try TestSite("delete: true, max_deletions: 5, max_deletions_percent: 100")
        for number in 0..<10 { site.primary.write("\(number)", "x") }
        try await site.sync()
        try await site.failOver()
        for number in 0..<8 { site.secondary.remove("\(number)") }
        let limit = await #expect(throws: FileSyncError.self) { try await site.pass() }
        #expect(limit?.kind == .refused && limit?.message.contains("the limit is 5") == true)
        for number in 8..<10 { site.secondary.remove("\(number)") }
        let empty = await #expect(throws: FileSyncError.self) { try await site.pass() }
        #expect(empty?.kind == .refused && empty?.message.contains("is empty") == true)
        site.primary.remove(".switchback")
        let unmarked = try await site.mover.plan()
        #expect(unmarked.obstacle?.contains("lost its marker") == true)
        #expect(site.primary.content().count == 10)
    }

    @Test func `without a manifest nothing is taken for deleted`() async throws {
        let site = try TestSite()
        site.primary.write("a", "1")
        site.primary.write("b", "2")
        try await site.sync()
        site.pointer.move(to: "secondary", epoch: 2)
        site.secondary.remove("a")
        for tree in [site.primary, site.secondary] { tree.remove(".switchback/opt/manifest") }
        let plan = try await site.mover.plan()
        #expect(!plan.hasBase && plan.entries.map(\.reason) == ["rescue"])
        try await site.pass(isFinal: true)
        #expect(site.secondary.text("a") == "1")
    }

    @Test func `a manifest at either end is enough`() async throws {
        for lost in ["primary", "secondary"] {
            let site = try TestSite()
            site.primary.write("a", "1")
            try await site.sync()
            site.pointer.move(to: "secondary", epoch: 2)
            site.secondary.remove("a")
            site.secondary.write("b", "1")
            (lost == "primary" ? site.primary : site.secondary).write(".switchback/opt/manifest", "torn")
            let plan = try await site.mover.plan()
            #expect(plan.hasBase && plan.count(.delete) == 1 && plan.count(.copyBack) == 1)
        }
    }

    /// Between two looks at the receiving tree the manifest is old: what travelled since must not look deleted there.
    @Test func `a file that came and went and came again since the manifest was taken is not lost`() async throws {
        let site = try TestSite()
        site.primary.write("a", "1")
        site.primary.write("b", "1")
        site.primary.setTime(Array("a".utf8), seconds: 1_700_000_000, nanoseconds: 1)
        try await site.sync()
        // Just these paths: the receiving tree is not looked at again.
        site.primary.remove("a")
        try await site.sync { $0.paths = [TreePath("a")] }
        #expect(!site.secondary.exists("a"))
        site.primary.write("a", "1")
        site.primary.setTime(Array("a".utf8), seconds: 1_700_000_000, nanoseconds: 1)
        site.pointer.move(to: "secondary", epoch: 2)
        let plan = try await site.mover.plan()
        #expect(plan.entries.map(\.reason) == ["rescue"])
    }
}
