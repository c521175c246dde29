import Foundation
import Glibc
import Model
import Programs
import TestSupport
import Testing

@testable import FileSync

/// Decisions and readings that are values.
@Suite("Patterns, schedules, guards and what rsync says") struct DecisionTests {
    // MARK: Patterns

    /// The same patterns on the same tree, by rsync itself.
    @Test func `patterns leave out what rsync leaves out`() async throws {
        var random = SeededRandom(testSeed())
        let folder = try Program.folder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let tree = Tree(folder + "/tree")
        for name in ["/tree", "/empty"] { mkdir(folder + name, 0o755) }
        let names = ["a", "b", "ab", "log", "x.log", "a b", "[c]", "log.d"]
        for _ in 0..<120 {
            let parts = (0..<random.number(1...4)).map { _ in names.randomElement(using: &random)! }
            tree.write(parts.joined(separator: "/"), "x")
        }
        let all = tree.content()
        let pieces = [
            "a", "b", "log", "*", "**", "?", "/", "x.log", "[ab]", "*.log", "[!a]", "log.d", "a b", "\\[c\\]", "***",
        ]
        for _ in 0..<60 {
            func pattern() -> String {
                var text = (0..<random.number(1...4)).map { _ in pieces.randomElement(using: &random)! }.joined()
                while text.contains("//") { text = text.replacing("//", with: "/") }
                while text.contains("****") { text = text.replacing("****", with: "***") }
                return text == "/" ? "a" : text
            }
            let include = (0..<random.number(0...2)).map { _ in pattern() }
            let exclude = (0..<random.number(1...3)).map { _ in pattern() }
            let filter = PathFilter(include: include, exclude: exclude)
            let ours = try TreeScanner.scan(tree.root + "/", filter: filter).records.map(\.path)
            let run = RsyncRun(
                arguments: ["--archive", "--dry-run", "--out-format=\(RsyncOutput.listingFormat)"] + filter.arguments
                    + [tree.root + "/", folder + "/empty/"])
            let theirs = RsyncOutput.listing(try await run.run().output).records.map(\.path).filter {
                !$0.bytes.isEmpty
            }
            #expect(
                ours == theirs,
                "include \(include), exclude \(exclude): only ours \(Set(ours).subtracting(theirs).sorted().prefix(3)), only theirs \(Set(theirs).subtracting(ours).sorted().prefix(3)) of \(all.count)"
            )
        }
    }

    // MARK: Schedules

    private func minute(_ text: String) -> CronSchedule.Minute {
        let parts = text.split { !$0.isNumber }.compactMap { Int($0) }
        return CronSchedule.Minute(year: parts[0], month: parts[1], day: parts[2], hour: parts[3], minute: parts[4])
    }

    @Test(arguments: [
        ("*/5 * * * *", "2026-11-26 21:58", "2026-11-26 22:00"),
        ("30 3 * * sun", "2026-11-26 21:58", "2026-11-29 03:30"),
        ("30 3 * * 7", "2026-11-29 03:30", "2026-12-06 03:30"), ("0 0 29 2 *", "2026-01-01 00:00", "2028-02-29 00:00"),
        ("0 0 13 * fri", "2026-11-01 00:00", "2026-11-06 00:00"),
        ("59 23 31 dec *", "2026-12-31 23:59", "2027-12-31 23:59"),
        ("0-10/5,58 1,2 * jan-mar mon-wed", "2026-11-26 00:00", "2027-01-04 01:00"),
        ("@weekly", "2026-11-26 00:00", "2026-11-29 00:00"),
        ("5/20 * * * *", "2026-11-26 00:06", "2026-11-26 00:25"),
    ]) func `a cron expression names its next minute`(_ text: String, _ from: String, _ to: String) throws {
        #expect(try CronSchedule(text).next(after: minute(from)) == minute(to))
    }

    @Test(arguments: [
        "", "* * * *", "60 * * * *", "* * 0 * *", "a * * * *", "*/0 * * * *", "5-1 * * * *", "0 0 30 2 *",
        "1,,2 * * * *",
    ])
    func `what is no cron expression is told`(_ text: String) {
        #expect(throws: CronSchedule.Malformed.self) { try CronSchedule(text) }
    }

    @Test func `a job is due, and late, by what its record says`() throws {
        func due(_ schedule: JobSchedule, _ record: RunRecord) -> Double? {
            schedule.due(after: record, now: 1000, minute: { _ in minute("2026-11-26 21:58") }, moment: { _ in 4242 })
        }
        var record = RunRecord()
        #expect(due(JobSchedule(every: .seconds(60)), record) == 1000)
        #expect(due(JobSchedule(), record) == nil)
        #expect(due(JobSchedule(once: true), record) == 1000)
        #expect(due(JobSchedule(cron: try CronSchedule("@daily")), record) == 4242)
        record.begin(at: 990)
        #expect(due(JobSchedule(every: .seconds(60)), record) == 1050)
        #expect(due(JobSchedule(once: true), record) == 1050)
        record.end(RsyncOutput.Stats(), counts: true, error: nil, hint: nil, holds: false, at: 995)
        #expect(due(JobSchedule(once: true), record) == nil)
        let schedule = JobSchedule(every: .seconds(60), alarmAfter: .seconds(600))
        #expect(schedule.alarm(record, now: 1595) == nil)
        #expect(schedule.alarm(record, now: 1596) != nil)
        #expect(schedule.alarm(RunRecord(), now: 1e9) == nil)
    }

    /// Symptom: a job by a cron expression that had never run did not run by itself. Cause: its next time was counted from now at each
    /// turn, and was always one that was to come. Fix: it counts from when the schedule began.
    @Test func `a job by cron that never ran is due at the first turn after its time`() throws {
        let schedule = JobSchedule(cron: try CronSchedule("* * * * *"))
        let now = 1_795_730_177.0
        func due(since: Double?) -> Double? {
            schedule.due(
                after: RunRecord(), now: now, since: since, minute: WallClock.minute, moment: WallClock.moment)
        }
        #expect(try #require(due(since: now - 61)) <= now)
        #expect(try #require(due(since: nil)) > now)
    }

    /// Symptom: a watched tree that never rested was never gone through as a whole. Cause: what is due was reckoned from the last run of
    /// any kind, and each run of single paths put it off. Fix: the last run over the whole tree counts.
    @Test func `runs of single paths put no full pass off`() throws {
        func due(_ schedule: JobSchedule, _ record: RunRecord) -> Double? {
            schedule.due(
                after: record, now: 1000, minute: { minute($0 < 900 ? "2026-11-26 21:58" : "2026-11-27 21:58") },
                moment: { Double($0.day) })
        }
        let (every, daily) = (JobSchedule(every: .seconds(60)), JobSchedule(cron: try CronSchedule("@daily")))
        var record = RunRecord()
        record.begin(at: 800)
        for time in [930.0, 960, 990] { record.begin(at: time, isWhole: false) }
        #expect(record.lastStart == 990 && record.lastWholeStart == 800)
        #expect(due(every, record) == 860 && due(daily, record) == 27)
        record.begin(at: 995)
        #expect(due(every, record) == 1055 && due(daily, record) == 28)
        // A record of an older version knows of one start only: it is read, and counted from once.
        let text = String(decoding: try JSONEncoder().encode(record), as: UTF8.self)
        #expect(text.contains("\"lastWholeStart\":995"))
        let older = text.replacing("\"lastWholeStart\":995", with: "\"other\":0")
        var old = try JSONDecoder().decode(RunRecord.self, from: Data(older.utf8))
        #expect(old.lastWholeStart == nil && due(every, old) == 1055)
        for time in [996.0, 997] { old.begin(at: time, isWhole: false) }
        #expect(old.lastStart == 997 && due(every, old) == 1055)
    }

    /// Symptom: a job that never succeeded rang no alarm. Cause: its age was that of the last try, and each try began anew; one that
    /// could not begin, because an end was not to be had, was in no record at all. Fix: the first failure since the last success counts.
    @Test func `a job that never succeeds rings, however often it is tried`() {
        let schedule = JobSchedule(every: .seconds(60), alarmAfter: .seconds(600))
        var (begun, refused) = (RunRecord(), RunRecord())
        for time in stride(from: 0.0, to: 600, by: 60) {
            begun.begin(at: time)
            begun.end(RsyncOutput.Stats(), counts: false, error: "no", hint: nil, holds: false, at: time + 1)
            refused.refuse(error: "it is not to be had", hint: nil, at: time + 1)
        }
        for record in [begun, refused] {
            #expect(schedule.alarm(record, now: 601) == nil)
            #expect(schedule.alarm(record, now: 602) == "it has never succeeded")
            #expect(record.failures == 10 && record.error != nil)
        }
        begun.begin(at: 700)
        begun.end(RsyncOutput.Stats(), counts: true, error: nil, hint: nil, holds: false, at: 701)
        #expect(schedule.alarm(begun, now: 1300) == nil)
    }

    /// Symptom: after a clock was ahead for a moment a job did not run, and rang no alarm, until that time came: years, perhaps. Fix: what
    /// is to come counts for nothing.
    @Test func `a clock that was ahead stops nothing`() throws {
        var record = RunRecord()
        record.begin(at: 9000)
        record.end(RsyncOutput.Stats(), counts: false, error: "no", hint: nil, holds: false, at: 9001)
        func due(_ schedule: JobSchedule) -> Double? {
            schedule.due(after: record, now: 1000, minute: { _ in minute("2026-11-26 21:58") }, moment: { _ in 4242 })
        }
        #expect(due(JobSchedule(every: .seconds(60))) == 1000 && due(JobSchedule(once: true)) == 1000)
        #expect(due(JobSchedule(cron: try CronSchedule("@daily"))) == 1000)
        let schedule = JobSchedule(every: .seconds(60), alarmAfter: .seconds(600))
        #expect(schedule.alarm(record, now: 1000) == nil)
        // The right clock's first failure is what counts.
        record.refuse(error: "no", hint: nil, at: 1000)
        #expect(record.failingSince == 1000)
        #expect(schedule.alarm(record, now: 1600) == nil)
        #expect(schedule.alarm(record, now: 1601) == "it has never succeeded")
        record.begin(at: 9100)
        record.end(RsyncOutput.Stats(), counts: true, error: nil, hint: nil, holds: false, at: 9101)
        // Nor does a run by the right clock that hangs go unnoticed.
        record.begin(at: 1700)
        #expect(schedule.alarm(record, now: 2300) == nil)
        #expect(schedule.alarm(record, now: 2301)?.contains("a clock that was ahead") == true)
    }

    @Test func `mount points are read as the kernel writes them`() {
        #expect(MountTable.unescaped(#"/opt/old\040disk\134x\011"#) == "/opt/old disk\\x\t")
        #expect(MountTable.unescaped(#"/opt/a\b\9"#) == #"/opt/a\b\9"#)
    }

    @Test func `a run that was cut off leaves doubt until the receiving tree was looked at`() {
        var record = RunRecord()
        record.begin(at: 1)
        #expect(record.isUnderWay && !record.isDoubtful)
        record.begin(at: 2)
        record.end(RsyncOutput.Stats(), counts: true, error: nil, hint: nil, holds: false, at: 3)
        #expect(record.isDoubtful && record.wantsManifest(moved: false, now: 4))
        record.isDoubtful = false
        (record.manifestAt, record.manifestSeconds) = (100_000, 2)
        #expect(!record.wantsManifest(moved: false, now: 1000))
        #expect(!record.wantsManifest(moved: true, now: 139) && record.wantsManifest(moved: true, now: 140))
    }

    /// Symptom: a job that was held told of something else, and nobody knew what to decide. Cause: whatever kept a later run from beginning
    /// or ending took the place of the reason. Fix: a hold keeps its words until a run succeeds.
    @Test func `a held job says why until a run succeeds`() {
        var record = RunRecord()
        func end(_ counts: Bool, _ error: String?, holds: Bool = false) {
            record.begin(at: 1)
            record.end(RsyncOutput.Stats(), counts: counts, error: error, hint: error, holds: holds, at: 2)
        }
        end(false, "the limit", holds: true)
        record.refuse(error: "it is not to be had", hint: nil, at: 3)
        #expect(record.isHeld && record.error == "the limit" && record.hint == "the limit" && record.failures == 2)
        end(false, "the network")
        #expect(record.isHeld && record.error == "the limit" && record.failures == 3)
        end(false, "the limit again", holds: true)
        #expect(record.isHeld && record.error == "the limit again")
        end(true, nil)
        #expect(!record.isHeld && record.error == nil && record.hint == nil)
        record.refuse(error: "it is not to be had", hint: nil, at: 3)
        #expect(record.error == "it is not to be had")
    }

    // MARK: Guards

    @Test func `the limit of deletions is the lesser of both, and never nought of a small tree`() {
        let limit = DeletionLimit(absolute: 1000, percent: 10)
        #expect(limit.most(of: nil) == 1000 && limit.most(of: 5) == 1 && limit.most(of: 2000) == 200)
        #expect(limit.most(of: 1_000_000) == 1000 && limit.most(of: 0) == 1)
        #expect(DeletionLimit(absolute: 0, percent: 100).most(of: 50) == 0)
    }

    @Test func `many small deletions are held to the limit of a large one`() {
        let limit = DeletionLimit(absolute: 1000, percent: 10)
        #expect(limit.most(of: 2000, after: nil) == 200 && limit.most(of: 2000, after: 0) == 200)
        #expect(limit.most(of: 2000, after: 150) == 50 && limit.most(of: 2000, after: 200) == 0)
        // A small tree may lose one now and then.
        #expect(limit.most(of: 5, after: 19) == 1 && limit.most(of: 5, after: 20) == 0)
        #expect(DeletionLimit(absolute: 3, percent: 100).most(of: 50, after: 3) == 0)
    }

    @Test func `every combination of markers and epochs`() {
        let kinds: [TreeMarker?] = [nil] + [1, 2, 3].map { TreeMarker(job: "opt", site: "", epoch: $0) }
        for source in kinds {
            for destination in kinds {
                for isEmpty in [true, false] {
                    func look(_ site: String, _ marker: TreeMarker?, _ isEmpty: Bool?) -> TreeGuard.Look {
                        TreeGuard.Look(
                            site: site, marker: marker.map { TreeMarker(job: $0.job, site: site, epoch: $0.epoch) },
                            isEmpty: isEmpty)
                    }
                    let verdict = TreeGuard.judge(
                        job: "opt", source: look("p", source, isEmpty), destination: look("s", destination, false),
                        epoch: 2)
                    let isOld = (source?.epoch ?? 0) > 2 || (destination?.epoch ?? 0) > 2
                    let isOneSided = (source == nil) != (destination == nil)
                    switch verdict {
                    case .stale: #expect(isOld)
                    case .refuse: #expect(!isOld && (isOneSided || isEmpty))
                    case .go(let first, let second):
                        #expect(!isOld && !isOneSided && !isEmpty)
                        #expect((first == nil) == (source?.epoch == 2) && (second == nil) == (destination?.epoch == 2))
                    }
                }
            }
        }
    }

    /// Symptom: where only one of the two sites had another file system in its tree, every failback after the first pass was refused. Cause:
    /// the mount points of the returning tree were looked for in the active one. Fix: only those of the same site are compared.
    @Test func `a mount point is missed at the site that had it only`() {
        func tree(_ mounts: String...) -> Manifest {
            Manifest(
                ["a", "a/disk", "b"].map { path in
                    Manifest.Record(TreePath(path), FileEntry(kind: .folder, isMount: mounts.contains(path)))
                } + [Manifest.Record(TreePath("c"), FileEntry(kind: .file))])
        }
        let with = tree("a/disk")
        #expect(TreeGuard.unmounted(base: with, of: "s", now: tree(), at: "s") == [TreePath("a/disk")])
        #expect(TreeGuard.unmounted(base: with, of: "p", now: tree(), at: "s") == [])
        #expect(TreeGuard.unmounted(base: with, of: nil, now: tree(), at: "s") == [])
        #expect(TreeGuard.unmounted(base: with, of: "s", now: tree("a/disk", "b"), at: "s") == [])
        // What is gone as a whole is a deletion as any other.
        #expect(TreeGuard.unmounted(base: with, of: "s", now: Manifest(), at: "s") == [])
        #expect(with.mounted(as: tree("b")) == tree("b") && with.mounted(as: Manifest()) == tree())
        #expect(tree().mounted(as: with) == with)
    }

    @Test func `a mount point that had files and has none is missed at its site`() {
        func tree(_ files: String...) -> Manifest {
            Manifest(
                [Manifest.Record(TreePath("disk"), FileEntry(kind: .folder, isMount: true))]
                    + files.map { Manifest.Record(TreePath($0), FileEntry(kind: .file)) })
        }
        let (full, bare) = (tree("disk/1", "disk2"), tree("disk/lost+found", "disk2"))
        #expect(TreeGuard.emptied(base: full, of: "s", now: bare, at: "s") == [TreePath("disk")])
        #expect(TreeGuard.emptied(base: full, of: "p", now: bare, at: "s") == [])
        #expect(TreeGuard.emptied(base: full, of: "s", now: tree("disk/2"), at: "s") == [])
        #expect(TreeGuard.emptied(base: bare, of: "s", now: tree(), at: "s") == [])
    }

    @Test func `every exit status of rsync is judged, and only two are good`() {
        let known: [Int32] = [0, 1, 2, 3, 4, 5, 10, 11, 12, 13, 14, 15, 16, 19, 20, 21, 22, 23, 24, 25, 30, 35]
        for status in Int32(0)...255 {
            let exit = RsyncExit.judge(status)
            #expect((exit == .done) == (status == 0) && (exit == .vanished) == (status == 24))
            #expect((exit == .partial) == (status == 23) && (exit == .deletionLimit) == (status == 25))
            if known.contains(status) { #expect(RsyncExit.meaning(status) != "an unknown status") }
            if known.contains(status), ![0, 24, 25].contains(status) { #expect(RsyncAdvice.hint(status) != nil) }
        }
        #expect(RsyncExit.judge(1, errors: "The temp-dir does not exist: x") == .fenced)
    }

    /// Symptom: where flock was missing one was told to install rsync, and where rsync was missing that the status is unknown.
    @Test func `a program that is missing on this machine is named`() async throws {
        let folder = try Program.folder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let run = RsyncRun(arguments: ["--version"], environment: ["PATH": folder], lock: folder + "/lock")
        let first = await #expect(throws: FileSyncError.self) { _ = try await run.run() }
        #expect(first?.hint?.contains("util-linux") == true, "\(String(describing: first))")
        symlink("/usr/bin/flock", folder + "/flock")
        let second = await #expect(throws: FileSyncError.self) { _ = try await run.run() }
        #expect(second?.hint?.contains("install rsync") == true, "\(String(describing: second))")
    }

    // MARK: What rsync and find print

    @Test func `times and modes in rsync's words`() {
        #expect(RsyncOutput.seconds("1970/01/01-00:00:00") == 0)
        #expect(RsyncOutput.seconds("2026/11/26-21:56:17") == 1_795_730_177)
        #expect(RsyncOutput.seconds("2000/02/29-23:59:59") == 951_868_799)
        #expect(RsyncOutput.mode(Array("rwxr-sr-t".utf8)[...]) == 0o3755)
        #expect(RsyncOutput.mode(Array("-wSr-----".utf8)[...]) == 0o4240)
    }

    @Test func `a tree is the same by a scan, by find and by rsync's listing`() async throws {
        let folder = try Program.folder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        var trees = RandomTrees(testSeed(), hidden: false)
        let tree = Tree(folder + "/tree")
        mkdir(tree.root, 0o755)
        trees.change(tree, times: 300)
        mkfifo(tree.raw(Array("pipe".utf8)), 0o600)
        let filter = PathFilter(exclude: ["b"])
        let scanned = try TreeScanner.scan(tree.root + "/", filter: filter)
        #expect(scanned.records.count > 5)
        let found = try await ExternalProgram(
            ["find", ".", "-printf", geteuid() == 0 ? FindOutput.format : FindOutput.formatWithoutOwner],
            environment: ["LC_ALL": "C"], folder: tree.root
        ).start(outputBytesMax: 1 << 24)
        _ = await found.ending()
        #expect(FindOutput.parse(found.outputBytes(), filter: filter) == scanned)
        #expect(FindOutput.parse(Array(found.outputBytes().dropLast(3)), filter: filter) == nil)
        mkdir(folder + "/empty", 0o755)
        let run = RsyncRun(
            arguments: ["--archive", "--hard-links", "--dry-run", "--out-format=\(RsyncOutput.listingFormat)"]
                + filter.arguments + [tree.root + "/", folder + "/empty/"])
        let listed = RsyncOutput.listing(try await run.run().output).records.filter { !$0.path.bytes.isEmpty }
        #expect(listed.map(\.path) == scanned.records.map(\.path))
        #expect(zip(listed, scanned.records).allSatisfy { $0.entry.agrees(with: $1.entry) })
    }

    @Test func `paths are shown so that they can be read back`() {
        #expect(TreePath([0x61, 0x0A, 0xFF, 0x5C]).description == "a\\012\\377\\134")
        #expect(TreePath("ä€😀/x y").description == "ä€😀/x y")
    }
}
