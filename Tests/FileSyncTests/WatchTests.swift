import Foundation
import Glibc
import Logging
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

    private func running<R: Sendable>(_ site: TestSite, _ body: () async throws -> R) async throws -> R {
        let runner = FilesRunner([site.job], logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
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
