import FileSync
import Foundation
import Glibc
import Sites
import TestSupport
import Testing

@testable import Failover

/// The program itself, ended by SIGKILL around lines of the journal while files are in the plan: two clusters, two folders, real
/// rsync, which goes on without it for a while. `SWITCHBACK_THOROUGH=1` tries every line of every plan that moves files;
/// otherwise a few are drawn of those around the steps that move them.
@Suite("The program killed around lines of the journal, with files (P8, P11)", .serialized)
struct FileJournalKillTests {
    private static let isThorough = getenv("SWITCHBACK_THOROUGH") != nil

    private enum Moment: CaseIterable {
        /// Just before a line is written, and just after it.
        case writing, written
        /// While what follows it is done.
        case later
    }

    /// Where the program is killed.
    private struct Stroke: CustomStringConvertible {
        let kind: PlanKind
        /// The line that it writes, from 1 on, and what that says in a plan that goes well.
        let line: Int
        let says: String
        let moment: Moment
        /// How long after the line that is.
        let delay: Duration

        var description: String {
            "\(kind): \(moment) line \(line), \(says)" + (moment == .later ? ", by \(delay)" : "")
        }
        var environment: [String: String] {
            switch moment {
            case .writing: ["SWITCHBACK_CRASH_AT": "journal-writing:\(line)"]
            case .written: ["SWITCHBACK_CRASH_AT": "journal-written:\(line)"]
            case .later: [:]
            }
        }
    }

    @Test(arguments: [ReturnMode.freeze, .overlap])
    func `wherever the program is killed, what goes on afterwards loses no file`(_ mode: ReturnMode) async throws {
        let seed = testSeed()
        var random = SeededRandom(seed)
        let failover = mode == .overlap ? "  failback: { mode: overlap }\n  limits: { linger: 200ms }\n" : ""
        let place = try await FilePlace.make([("opt", "bandwidth: 400, ")], failover: failover)
        let calm = Story(place: place, round: "calm", stroke: nil)
        try await calm.tell()
        let strokes = try await Self.strokes(place, mode, &random)
        for (number, stroke) in strokes.enumerated() {
            try await Story(place: place, round: "\(number)", stroke: stroke).tell("seed \(seed): \(stroke)")
        }
    }

    /// By the lines that plans wrote in which all went well.
    private static func strokes(
        _ place: FilePlace, _ mode: ReturnMode, _ random: inout SeededRandom
    ) async throws -> [Stroke] {
        let journal = try await place.setup.parts.journal.read().journal
        let moving: Set<StepName> = [.filesFreeze, .filesAhead, .filesLast, .rearm]
        var chosen: [Stroke] = []
        for kind in [PlanKind.failover, .failback] {
            let plan = try #require(journal.entries.last { $0.record?.kind == kind }?.plan)
            let lines = journal.entries(of: plan)
            let all = lines.enumerated().filter { isThorough || $0.element.step.map(moving.contains) == true }
                .flatMap { index, line in
                    Moment.allCases.map { moment in
                        let delay = Duration.milliseconds(random.number(0...250))
                        let says = "\(line.event.rawValue) \(line.step?.rawValue ?? "")"
                        return Stroke(kind: kind, line: index + 1, says: says, moment: moment, delay: delay)
                    }
                }
            // An overlapping failback shares its failover with the other kind.
            let few = kind == .failback ? 2 : mode == .freeze ? 2 : 0
            chosen += isThorough ? all : Array(all.shuffled(using: &random).prefix(few))
        }
        return chosen
    }

    /// A round of the site's life: it moves away and comes back, and the program is killed at one of that.
    private struct Story {
        let place: FilePlace
        let round: String
        let stroke: Stroke?

        private static let environment = ["SWITCHBACK_SITE": "primary"]
        private var primary: PlanTree { place.primary("opt") }
        private var secondary: PlanTree { place.secondary("opt") }
        private func path(_ name: String) -> String { "\(round)/\(name)" }

