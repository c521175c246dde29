import Glibc
import Programs
import Testing

/// Programs outside: what they print, how they end, and that nothing of them is left.
@Suite("External programs") struct ExternalProgramTests {
    private func shell(_ line: String, _ rest: String...) -> ExternalProgram {
        ExternalProgram(["/bin/sh", "-c", line] + rest)
    }

    private func exists(_ processID: Int32) -> Bool { kill(processID, 0) == 0 }

    @Test func `output, errors, status, arguments, environment, folder and input arrive as given`() async throws {
        var program = shell("cat; echo \"$1|$WHAT|$HOME|$(pwd)\"; echo no >&2; exit 7", "sh", "a  'b'\n")
        program.environment = ["WHAT": "x=y", "HOME": nil]
        program.folder = "/usr"
        program.input = "in\n"
        let outcome = try await program.run(limit: .seconds(60))
        #expect(outcome.ending == .exited(7))
        #expect(outcome.output == "in\na  'b'\n|x=y||/usr\n")
        #expect(outcome.errors == "no\n")
    }

    @Test func `input that is not read, or only in part, is no failure, whatever its length`() async throws {
        var program = shell("head -c 3; exit 5")
        program.input = "abc" + String(repeating: "x", count: 1 << 20)
        let outcome = try await program.run(limit: .seconds(60))
        #expect(outcome.ending == .exited(5) && outcome.output == "abc")
        program.command = ["/bin/true"]
        for _ in 0..<20 { #expect(try await program.run(limit: .seconds(60)).ending == .exited(0)) }
        program.command = ["/usr/bin/wc", "-c"]
        #expect(try await program.run(limit: .seconds(60)).output == "1048579\n")
    }

    @Test func `a name is looked up, and what is not there is told`() async throws {
        #expect(try await ExternalProgram(["true"]).run(limit: .seconds(60)).ending == .exited(0))
        await #expect(throws: ExternalProgramError.self) {
            try await ExternalProgram(["/nowhere/program"]).run(limit: .seconds(60))
        }
        await #expect(throws: ExternalProgramError.self) {
            try await ExternalProgram(["true"], folder: "/nowhere").run(limit: .seconds(60))
        }
    }

    @Test func `a signal's number is told`() async throws {
        #expect(try await shell("kill -9 $$").run(limit: .seconds(60)).ending == .killed(signal: SIGKILL))
    }

    /// Neither it nor its children outlive the limit, though they do not heed SIGTERM.
    @Test func `past its limit it is ended, with all that it started`() async throws {
        let program = shell("trap '' TERM; sleep 300 & echo $!; wait; wait")
        let outcome = try await program.run(limit: .milliseconds(500), grace: .milliseconds(300))
        #expect(outcome.ending == .stopped && outcome.ending.status == 124)
        let child = try #require(Int32(outcome.output.split(separator: "\n").first ?? ""))
        // Its parent is gone: whoever adopted it collects it.
        for _ in 0..<500 where exists(child) { try await Task.sleep(for: .milliseconds(10)) }
        #expect(!exists(child) || isZombie(child))
    }

    private func isZombie(_ processID: Int32) -> Bool {
        guard let file = fopen("/proc/\(processID)/stat", "r") else { return true }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 512)
        fgets(&line, 512, file)
        return String(decoding: line.map { UInt8(bitPattern: $0) }, as: UTF8.self).contains(") Z ")
    }

    /// Hooks start daemons: `apachectl start` has ended when it has ended, though the daemon has its output open.
    @Test func `a program that leaves a daemon behind has ended`() async throws {
        let outcome = try await shell("setsid sleep 60 & echo $!").run(limit: .seconds(30))
        #expect(outcome.ending == .exited(0) && outcome.elapsed < .seconds(20))
        kill(try #require(Int32(outcome.output.split(separator: "\n").first ?? "")), SIGKILL)
    }

    @Test func `cancelling who waits ends it`() async throws {
        let started = try await shell("echo there; exec sleep 300").start(grace: .milliseconds(200))
        for _ in 0..<1000 where started.outputSoFar != "there\n" { try await Task.sleep(for: .milliseconds(10)) }
        let waiting = Task { await started.outcome() }
        waiting.cancel()
        #expect(await waiting.value.ending == .stopped)
        #expect(!exists(started.processID))
    }

    @Test func `much output does not stop it, and its beginning is kept`() async throws {
        let outcome = try await shell("yes | head -c 5000000; echo end >&2").run(
            limit: .seconds(60), outputBytesMax: 1001)
        #expect(outcome.ending == .exited(0))
        #expect(outcome.output.utf8.count == 1001 && outcome.errors == "end\n")
    }

    /// Many at a time, of which each is waited for by a task: the pool of threads is no limit to them.
    @Test func `many run side by side`() async throws {
        let began = ContinuousClock.now
        let statuses = try await withThrowingTaskGroup(of: Int32.self) { group in
            for number in 0..<40 {
                group.addTask { try await shell("sleep 1; exit \(number)").run(limit: .seconds(100)).ending.status }
            }
            return try await group.reduce(into: Set()) { $0.insert($1) }
        }
        #expect(statuses == Set(0..<40))
        #expect(ContinuousClock.now - began < .seconds(35))
    }

    /// What this process has open is none of a program's business: a socket held open keeps its other end waiting.
    @Test func `no open file is passed on`() async throws {
        var ends: [Int32] = [0, 0]
        #expect(pipe(&ends) == 0)
        defer { for end in ends { close(end) } }
        let outcome = try await shell("ls /proc/$$/fd").run(limit: .seconds(60))
        #expect(outcome.output.split(separator: "\n").allSatisfy { ["0", "1", "2"].contains($0) }, "\(outcome.output)")
    }

    // Symptom: a demo that was interrupted left a name server behind for a moment. Cause: whoever started a program in a task
    // that was cancelled meanwhile was told that it never began, while it ran and nobody could end it. Fix: the start is waited for.
    @Test func `a program whose start is overtaken by a cancellation can still be ended`() async throws {
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            let program = try await shell("exec sleep 1000").start()
            #expect(exists(program.processID))
            await program.stop()
            return program.processID
        }
        let processID = try await task.value
        #expect(!exists(processID))
    }
}
