import TestSupport
import Testing

@testable import FileSync

/// The comparison as a value: every combination of one path, and random trees against what must hold of any plan.
@Suite("The three-way comparison") struct ThreeWayTests {
    private static func file(_ content: Int, time: Int64 = 10) -> FileEntry {
        FileEntry(kind: .file, size: Int64(content), time: .init(seconds: time, nanoseconds: 0), mode: 0o644)
    }

    private static let folder = FileEntry(kind: .folder, mode: 0o755)
    private static let states: [FileEntry?] = [
        nil, file(1), file(2, time: 20), file(3, time: 5), folder, FileEntry(kind: .link, target: [1]),
    ]
    private static let rules: [FileRule] = [.newer, .side(.active), .side(.returning), .keepBoth]

    @Test func `every combination of one path`() throws {
        for base in Self.states {
            for returning in Self.states {
                for active in Self.states {
                    for rule in Self.rules { try check(base, returning, active, rule) }
                }
            }
        }
    }

    private func check(_ base: FileEntry?, _ returning: FileEntry?, _ active: FileEntry?, _ rule: FileRule) throws {
        let decision = ThreeWay.decide(base, returning, active, rule, true)
        if returning == active {
            #expect(decision == nil)
            return
        }
        let (reason, outcome) = try #require(decision)
        switch reason {
        case .copyBack: #expect(base == returning && active != nil && outcome == .version(of: .active))
        case .delete: #expect(base == returning && active == nil && outcome == .nothing)
        case .rescue: #expect(base == active && returning != nil && outcome == .version(of: .returning))
        case .restore: #expect(base == active && returning == nil && outcome == .version(of: .active))
        case .conflict: #expect(base != active && base != returning)
        case .displaced: Issue.record("a single path is displaced by nothing")
        }
        // Nothing that only one side has is dropped, but for a rule that names the side that deleted it.
        if outcome == .nothing && reason == .conflict {
            #expect(rule == .side(returning == nil ? .returning : .active))
        }
        // Without a base that can be trusted nothing is deleted.
        #expect(ThreeWay.decide(base, returning, active, rule, false)?.0 != .delete)
    }

    @Test func `times agree as far as both ends tell them`() {
        let fine = FileEntry(kind: .file, size: 1, time: .init(seconds: 1, nanoseconds: 5))
        let other = FileEntry(kind: .file, size: 1, time: .init(seconds: 1, nanoseconds: 6))
        let coarse = FileEntry(kind: .file, size: 1, time: .init(seconds: 1, nanoseconds: nil))
        #expect(!fine.agrees(with: other) && fine.agrees(with: coarse) && coarse.agrees(with: other))
        let hashed = FileEntry(kind: .file, size: 1, time: fine.time, hash: [1])
        let changed = FileEntry(kind: .file, size: 1, time: fine.time, hash: [2])
        #expect(!hashed.agrees(with: changed) && hashed.agrees(with: fine))
    }

    // MARK: Random trees

    private struct RandomTree {
        var random: SeededRandom

        mutating func tree() -> [String: FileEntry] {
            var tree: [String: FileEntry] = [:]
            for _ in 0..<8 { put(&tree) }
            return tree
        }

        mutating func put(_ tree: inout [String: FileEntry]) {
            var path = ""
            for level in 0..<random.number(1...3) {
                path += (level > 0 ? "/" : "") + ["a", "b", "a-b"].randomElement(using: &random)!
                if tree[path] != nil && tree[path]?.kind != .folder { return }
                if random.once(in: 3) { break }
                tree[path] = ThreeWayTests.folder
            }
            tree = tree.filter { !$0.key.hasPrefix(path + "/") }
            tree[path] = random.once(in: 4) ? ThreeWayTests.folder : ThreeWayTests.file(random.number(1...3))
        }

        mutating func change(_ tree: [String: FileEntry]) -> [String: FileEntry] {
            var tree = tree
            for _ in 0..<random.number(0...3) {
                if random.once(in: 2), let path = tree.keys.sorted().randomElement(using: &random) {
                    tree = tree.filter { $0.key != path && !$0.key.hasPrefix(path + "/") }
                } else {
                    put(&tree)
                }
            }
            return tree
        }
    }

    private func manifest(_ tree: [String: FileEntry]) -> Manifest {
        Manifest(tree.map { Manifest.Record(TreePath($0.key), $0.value) })
    }

