import FileSync
import Foundation
import Sites
import Synchronization
import TestSupport
import Testing

@testable import Failover

/// Engines that die around the file steps of plans: two clusters, two folders, real rsync.
///
/// These faults were planted, one at a time, and each made a test here fail: the line of a file step written after the step
/// instead of before it; nothing set aside before it is overwritten or deleted; a marker's epoch that nobody compares with his own; a
/// base that has what a pass is about to bring before it is there.
@Suite("A site that moves with its files, under engines that die (P8, P11)", .serialized) struct FileKillTests {
    private enum Call: CaseIterable {
        case freeze, ahead, last

        var step: StepName {
            switch self {
            case .freeze: .filesFreeze
            case .ahead: .filesAhead
            case .last: .filesLast
            }
        }
    }

    private enum Moment: CaseIterable {
        case before, during, after
        /// When some of the files that it brings have come, and others have not.
        case midway
    }

    /// Where an engine dies.
    private struct Death: CustomStringConvertible {
        let call: Call
        let moment: Moment
        /// How long after its start a call is cut off that is cut off during it.
        let delay: Duration

        var description: String { moment == .during ? "\(call), \(delay) after its start" : "\(moment) \(call)" }
    }

    /// Nothing that only one side had is gone, wherever an engine died: it is at both sites, or set aside and in the report. And
    /// what nobody disputes is as people left it.
    @Test func `an engine that dies before, during and after each file step loses no file`() async throws {
        var random = SeededRandom(testSeed())
        let place = try await FilePlace.make([("opt", "bandwidth: 600, ")])
        var round = 0
        for call in Call.allCases {
            for moment in Moment.allCases where call != .freeze || moment != .midway {
                let delay = Duration.milliseconds(Int.random(in: 5...80, using: &random))
                let death = Death(call: call, moment: moment, delay: delay)
                try await Story(place: place, round: "\(round)", death: death).tell()
                round += 1
            }
        }
    }

    /// A round of a site's life: it moves away and comes back, and an engine dies at one of that.
    private struct Story {
        let place: FilePlace
        let round: String
        let death: Death

        private var primary: PlanTree { place.primary("opt") }
        private var secondary: PlanTree { place.secondary("opt") }
        private func path(_ name: String) -> String { "\(round)/\(name)" }

        func tell() async throws {
            for name in ["again", "both", "dropped", "gone", "only", "zz"] { primary.write(path(name), "base \(name)") }
            _ = try await place.sync("opt")
            let common = primary.files()
            #expect(common == secondary.files(), "\(death)")
            primary.write(path("late"), "only the old primary had \(round)")
            primary.write(path("both"), "late at the primary, \(round)", at: 4_000_000_000)
            try await move(.failover, dies: death.call == .freeze)
            secondary.write(path("both"), "at the secondary, \(round)")
            secondary.write(path("only"), "changed at the secondary, \(round)")
            secondary.remove(path("gone"))
            var ledger = FileLedger()
            ledger.take("opt", [primary, secondary], common: common)
            if death.call != .last { write() }
            try await move(.failback, dies: death.call != .freeze)
            try await expectAll(ledger)
        }

        /// Some that come early in a run, one that is long on its way, and one that comes after it.
        private func write() {
            for name in ["again", "dropped", "zz"] { secondary.write(path(name), "\(name) at the secondary, \(round)") }
            secondary.write(path("z"), String(repeating: round, count: 300_000 / round.count))
        }

        private var isMidway: Bool { primary.text(path("dropped")) == secondary.text(path("dropped")) }

        private func expectAll(_ ledger: FileLedger) async throws {
            #expect(primary.files() == secondary.files(), "\(death)")
            let aside = Set(try await place.reported("opt").filter { $0.setAside != nil }.map(\.path))
            #expect(ledger.lost("opt", primary, secondary, reported: aside) == [], "\(death)")
            var wanted = [
                "both": "late at the primary, \(round)", "only": "changed at the secondary, \(round)",
                "late": "only the old primary had \(round)", "again": "again at the secondary, \(round)",
                "dropped": "dropped at the secondary, \(round)", "zz": "zz at the secondary, \(round)",
                "z": String(repeating: round, count: 300_000 / round.count),
            ]
            if death.call == .ahead {
                wanted["again"] = "again and again, \(round)"
                wanted["dropped"] = nil
            }
            for name in ["again", "both", "dropped", "gone", "late", "only", "z", "zz"] {
                #expect(primary.text(path(name)) == wanted[name], "\(death): \(name)")
            }
        }

        /// Carries a plan out; an engine may die in it, and another goes on.
        private func move(_ kind: PlanKind, dies: Bool) async throws {
            guard dies else {
                try #require(try await place.run(kind).outcome == .done, "\(death)")
                return
            }
            let calm = try place.setup
            var setup = calm
            let dying = DyingFiles(
                inner: try #require(setup.parts.files), death: death, isMidway: { isMidway },
                // The last pass finds something to do as well.
                begins: { if $0 == .last, death.call == .last { write() } })
            setup.parts.files = dying
            setup.parts.journal = SilentJournal(inner: setup.parts.journal, isDead: dying.isDead)
            _ = try? await place.run(kind, .freeze, setup)
            #expect(dying.isDead.isRaised, "\(death): nobody died")
            // Before anything is done, the journal says what is about to be.
            let line = try await calm.parts.journal.read().journal.entries.last
            #expect(line?.event == .begun && line?.step == death.call.step, "\(death): \(String(describing: line))")
            if death.call == .ahead {
                // People go on at the secondary, with what has come over and what has not.
                secondary.write(path("again"), "again and again, \(round)")
                secondary.remove(path("dropped"))
            }
            var report = try await calm.orchestrator().resume()
            #expect(report.outcome == .done || report.outcome == .undone, "\(death): \(report)")
            if report.outcome == .undone { report = try await place.run(kind) }
            #expect(report.outcome == .done, "\(death): \(report)")
            try await expectNoMore(dying)
        }

        /// The one that was taken for dead goes on where it was.
        private func expectNoMore(_ dying: DyingFiles) async throws {
            let before = [primary.files(), secondary.files()]
            let goesOn = try #require(dying.goesOn.withLock { $0 })
            let refused = await #expect(throws: StepFailure.self, "\(death)") { _ = try await goesOn() }
            #expect(refused?.message.contains("epoch") == true, "\(death): \(String(describing: refused))")
            #expect([primary.files(), secondary.files()] == before, "\(death)")
        }
    }

    private final class Flag: Sendable {
        private let value = Mutex(false)
        var isRaised: Bool { value.withLock { $0 } }
        func raise() { value.withLock { $0 = true } }
    }

    /// Writes no line for an engine that is dead.
    private struct SilentJournal: SiteJournal {
        let inner: any SiteJournal
        let isDead: Flag

        func read() async throws -> (journal: Journal, missing: [String: String]) { try await inner.read() }
        func heal() async { await inner.heal() }
        func write(_ entry: JournalEntry) async throws {
            if isDead.isRaised { throw CancellationError() }
            try await inner.write(entry)
        }
    }

    /// Dies around one call.
    private final class DyingFiles: SiteFiles {
        let isDead = Flag()
        /// The call at which it died, to be made once more.
        let goesOn = Mutex<(@Sendable () async throws -> StepResult)?>(nil)
        private let inner: any SiteFiles
        private let death: Death
        private let isMidway: @Sendable () -> Bool
        private let begins: @Sendable (Call) -> Void

        init(
            inner: any SiteFiles, death: Death, isMidway: @escaping @Sendable () -> Bool,
            begins: @escaping @Sendable (Call) -> Void
        ) {
            self.inner = inner
            self.death = death
            self.isMidway = isMidway
            self.begins = begins
        }

        func outlook(from: String, to: String, epoch: Int?) async throws -> [FilesOutlook] {
            try await inner.outlook(from: from, to: to, epoch: epoch)
        }

        func freeze(from: String, to: String, epoch: Int) async throws -> StepResult {
            let inner = inner
            return try await around(.freeze) { try await inner.freeze(from: from, to: to, epoch: epoch) }
        }

        func carry(
            from: String, to: String, epoch: Int, pass: FilesPass, limit: Duration
        ) async throws -> StepResult {
            let inner = inner
            return try await around(pass == .ahead ? .ahead : .last) {
                try await inner.carry(from: from, to: to, epoch: epoch, pass: pass, limit: limit)
            }
        }

        func rearm(from: String, to: String, epoch: Int) async throws -> StepResult {
            try await inner.rearm(from: from, to: to, epoch: epoch)
        }

        private func around(
            _ call: Call, _ body: @escaping @Sendable () async throws -> StepResult
        ) async throws -> StepResult {
            begins(call)
            guard call == death.call, !isDead.isRaised else { return try await body() }
            goesOn.withLock { $0 = body }
            switch death.moment {
            case .before: break
            case .during, .midway:
                // What is under way is cut off, rsync with it.
                let task = Task { try await body() }
                if death.moment == .during {
                    try? await Task.sleep(for: death.delay)
                } else {
                    let isMidway = isMidway
                    #expect(try await eventually { isMidway() })
                }
                task.cancel()
                _ = try? await task.value
            case .after: _ = try await body()
            }
            isDead.raise()
            throw CancellationError()
        }
    }
}
