import FileSync
import Foundation
import TestSupport
import Testing

/// Trees that change at random at both sides, runs and passes that are cut off at random, and then the way back. What must
/// be there afterwards is known from what each side held, by content: no two writes ever write the same.
struct RandomLife {
    private let site: TestSite
    private let seed: UInt64
    /// Whether a tree is reached over a network: each look takes longer there, and less happens.
    private let isFar: Bool
    private var random: SeededRandom
    private var trees: RandomTrees

    /// - Parameter hidden: whether there are changes that leave size and time as they were.
    init(_ site: TestSite, seed: UInt64, hidden: Bool, isFar: Bool = false) {
        self.site = site
        self.seed = seed
        self.isFar = isFar
        random = SeededRandom(seed)
        trees = RandomTrees(seed, hidden: hidden)
    }

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

    private mutating func cut<R: Sendable>(_ body: @escaping @Sendable () async throws -> R) async -> R? {
        let task = Task { try await body() }
        let isCut = random.once(in: 2)
        if isCut {
            try? await Task.sleep(for: .milliseconds(random.number(5...(isFar ? 1000 : 250))))
            task.cancel()
        }
        let result = try? await task.value
        // What was cut off here goes on at the far end until it hears of it. People who write there meanwhile are no part of this.
        if isCut, isFar { try? await Task.sleep(for: .milliseconds(500)) }
        return result
    }

    mutating func live() async throws {
        let (site, seed) = (site, seed)
        site.primary.write("anchor", "here")
        // Forward, some of it cut off.
        for _ in 0..<(isFar ? 1 : 3) {
            trees.change(site.primary, times: 15)
            _ = await cut { try await site.sync() }
        }
        try await site.sync()
        #expect(site.secondary.content() == site.primary.content(), "seed \(seed)")
        let base = Set(site.secondary.content().values.map(Ledger.key))
        trees.change(site.primary, times: 4)
        if !isFar, random.once(in: 2) { _ = await cut { try await site.sync() } }
        // The move, and both sides' own lives.
        try await site.failOver()
        var ledger = Ledger()
        let atMove = Set(site.secondary.content().values.map(Ledger.key)).intersection(base)
        trees.change(site.primary, times: 8)
        trees.change(site.secondary, times: 15)
        ledger.take(site.primary, without: atMove)
        ledger.take(site.secondary, without: atMove)
        // Back, some of it cut off, while people write at the secondary.
        for _ in 0..<(isFar ? 1 : 2) {
            _ = await cut { try await site.pass() }
            let before = site.secondary.content()
            trees.change(site.secondary, times: 3)
            ledger.forgive(before, site.secondary.content())
            ledger.take(site.secondary, without: atMove)
        }
        try await site.pass(isFinal: true)
        try await expectNothingLost(ledger)
    }

    private func expectNothingLost(_ ledger: Ledger) async throws {
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

/// Trees of this machine; `TransportTests` has them behind an rsync daemon and behind ssh.
@Suite("Random trees, there and back") struct RandomFailbackTests {
    @Test(arguments: 0..<8) func `nothing that only one side had is gone, whatever was cut off`(_ index: Int)
        async throws
    {
        let hidden = index % 3 == 0
        let rule = ["newer", "keep_both", "secondary", "primary"][index % 4]
        let site = try TestSite(
            "delete: true, hard_links: true, sparse: \(index % 2 == 0), checksum: \(hidden), conflict: \(rule), max_deletions: 1000, max_deletions_percent: 100"
        )
        var life = RandomLife(site, seed: testSeed() &+ UInt64(index), hidden: hidden)
        try await life.live()
    }
}