        func tell(_ what: String = "calm") async throws {
            for name in ["both", "gone", "only", "same"] { primary.write(path(name), "base \(name) \(round)") }
            _ = try await place.sync("opt")
            let common = primary.files()
            #expect(common == secondary.files(), "\(what)")
            primary.write(path("late"), "only the old primary had it, \(round)")
            primary.write(path("both"), "late at the primary, \(round)", at: 4_000_000_000)
            var ledger = FileLedger()
            try await move(.failover, what, &ledger)
            secondary.write(path("both"), "at the secondary, \(round)")
            secondary.write(path("only"), "changed at the secondary, \(round)")
            secondary.write(path("z"), String(repeating: "z", count: 100_000))
            secondary.remove(path("gone"))
            ledger.take("opt", [primary, secondary], common: common)
            try await move(.failback, what, &ledger)
            _ = try await place.sync("opt")
            #expect(primary.files() == secondary.files(), "\(what)")
            let aside = Set(try await place.reported("opt").filter { $0.setAside != nil }.map(\.path))
            #expect(ledger.lost("opt", primary, secondary, reported: aside) == [], "\(what)")
            let wanted = [
                "both": "late at the primary, \(round)", "late": "only the old primary had it, \(round)",
                "only": "changed at the secondary, \(round)", "same": "base same \(round)", "gone": nil,
            ]
            for (name, text) in wanted { #expect(primary.text(path(name)) == text, "\(what): \(name)") }
        }

        /// Carries a plan out; where the program is killed in it, people go on writing where they can, and then it is gone on with.
        private func move(_ kind: PlanKind, _ what: String, _ ledger: inout FileLedger) async throws {
            guard let stroke, stroke.kind == kind else {
                let outcome = try await command(kind, "--yes")
                try #require(outcome.status == 0, "\(what): \(outcome)")
                return
            }
            try await strike(stroke, what)
            for (node, tree) in [(place.site.primary, primary), (place.site.secondary, secondary)]
            where try await node.failure("DELETE FROM tally WHERE false") == nil {
                let text = "written after the blow at \(node.dsn), \(round)"
                let name = path("blow-\(kind.rawValue)-\(tree.root == primary.root ? "primary" : "secondary")")
                tree.write(name, text)
                ledger.owe("opt", name, text)
            }
            let orchestrator = try place.setup.orchestrator()
            let state = try await orchestrator.standing().state
            if state == .moving || state == .stopped {
                var resumed = try await command(kind, "resume", "--yes")
                // The server may take a moment to see that the killed one is gone, and gives the lease away then.
                while resumed.status != 0, resumed.errors.contains("lease") {
                    try await Task.sleep(for: .milliseconds(100))
                    resumed = try await command(kind, "resume", "--yes")
                }
                let said = resumed.output + resumed.errors
                try #require(resumed.status == 0 || said.contains("undone"), "\(what): \(resumed)")
            }
            let wanted = kind == .failback ? "primary" : "secondary"
            if try await orchestrator.standing().active.name != wanted {
                let again = try await command(kind, "--yes")
                try #require(again.status == 0, "\(what): \(again)")
            }
        }

        private func strike(_ stroke: Stroke, _ what: String) async throws {
            let environment = Self.environment.merging(stroke.environment) { $1 }
            let before = try await lines()
            let running = try await RunningProgram(
                [stroke.kind.rawValue, "--yes"], in: place.folder, environment: environment)
            if stroke.moment == .later {
                #expect(try await eventually { try await lines() >= before + stroke.line }, "\(what)")
                try await Task.sleep(for: stroke.delay)
                running.signal(SIGKILL)
                // It may have come to its end.
                _ = try await running.end()
            } else {
                let end = try await running.end()
                #expect(end.status == 128 + SIGKILL, "\(what): \(end)")
                let written = try await lines() - before
                #expect(written == (stroke.moment == .writing ? stroke.line - 1 : stroke.line), "\(what)")
            }
        }

        private func lines() async throws -> Int {
            Int(try await place.site.secondary.value("SELECT count(*) FROM switchback.journal") ?? "") ?? 0
        }

        private func command(_ kind: PlanKind, _ words: String...) async throws -> Program.Outcome {
            try await Program.run([kind.rawValue] + words, in: place.folder, environment: Self.environment)
        }
    }
}
