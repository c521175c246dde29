import Foundation
import Glibc
import TestSupport
import Testing

@testable import FileSync

/// Following a tree as it changes.
@Suite("Watching") struct WatchTests {
    @Test func `events in folders become paths of the tree`() {
        var tree = WatchTree(filter: PathFilter(exclude: ["log/", "*.tmp"]))
        tree.add(1, TreePath([]))
        tree.add(2, TreePath("a"))
        tree.add(3, TreePath("a/b"))
        func hear(_ watch: Int32, _ mask: UInt32, _ name: String = "") -> [WatchTree.Action] {
            tree.hear(WatchTree.Event(watch: watch, mask: mask, name: Array(name.utf8)))
        }
        typealias Mask = WatchTree.Mask
        #expect(hear(2, Mask.closeWrite, "x") == [.changed(TreePath("a/x"))])
        #expect(hear(2, Mask.closeWrite, "x.tmp") == [] && hear(2, Mask.create | Mask.isFolder, "log") == [])
        #expect(hear(1, Mask.create | Mask.isFolder, "new") == [.changed(TreePath("new")), .watch(TreePath("new"))])
        #expect(hear(9, Mask.closeWrite, "x") == [])
        #expect(hear(3, Mask.attributes) == [.changed(TreePath("a/b"))])
        #expect(hear(1, Mask.overflow) == [.everything])
        // A folder that moves is forgotten with all below it, and watched anew where it comes up.
        #expect(hear(1, Mask.movedFrom | Mask.isFolder, "a") == [.forget(2), .forget(3), .changed(TreePath("a"))])
        #expect(hear(3, Mask.closeWrite, "x") == [] && tree.count == 1)
        #expect(hear(1, Mask.deleteSelf) == [.rootLost] && hear(1, Mask.ignored) == [.rootLost])
        #expect(tree.count == 0)
    }

    private func running<R: Sendable>(
        _ site: TestSite, log: NoteLog = NoteLog(), _ body: () async throws -> R
    ) async throws -> R {
        let runner = FilesRunner([site.job], logger: log.logger)
        let task = Task { await runner.run() }
        do {
            let result = try await body()
            task.cancel()
            await task.value
            return result
        } catch {
            task.cancel()
            await task.value
            throw error
        }
    }

    @Test func `what changes in a watched tree arrives by itself, whatever it is`() async throws {
        let site = try TestSite("delete: true, watch: true, max_deletions_percent: 100, exclude: [\"*.tmp\"]")
        site.primary.write("first", "1")
        site.primary.write("folder/two", "2")
        try await running(site) { () async throws -> Void in
            #expect(try await eventually { site.secondary.text("folder/two") == "2" })
            site.primary.write("first", "changed")
            site.primary.write("folder/new", "3")
            site.primary.write("deep/er/still", "4")
            rename(site.primary.raw(Array("folder".utf8)), site.primary.raw(Array("moved".utf8)))
            site.primary.write("left.tmp", "stays")
            symlink("first", site.primary.raw(Array("soft".utf8)))
            var wanted = site.primary.content()
            wanted[Array("left.tmp".utf8)] = nil
            #expect(try await eventually { site.secondary.content() == wanted })
            site.primary.write("moved/after", "5")
            site.primary.remove("deep")
            site.primary.write([0xFF, 0x0A], [1])
            chmod(site.primary.raw(Array("first".utf8)), 0o600)
            wanted = site.primary.content()
            wanted[Array("left.tmp".utf8)] = nil
            #expect(try await eventually { site.secondary.content() == wanted })
        }
        #expect(site.secondary.setAside()[Array("deep/er/still".utf8)] == ["file 644 4"])
    }

    @Test func `many changes at random are followed`() async throws {
        let site = try TestSite(
            "delete: true, watch: true, hard_links: true, max_deletions: 100000, max_deletions_percent: 100")
        let seed = testSeed()
        var trees = RandomTrees(seed, hidden: false, links: false)
        site.primary.write("anchor", "here")
        try await running(site) { () async throws -> Void in
            #expect(try await eventually { site.secondary.exists("anchor") })
            for _ in 0..<12 {
                trees.change(site.primary, times: 10)
                try await Task.sleep(for: .milliseconds(60))
            }
            var different: [String] = []
            for _ in 0..<600 {
                different = Self.differences(site)
                if different.isEmpty { break }
                try await Task.sleep(for: .milliseconds(100))
            }
            let status = await FilesStatus.of(site.job)
            #expect(different.isEmpty, "\(status) seed \(seed): \(different)")
        }
    }

    private static func differences(_ site: TestSite) -> [String] {
        let ours = site.primary.content()
        let theirs = site.secondary.content()
        return Set(ours.keys).union(theirs.keys).filter { ours[$0] != theirs[$0] }.map { path in
            "\(TreePath(path)): \(ours[path] ?? "nothing") / \(theirs[path] ?? "nothing")"
        }
    }

    @Test func `lost events are made up for by a full pass`() async throws {
        let folder = try Program.folder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let tree = Tree(folder)
        let watcher = try await TreeWatcher.start(folder + "/", filter: PathFilter(), pathsMax: 100)
        defer { watcher.stop() }
        for number in 0..<90 { symlink("x", tree.raw(Array("\(number)".utf8))) }
        #expect(!watcher.owesEverything)
        // More changes than are told one by one.
        for number in 90..<300 { symlink("x", tree.raw(Array("\(number)".utf8))) }
        #expect(try await eventually { watcher.owesEverything })
        #expect(watcher.take().everything && !watcher.owesEverything)
    }