    @Test func `random trees: what is there in the end has folders above it, and nobody's own is dropped unseen`() {
        var random = RandomTree(random: SeededRandom(testSeed()))
        for _ in 0..<4000 {
            let base = random.tree()
            let (returning, active) = (random.change(base), random.change(base))
            let rule = Self.rules.randomElement(using: &random.random)!
            let plan = ThreeWay.plan(
                base: manifest(base), returning: manifest(returning), active: manifest(active), rule: rule)
            let shown =
                "base \(base.keys.sorted()), returning \(returning.keys.sorted()), active \(active.keys.sorted()), \(rule): \(plan.items.map { ($0.path.description, $0.reason, $0.outcome) })"
            var result = returning.filter { active[$0.key]?.agrees(with: $0.value) ?? false }
            for item in plan.items { result["\(item.path)"] = item.result }
            for path in result.keys {
                for ancestor in TreePath(path).ancestors {
                    #expect(result["\(ancestor)"]?.kind == .folder, "\(path): \(shown)")
                }
            }
            let items = Dictionary(uniqueKeysWithValues: plan.items.map { ("\($0.path)", $0) })
            for (tree, side) in [(returning, Side.returning), (active, Side.active)] {
                for (path, entry) in tree where entry.kind == .file && base[path] != entry {
                    let isKept = result[path]?.agrees(with: entry) ?? false
                    #expect(isKept || items[path]?.loser == side || result[path]?.kind == .folder, "\(path): \(shown)")
                }
            }
            // Done, there is nothing left to do.
            let again = ThreeWay.plan(
                base: manifest(result), returning: manifest(result), active: manifest(result), rule: rule)
            #expect(again.isEmpty)
        }
    }

    // MARK: Where nothing is deleted

    private static func leftOver(_ entry: FileEntry) -> FileEntry {
        var entry = entry
        entry.isLeftOver = true
        return entry
    }

