import Foundation
import Glibc
import LocalCluster
import Postgres
import Programs
import TestSupport
import Testing

/// The daemon as its supervisor has it: what it logs, and how it ends (P6, P7).
@Suite("The daemon") struct DaemonTests {
    /// Waits until the target's stream is in the middle of a batch: it waits for a lock that the test holds.
    private func untilBlocked(_ site: CommandSite) async throws -> Bool {
        try await eventually {
            try await site.target.value(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'switchback%' AND wait_event_type = 'Lock'"
            ) != "0"
        }
    }

    @Test func `the log tells what goes on, with reason and hint`() async throws {
        let site = try await CommandSite()
        try await site.begin()
        let daemon = try await site.daemon()
        try await site.source.run("INSERT INTO item VALUES (1, 'one')")
        #expect(try await eventually { try await site.target.value("SELECT count(*) FROM item") == "1" })
        try await site.source.run("ALTER TABLE item ADD COLUMN note text; UPDATE item SET note = 'n'")
        #expect(
            try await eventually {
                try await site.run("status").output.contains(
                    "column note of public.item exists at here and not at there")
            })
        try await site.target.run("ALTER TABLE item ADD COLUMN note text")
        #expect(try await eventually { try await site.target.value("SELECT note FROM item") == "n" })
        try await site.expect(0, "sync")
        daemon.signal(SIGTERM)
        let outcome = try await daemon.end(within: .seconds(20))
        #expect(outcome.status == 0 && outcome.output == "")
        let lines = outcome.errors.split(separator: "\n").map(String.init)
        let pattern = /\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+Z (info|notice|warning) +(.*)/
        let told = lines.compactMap { line in (try? pattern.wholeMatch(in: line)).map { (String($0.1), String($0.2)) } }
        #expect(told.count == lines.count, "\(outcome.errors)")
        #expect(told.first?.1.hasSuffix("carries 1 stream of library") == true && told.last?.1 == "ended")
        #expect(told.contains { $0.1.hasPrefix("main: here → there: started; ") })
        #expect(
            told.contains {
                $0 == "warning"
                    && $1
                        == "main: here → there: column note of public.item exists at here and not at there; hint: add it at there, or drop it at here"
            }, "\(outcome.errors)")
        #expect(told.contains { $0.1.hasPrefix("main: here → there: goes on; ") })
        #expect(told.count < 12, "it tells too much:\n\(outcome.errors)")
    }

    /// Symptom: a daemon that was asked to end right after its start went on for ever. Cause: two parts of the program caught
    /// the signal one after the other; the first left it to the second, which was not there yet. Fix: one catches it, and
    /// cancels the command.
    @Test(arguments: [SIGTERM, SIGINT]) func `a signal that comes right after the start ends it`(
        _ number: Int32
    ) async throws {
        let site = try await CommandSite()
        for pause in [0, 1, 2, 5, 10, 20, 40] {
            let daemon = try await site.daemon()
            while !daemon.catches(number) { try await Task.sleep(for: .milliseconds(1)) }
            try await Task.sleep(for: .milliseconds(pause))
            daemon.signal(number)
            let outcome = try await daemon.end(within: .seconds(30))
            #expect(outcome.status == 0, "after \(pause) ms: \(outcome.errors)")
        }
    }

    @Test(arguments: [SIGTERM, SIGINT]) func `a signal ends it in the middle of a large batch, and nothing is lost`(
        _ number: Int32
    ) async throws {
        let site = try await CommandSite()
        try await site.begin()
        let blocker = try await site.target.connect()
        try await blocker.run { try $0.execute("BEGIN; LOCK TABLE item IN ACCESS EXCLUSIVE MODE") }
        try await site.source.run("INSERT INTO item SELECT g, 'item' FROM generate_series(1, 20000) AS g")
        let daemon = try await site.daemon()
        #expect(try await untilBlocked(site))
        daemon.signal(number)
        let outcome = try await daemon.end(within: .seconds(20))
        #expect(outcome.status == 0 && outcome.errors.hasSuffix("ended\n"), "\(outcome.errors)")
        await blocker.close()
        #expect(try await site.target.value("SELECT count(*) FROM item") == "0")
        try await site.expect(0, "sync")
        #expect(try await site.target.value("SELECT count(*) FROM item") == "20000")
    }

    /// A server that answers nothing keeps a daemon from ending cleanly for a while; whoever cannot wait says so twice.
    @Test func `a second signal ends it at once`() async throws {
        let server = try await TestServers.own("silent")
        do {
            let site = try await CommandSite(sourceServer: server)
            try await site.begin()
            let daemon = try await site.daemon()
            #expect(try await eventually { try await site.run("status").output.contains("streaming") })
            try await server.freeze()
            daemon.signal(SIGTERM)
            try await Task.sleep(for: .milliseconds(200))
            daemon.signal(SIGTERM)
            let outcome = try await daemon.end(within: .seconds(20))
            // Either it had ended by the first, or the second ended it.
            #expect(outcome.status == 1 || outcome.errors.hasSuffix("ended\n"))
        } catch {
            await server.destroy()
            throw error
        }
        await server.destroy()
    }

    @Test func `a command that is interrupted says so, with status 1`() async throws {
        let site = try await CommandSite()
        try await site.source.run("INSERT INTO item SELECT g, 'item' FROM generate_series(1, 100) AS g")
        try await site.expect(0, "schema", "install")
        let blocker = try await site.target.connect()
        try await blocker.run { try $0.execute("BEGIN; LOCK TABLE item IN ACCESS EXCLUSIVE MODE") }
        let copy = try await RunningProgram(["copy", "--json"], in: site.folder)
        #expect(try await untilBlocked(site))
        copy.signal(SIGINT)
        let outcome = try await copy.end(within: .seconds(20))
        #expect(
            outcome.status == 1 && outcome.errors.contains("switchback: interrupted; the same command goes on"),
            "\(outcome.errors)")
        #expect(try (outcome.document()["error"] as? String)?.hasPrefix("interrupted; ") == true)
        await blocker.close()
        try await site.expect(0, "copy")
        #expect(try await site.target.value("SELECT count(*) FROM item") == "100")
    }

    // MARK: Watching

    /// Symptom: now and then it ended with status 1 and "interrupted". Cause: only a pause between two looks ended as it
    /// should; a look that was interrupted threw the error of its connection. Fix: being cancelled is what counts.
    @Test func `status --watch goes on until Ctrl-C, which is no failure`() async throws {
        let site = try await CommandSite()
        try await site.begin()
        let watch = try await RunningProgram(["status", "--watch", "--interval", "0.1", "--json"], in: site.folder)
        #expect(try await eventually { watch.outputSoFar.split(separator: "\n").count > 1 })
        watch.signal(SIGINT)
        let outcome = try await watch.end(within: .seconds(20))
        #expect(outcome.status == 0 && outcome.errors == "")
        let lines = outcome.output.split(separator: "\n")
        #expect(!lines.isEmpty)
        for line in lines {
            let document = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
            #expect(document?["cluster"] as? String == "library")
        }
    }

    @Test func `at a terminal it writes over what it wrote; elsewhere there are no escape codes`() async throws {
        let site = try await CommandSite()
        try await site.begin()
        let screen = try await PseudoTerminal(["status", "--watch", "--interval", "0.1"], in: site.folder)
        #expect(try await eventually { screen.seenSoFar.components(separatedBy: "SYNC").count > 2 })
        screen.signal(SIGINT)
        let (status, text) = try await screen.end()
        #expect(status == 0 && text.contains("\u{1B}[H"))
        let plain = try await RunningProgram(["status", "--watch", "--interval", "0.1"], in: site.folder)
        #expect(try await eventually { plain.outputSoFar.components(separatedBy: "SYNC").count > 2 })
        plain.signal(SIGTERM)
        let outcome = try await plain.end(within: .seconds(20))
        #expect(outcome.status == 0 && !outcome.output.contains("\u{1B}"))
        for command in [["status"], ["check"], ["diff"], ["copy"], ["schema", "status"]] {
            let outcome = try await Program.run(command, in: site.folder)
            #expect(!(outcome.output + outcome.errors).contains("\u{1B}"), "\(command)")
        }
    }

    @Test func `progress is shown at a terminal, on a line that is gone at the end`() async throws {
        let site = try await CommandSite()
        try await site.source.run("INSERT INTO item SELECT g, 'item' FROM generate_series(1, 1000) AS g")
        try await site.expect(0, "schema", "install")
        let (status, text) = try await PseudoTerminal(["copy"], in: site.folder).end()
        #expect(status == 0 && text.contains("█") && text.contains("2/2 tables"))
        #expect(text.contains("\r\u{1B}[Kmain: here → there: tables: 2 copied, 1,000 rows"))
    }

    @Test func `a reader that goes away is no failure, and ends what would go on for ever`() async throws {
        let site = try await CommandSite()
        try await site.begin()
        func shell(_ line: String) async throws -> Int32 {
            let program = ExternalProgram(["/bin/bash", "-c", "set -o pipefail; " + line], folder: site.folder)
            return try await program.run(limit: .seconds(120)).ending.status
        }
        // 3, for no daemon runs; 141 would be a broken pipe.
        #expect(try await shell("\(Program.path) status | head -1") == 3)
        #expect(try await shell("\(Program.path) schema install --dry-run | true") == 0)
        #expect(try await shell("\(Program.path) help | true") == 0)
        #expect(try await shell("timeout 60 \(Program.path) status --watch --interval 0.1 | head -1") == 0)
    }
}
