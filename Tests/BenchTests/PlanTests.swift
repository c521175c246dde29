import ArgumentParser
import Foundation
import Testing

@testable import bench

/// What is asked for is what is done, in turns.
@Suite("Benchmark plan") struct PlanTests {
    private func plan(_ arguments: String...) throws -> Plan { try Plan(try BenchOptions.parse(arguments)) }

    @Test func `systems take turns within each setting of each round`() throws {
        let plan = try plan("--systems", "native,none", "--scenarios", "latency,hot_row,many_tables", "--rounds", "2")
        let steps = plan.steps(plan.systems).map { "\($0.round) \($0.setting) \($0.system.name)" }
        let once = ["pair none", "pair native", "manyTables none", "manyTables native"]
        #expect(steps == once.map { "1 \($0)" } + once.map { "2 \($0)" })
        #expect(plan.steps(plan.systems)[0].scenarios.map(\.name) == ["latency", "hot_row"])
    }

    @Test func `a system is not asked for what it cannot do`() throws {
        let plan = try plan("--scenarios", "triggers,notify,fan_out", "--rounds", "1")
        let steps = plan.steps(plan.systems).map { "\($0.setting) \($0.system.name)" }
        #expect(
            steps == [
                "triggers slony", "triggers bucardo", "triggers switchback", "notify switchback", "fanOut native",
                "fanOut switchback",
            ])
    }

    @Test func `unknown names and numbers that make no sense are refused`() throws {
        #expect(throws: WrongUsage.self) { try plan("--systems", "oracle") }
        #expect(throws: WrongUsage.self) { try plan("--scenarios", "latency,speed") }
        #expect(throws: WrongUsage.self) { try plan("--systems", "") }
        #expect(throws: WrongUsage.self) { try plan("--rounds", "0") }
        #expect(throws: WrongUsage.self) { try plan("--seconds", "1") }
        #expect(throws: WrongUsage.self) { try plan("--quick", "--full") }
        #expect(throws: WrongUsage.self) { try plan("--quick", "--write") }
    }

    @Test func `sizes are the usual ones, small ones or full ones, and single ones can be set`() throws {
        #expect(try plan().sizes == Sizes())
        #expect(try plan().rounds == 3)
        #expect(try plan("--quick").sizes == Sizes.quick)
        #expect(try plan("--quick").rounds == 1)
        #expect(try plan("--full").sizes.outageSeconds == 600)
        #expect(try plan("--full").sizes.soakSeconds == 1800)
        #expect(try plan("--quick", "--scale", "7").sizes.scale == 7)
        // A bulk update has no more rows than there are.
        #expect(try plan("--scale", "3").sizes.updateRows == 300_000)
        #expect(try plan().sizes.updateRows == 500_000)
    }

    @Test func `a program's signals are not those that this thread blocks`() async throws {
        // Symptom: pgbench -T 5 ran for minutes. Cause: it inherited the blocked signals of the thread that started it,
        // so its alarm never rang. Fix: a child begins with none blocked.
        var all = sigset_t()
        var before = sigset_t()
        sigfillset(&all)
        pthread_sigmask(SIG_BLOCK, &all, &before)
        let running = try RunningProcess(["grep", "SigBlk", "/proc/self/status"], in: "/tmp")
        pthread_sigmask(SIG_SETMASK, &before, nil)
        let outcome = await running.outcome()
        #expect(outcome.status == 0)
        #expect(outcome.output.split(whereSeparator: \.isWhitespace).last == "0000000000000000")
    }

    @Test func `a daemon ends when it is told to, and what it printed is kept`() async throws {
        let folder = "/tmp/switchback-bench-test-\(UInt64.random(in: 0 ... .max))"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let daemon = try Daemon("sleeper", ["sh", "-c", "echo up; exec sleep 1000"], in: folder)
        while !daemon.logTail.contains("up") || daemon.processID == nil { await Task.yield() }
        let processID = try #require(daemon.processID)
        #expect(kill(processID, 0) == 0)
        await daemon.stop()
        #expect(kill(processID, 0) != 0)
        #expect(daemon.logTail.hasPrefix("up"))
    }

    @Test func `a program that fails says what it said, and one that is not there is an error`() async {
        await #expect(throws: ProgramRun.Failed.self) {
            try await ProgramRun.run(["sh", "-c", "echo no good >&2; exit 3"], in: "/tmp")
        }
        await #expect(throws: ProgramRun.Failed.self) {
            try await ProgramRun.run(["no-such-program-anywhere"], in: "/tmp")
        }
    }
}