    /// Symptom: a job that deletes nothing deleted on the way back, and brought all back that the primary had deleted in its life. Fix:
    /// what one side deleted stays at the other, and there only.
    @Test func `where nothing is deleted, what one side deleted stays at the other and nowhere else`() {
        let (folder, one) = (Self.folder, Self.file(1))
        let base = [
            "a": one, "d": folder, "d/x": one, "old": Self.leftOver(folder), "old/x": Self.leftOver(one),
            "shape": folder, "shape/x": one, "lost": one, "again": Self.leftOver(one),
        ]
        let returning = ["a": one, "d": folder, "d/x": one, "d/new": one, "shape": folder, "shape/x": one]
        let active = ["old": folder, "old/x": one, "shape": one, "lost": one, "again": Self.file(2)]
        let plan = ThreeWay.plan(
            base: manifest(base), returning: manifest(returning), active: manifest(active), rule: .side(.active),
            deletes: false)
        let reasons = Dictionary(uniqueKeysWithValues: plan.items.map { ("\($0.path)", $0.reason) })
        #expect(
            reasons == [
                "d": .rescue, "d/new": .rescue, "shape": .copyBack, "shape/x": .displaced, "lost": .restore,
                "again": .copyBack,
            ])
        #expect(plan.staying == [.returning: 2, .active: 2])
        // Deleted here and changed there: the change stays, whoever wins else.
        #expect(ThreeWay.decide(one, Self.file(2), nil, .side(.active), true, false)?.1 == .version(of: .returning))
        #expect(ThreeWay.decide(one, nil, Self.file(2), .side(.returning), true, false)?.1 == .version(of: .active))
        // In doubt it is put back.
        #expect(ThreeWay.decide(Self.leftOver(one), nil, one, .newer, false, false)?.1 == .version(of: .active))
    }

    @Test func `random trees where nothing is deleted: each side keeps what it had, with folders above it`() {
        var random = RandomTree(random: SeededRandom(testSeed()))
        for _ in 0..<2000 {
            var base = random.tree()
            let (returning, active) = (random.change(base), random.change(base))
            for path in base.keys.sorted() where returning[path] == nil && random.random.once(in: 2) {
                base[path]?.isLeftOver = true
            }
            let rule = Self.rules.randomElement(using: &random.random)!
            let plan = ThreeWay.plan(
                base: manifest(base), returning: manifest(returning), active: manifest(active), rule: rule,
                deletes: false)
            let items = Dictionary(uniqueKeysWithValues: plan.items.map { ("\($0.path)", $0) })
            let shown =
                "base \(base.keys.sorted()), returning \(returning.keys.sorted()), active \(active.keys.sorted()), \(rule): \(plan.items.map { ($0.path.description, $0.reason, $0.outcome) })"
            for before in [returning, active] {
                var after = before
                for (path, item) in items { after[path] = item.result }
                for path in after.keys {
                    for ancestor in TreePath(path).ancestors {
                        #expect(after["\(ancestor)"]?.kind == .folder, "\(path): \(shown)")
                    }
                }
                for path in before.keys where after[path] == nil {
                    #expect(items[path]?.reason == .displaced, "\(path): \(shown)")
                }
            }
        }
    }

    // MARK: The base after a pass

    /// Symptom: a change that only the returning site had could be deleted unseen. Cause: rsync tells of a file before the other end has
    /// put it in place; where that failed, what was there was taken for what both had. Fix: what is as it was before has not come.
    @Test func `what rsync told of and did not bring is not in the base`() {
        let (one, own, new, later) = (Self.file(1), Self.file(2), Self.file(3), Self.file(4))
        let base = manifest(["stuck": one, "came": one, "later": one])
        let returning = manifest(["stuck": own, "came": one, "later": one])
        let active = manifest(["stuck": new, "came": new, "later": new])
        let plan = ThreeWay.plan(base: base, returning: returning, active: active, rule: .side(.active))
        let next = NextBase(
            plan: plan, base: base, returning: returning, active: active,
            brought: Set(["stuck", "came", "later"].map { TreePath($0) }))
        // One came as people had changed it by then.
        let after = next.after(returning: manifest(["stuck": own, "came": new, "later": later]), active: nil)
        #expect(after == manifest(["stuck": one, "came": new, "later": later]))
    }

    @Test func `what came to the active tree, or went there, is in the base when it is seen there`() {
        let (one, two) = (Self.file(1), Self.file(2))
        let (base, active) = (manifest(["gone": one, "stuck": one]), manifest(["gone": two, "stuck": two]))
        let returning = manifest(["came": one, "missing": one])
        let plan = ThreeWay.plan(base: base, returning: returning, active: active, rule: .side(.returning))
        let next = NextBase(plan: plan, base: base, returning: returning, active: active, brought: [])
        let there = manifest(["came": one, "stuck": two])
        #expect(next.after(returning: returning, active: there) == manifest(["came": one, "stuck": one]))
    }

    /// Symptom: a file that the primary had deleted came back to it after the site had moved there and away again. Cause: what a merge took
    /// for the base had no mark at what only the other site has. Fix: the merge marks it, for it sees both trees.
    @Test func `where nothing is deleted, the base after a merge tells what the sending site does not have`() {
        let (one, two) = (Self.file(1), Self.file(2))
        let base = manifest(["old": one, "stays": one])
        let (returning, active) = (manifest(["old": one, "stays": one, "new": two]), manifest(["stays": one]))
        let plan = ThreeWay.plan(base: base, returning: returning, active: active, rule: .newer, deletes: false)
        #expect(plan.items.map { "\($0.path)" } == ["new"] && plan.staying == [.returning: 1])
        let next = NextBase(
            plan: plan, base: base, returning: returning, active: active, brought: [], marksLeftOver: true)
        let wanted = manifest(["old": Self.leftOver(one), "stays": one, "new": two])
        #expect(next.after(returning: returning, active: nil) == wanted)
    }

    // MARK: Manifests

    @Test func `a manifest is read as it was written, and a torn one is noticed`() {
        var random = SeededRandom(testSeed())
        for _ in 0..<50 {
            let records = (0..<random.number(0...30)).map { number in
                Manifest.Record(
                    TreePath(
                        (0..<random.number(1...40)).map { _ in UInt8.random(in: 1...255, using: &random) }
                            + Array("\(number)".utf8)),
                    FileEntry(
                        kind: FileEntry.Kind(rawValue: UInt8(random.number(0...3)))!,
                        size: Int64.random(in: 0 ... .max, using: &random),
                        time: .init(
                            seconds: Int64.random(in: .min / 4 ... .max / 4, using: &random),
                            nanoseconds: random.once(in: 3) ? nil : Int32(random.number(0...999_999_999))),
                        mode: UInt16(random.number(0...0o7777)), target: [1, 2], hash: random.once(in: 2) ? [9] : [],
                        owner: random.once(in: 2)
                            ? .init(user: UInt32(random.number(0...3)), group: 7, userName: "ü", groupName: "7") : nil,
                        isMount: random.once(in: 2), isLeftOver: random.once(in: 2)))
            }
            let stored = StoredManifest(
                job: "opt", site: "ü", epoch: 7, takenAt: 1_700_000_000_123, manifest: Manifest(records))
            let bytes = ManifestCodec.encode(stored)
            #expect(ManifestCodec.decode(bytes) == stored)
            var damaged = bytes
            let place = random.number(0...(bytes.count - 1))
            damaged[place] ^= UInt8(random.number(1...255))
            #expect(ManifestCodec.decode(damaged) == nil)
            #expect(ManifestCodec.decode(Array(bytes.prefix(random.number(0...(bytes.count - 1))))) == nil)
        }
    }
}