    /// Symptom: a folder that came while there were no watches left was never watched, and nobody was told. Fix: it is told, and tried
    /// again at each full pass.
    @Test func `a folder that cannot be watched is told, and watched when there is room`() async throws {
        let folder = try Program.folder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let tree = Tree(folder)
        mkdir(folder + "/a", 0o755)
        let watcher = try await TreeWatcher.start(folder + "/", filter: PathFilter(), watchesMax: 2)
        defer { watcher.stop() }
        #expect(watcher.failure == nil)
        mkdir(folder + "/b", 0o755)
        #expect(try await eventually { watcher.take().everything })
        let failure = try #require(watcher.failure)
        #expect(failure.message.contains("\(folder)/b") && failure.hint?.contains("max_user_watches") == true)
        // A try that fails asks for no full pass: it is a full pass that tries.
        watcher.tryAgain()
        try await Task.sleep(for: .milliseconds(100))
        #expect(watcher.failure == failure && !watcher.take().everything)
        tree.write("b/before", "1")
        rmdir(folder + "/a")
        #expect(
            try await eventually {
                watcher.tryAgain()
                return watcher.failure == nil
            })
        #expect(try await eventually { watcher.take().paths.contains(TreePath("b/before")) })
        tree.write("b/after", "1")
        #expect(try await eventually { watcher.take().paths.contains(TreePath("b/after")) })
    }

    /// Symptom: a daemon that was started before a disk was mounted watched the folder below the disk for ever. Cause: a mount makes no
    /// event. Fix: before each full pass it is looked whether what is watched lies at the root.
    @Test func `a tree that comes to lie over the watched one is watched`() async throws {
        let site = try TestSite("delete: true, watch: true, every: 1s, max_deletions_percent: 100")
        site.primary.write("a", "1")
        try await site.sync()
        let (below, above) = (site.folder + "/below", site.folder + "/above")
        rename(site.primary.root, below)
        #expect(await ProgramRun(["cp", "-a", below, above]).status() == 0)
        symlink(below, site.primary.root)
        let watcher = try await TreeWatcher.start(site.primary.root + "/", filter: PathFilter())
        defer { watcher.stop() }
        #expect(await watcher.isAtRoot())
        let log = NoteLog()
        func starts() -> Int { log.all.count { $0.contains("watches") } }
        try await running(site, log: log) { () async throws -> Void in
            site.primary.write("first", "1")
            #expect(try await eventually { site.secondary.exists("first") })
            #expect(starts() == 1)
            // From one moment to the next, as a mount does it.
            symlink(above, site.folder + "/next")
            rename(site.folder + "/next", site.primary.root)
            #expect(await !watcher.isAtRoot())
            #expect(try await eventually { starts() == 2 })
            site.primary.write("b", "2")
            #expect(try await eventually { site.secondary.text("b") == "2" })
        }
        #expect(starts() == 2)
    }

    /// Symptom: where changes never ceased, what made no event was never found. Cause: runs of single paths put the full pass off, and
    /// went first. Fix: a full pass that is due goes first, and only another one puts it off.
    @Test func `a tree that never rests is gone through as a whole all the same`() async throws {
        let site = try TestSite("delete: true, watch: true, every: 2s")
        site.primary.write("first", "1")
        try await running(site) { () async throws -> Void in
            #expect(try await eventually { site.secondary.exists("first") })
            let restless = Task { [primary = site.primary] in
                var number = 0
                while !Task.isCancelled {
                    number += 1
                    primary.write("restless", "\(number)")
                    try? await Task.sleep(for: .milliseconds(300))
                }
            }
            defer { restless.cancel() }
            // What goes at the other side makes no event here.
            for _ in 0..<2 {
                site.secondary.remove("first")
                #expect(try await eventually { site.secondary.exists("first") })
            }
        }
    }

    @Test func `a schedule is kept, and a job that fails is tried again`() async throws {
        let site = try TestSite("delete: true, every: 1s")
        site.primary.write("a", "1")
        rmdir(site.secondary.root)
        try await running(site) { () async throws -> Void in
            #expect(try await eventually { site.primary.exists(".switchback/opt/lock") })
            mkdir(site.secondary.root, 0o755)
            #expect(try await eventually { site.secondary.text("a") == "1" })
            site.primary.write("b", "2")
            #expect(try await eventually { site.secondary.text("b") == "2" })
        }
    }

    @Test func `a watched site that is not active any more is left alone, and goes on when it is again`() async throws {
        let site = try TestSite("delete: true, watch: true")
        site.primary.write("a", "1")
        try await running(site) { () async throws -> Void in
            #expect(try await eventually { site.secondary.exists("a") })
            site.pointer.move(to: "secondary", epoch: 2)
            site.primary.write("b", "2")
            #expect(try await eventually { await FilesStatus.of(site.job).state == "standby" })
            #expect(!site.secondary.exists("b"))
            // For a moment it is nowhere, and then it is here again.
            site.pointer.hide()
            site.primary.write("c", "3")
            site.pointer.move(to: "primary", epoch: 3)
            #expect(try await eventually { site.secondary.text("b") == "2" && site.secondary.text("c") == "3" })
        }
    }
}
