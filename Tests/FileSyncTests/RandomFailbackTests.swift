import FileSync
import Foundation
import TestSupport
import Testing

/// Trees that change at random at both sides, runs and passes that are cut off at random, and then the way back. What must
/// be there afterwards is known from what each side held, by content: no two writes ever write the same.
@Suite("Random trees, there and back") struct RandomFailbackTests {
    /// What must not be lost: contents by where they were last seen.
    private struct Ledger {
        var owed: [String: [UInt8]] = [:]

        /// Everything in a tree is owed from now on, unless the base has it.
        mutating func take(_ tree: Tree, without base: Set<String>) {
            for (path, what) in tree.content() where !what.hasPrefix("folder") {
                let content = Self.key(what)
                if !base.contains(content) { owed[content] = path }
            }
        }

        /// What a side's own people overwrote or deleted is owed no more.
        mutating func forgive(_ before: [[UInt8]: String], _ after: [[UInt8]: String]) {
            let kept = Set(after.values.map(Self.key))
            for what in before.values where !kept.contains(Self.key(what)) { owed[Self.key(what)] = nil }
        }

        /// Content without the mode. Links are alike where their targets are.
        static func key(_ what: String) -> String {
            what.hasPrefix("file") ? String(what.drop { $0 != " " }.dropFirst().drop { $0 != " " }) : what
        }
    }

    private func cut<R: Sendable>(
        _ random: inout SeededRandom, _ body: @escaping @Sendable () async throws -> R
    ) async -> R? {
        let task = Task { try await body() }
        if random.once(in: 2) {
            try? await Task.sleep(for: .milliseconds(random.number(5...250)))
            task.cancel()
        }
        return try? await task.value
    }

    @Test(arguments: 0..<8) func `nothing that only one side had is gone, whatever was cut off`(_ index: Int)
        async throws
    {
        let seed = testSeed() &+ UInt64(index)
        var random = SeededRandom(seed)
        let hidden = index % 3 == 0
        let rule = ["newer", "keep_both", "secondary", "primary"][index % 4]
        let site = try TestSite(
            "delete: true, hard_links: true, sparse: \(index % 2 == 0), checksum: \(hidden), conflict: \(rule), max_deletions: 1000, max_deletions_percent: 100"
        )
        var trees = RandomTrees(seed, hidden: hidden)
        site.primary.write("anchor", "here")
        // Forward, some of it cut off.
        for _ in 0..<3 {
            trees.change(site.primary, times: 15)
            _ = await cut(&random) { try await site.sync() }
        }
        try await site.sync()
        #expect(site.secondary.content() == site.primary.content(), "seed \(seed)")
        let base = Set(site.secondary.content().values.map(Ledger.key))
        trees.change(site.primary, times: 4)
        if random.once(in: 2) { _ = await cut(&random) { try await site.sync() } }
        // The move, and both sides' own lives.
        try await site.failOver()
        var ledger = Ledger()
        let atMove = Set(site.secondary.content().values.map(Ledger.key)).intersection(base)
        trees.change(site.primary, times: 8)
        trees.change(site.secondary, times: 15)
        ledger.take(site.primary, without: atMove)
        ledger.take(site.secondary, without: atMove)
        // Back, some of it cut off, while people write at the secondary.
        for _ in 0..<2 {
            _ = await cut(&random) { try await site.pass() }
            let before = site.secondary.content()
            trees.change(site.secondary, times: 3)
            ledger.forgive(before, site.secondary.content())
            ledger.take(site.secondary, without: atMove)
        }
        try await site.pass(isFinal: true)
        try await expectNothingLost(site, ledger, seed)
    }

    private func expectNothingLost(_ site: TestSite, _ ledger: Ledger, _ seed: UInt64) async throws {
        let (primary, secondary) = (site.primary.content(), site.secondary.content())
        #expect(primary == secondary, "seed \(seed)")
        #expect(try await site.mover.plan().entries.isEmpty, "seed \(seed)")
        let there = Set(primary.values.map(Ledger.key))
        let named = Set(try await site.mover.report().done.compactMap(\.setAside))
        var (aside, told): (Set<String>, Set<String>) = ([], [])
        for (name, tree) in [("primary", site.primary), ("secondary", site.secondary)] {
            for (path, what) in tree.backups() {
                aside.insert(Ledger.key(what))
                if named.contains("\(name):\(TreePath(path))") { told.insert(Ledger.key(what)) }
            }
        }
        for (content, path) in ledger.owed where !there.contains(content) {
            #expect(
                aside.contains(content),
                "seed \(seed): \(TreePath(path)) is gone, and was set aside nowhere: \(content)")
            #expect(told.contains(content), "seed \(seed): \(TreePath(path)) is not in the report: \(content)")
        }
    }
}
