import Foundation
import TestSupport
import Testing

/// The demo is the first thing that people run: it shows what it says, it leaves nothing behind (P1–P8 and P11 at once).
@Suite("switchback demo", .serialized) struct DemoCommandTests {
    /// A folder for the demo's own folder to be in; the servers' account must get there.
    private final class Place {
        let path: String

        init() throws {
            path = try Program.folder()
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
        }

        deinit { try? FileManager.default.removeItem(atPath: path) }

        var content: [String] { (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? [] }

        /// The processes whose command line names the place.
        var processes: [String] {
            let numbers =
                (try? FileManager.default.contentsOfDirectory(atPath: "/proc"))?.filter { Int($0) != nil } ?? []
            return numbers.filter { number in
                let line = FileManager.default.contents(atPath: "/proc/\(number)/cmdline") ?? Data()
                return String(decoding: line, as: UTF8.self).contains(path)
            }
        }

        var isClean: Bool { content.isEmpty && processes.isEmpty }
    }

    @Test func `all of it, as a document; kept until Ctrl-C; and then nothing is left`() async throws {
        let place = try Place()
        let demo = try await RunningProgram(
            ["demo", "--seconds", "1", "--json", "--keep"], environment: ["TMPDIR": place.path])
        #expect(try await eventually(within: .seconds(300)) { demo.outputSoFar.hasSuffix("}\n") })
        let folder = try #require(place.content.first)
        let file = "\(place.path)/\(folder)/raleigh/switchback.yaml"
        let status = try await Program.run(["--config", file, "status", "--json"])
        #expect(status.status == 3)
        let syncs = try #require(try status.document()["syncs"] as? [[String: Any]])
        #expect(syncs.first?["state"] as? String == "idle")
        #expect(try await Program.run(["--config", file, "sync"]).status == 0)
        demo.signal(SIGINT)
        let outcome = try await demo.end(within: .seconds(60))
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(place.isClean)
        try check(try outcome.document())
        let text = outcome.errors
        #expect(text.contains("\nSummary\n") && text.contains("identical: 27 tables, ") && !text.contains("\u{1B}"))
        #expect(text.contains("25006: cannot execute UPDATE on public.item: Switchback keeps node durham read-only"))
        #expect(text.contains("   www.demo.test → 127.0.0.12: A data repository, served by durham"))
        #expect(text.contains("   www.demo.test → 127.0.0.11: A data repository, served by raleigh"))
        #expect(text.contains(" transactions acknowledged by either site, 0 missing\n"))
        #expect(
            text.contains("raleigh alone has it: rescued") && text.contains("guide.txt of raleigh lies in primary:"))
        #expect(
            text.contains("   files_freeze ") && text.contains("   files_ahead ") && text.contains("   files_last "))
        #expect(text.contains("rows that name a file that is not there: 0\n"))
        #expect(text.contains("   switchback --config \(file) status --watch\n"))
    }

    private func check(_ report: [String: Any]) throws {
        func part(_ name: String) throws -> [String: Any] { try #require(report[name] as? [String: Any], "\(name)") }
        let comparison = try part("comparison")
        #expect(comparison["identical"] as? Bool == true && comparison["tables"] as? Int == 27)
        #expect(try #require(comparison["rows"] as? Int) > 400_000)
        #expect(try #require(try part("first_copy")["rows"] as? Int) > 400_000)
        #expect(try #require(try part("live")["transactions"] as? Int) > 0)
        #expect(try #require(try part("lag")["samples"] as? Int) > 0)
        #expect(try part("refusal")["sqlstate"] as? String == "25006")
        #expect((try part("refusal")["message"] as? String)?.contains("Switchback") == true)
        #expect((try part("schema_change")["reason"] as? String)?.contains("column thumbnail of public.item") == true)
        #expect(try #require(try part("outage")["pending_rows"] as? Int) > 0)
        let failover = try part("failover")
        #expect(try #require(failover["stranded_transactions"] as? Int) > 0)
        let steps = try #require(failover["steps"] as? [[String: Any]])
        #expect(steps.map { $0["step"] as? String } == Self.failoverSteps)
        #expect(
            steps.map { $0["result"] as? String } == ["done", "passed", "passed"] + Array(repeating: "done", count: 6))
        #expect(try #require(try part("secondary")["transactions"] as? Int) > 0)
        let returned = try part("returned")
        #expect(try #require(returned["stranded_rows"] as? Int) > 0)
        #expect(returned["conflict_winner"] as? String == "Botany, as durham has it")
        #expect(returned["conflict_losers"] as? [String] == ["raleigh: 1 | Botany, as raleigh had it"])
        let back = try #require(try part("failback")["steps"] as? [[String: Any]])
        #expect(back.count == 16 && back.allSatisfy { $0["result"] as? String == "done" })
        let proof = try part("proof")
        #expect(proof["missing"] as? Int == 0 && proof["foreign"] as? Int == 0 && proof["balances"] as? Bool == true)
        #expect(proof["holds"] as? Bool == true)
        #expect(try #require(proof["transactions"] as? Int) > 100)
        try check(files: try part("files"))
        let books = try part("books")
        #expect(try #require(books["looks"] as? Int) > 0 && books["wrong"] as? Int == 0)
    }

    /// What only the dead primary had came over; what both changed is at both sites or set aside; what was deleted is gone.
    private func check(files: [String: Any]) throws {
        #expect((files["mover"] as? String)?.hasPrefix("rsync ") == true && files["samples"] as? Int == 5)
        let stranded = try #require(files["stranded"] as? [String])
        let rescued = try #require(files["rescued"] as? [String])
        #expect(!stranded.isEmpty && Set(stranded).isSubset(of: rescued), "\(stranded) \(rescued)")
        #expect(try #require(files["uploaded"] as? Int) > stranded.count)
        #expect(files["set_aside"] as? [String] == ["guide.txt"])
        #expect(files["missing"] as? [String] == [] && files["returned"] as? [String] == [])
        #expect(files["rows_without_file"] as? Int == 0 && files["holds"] as? Bool == true)
    }

    private static let failoverSteps = [
        "confirm", "fence", "drain", "hold", "files_freeze", "promote", "verify", "dns", "dns_verify",
    ]

    /// While the clusters are made, while the site moves, and while the tables are filled.
    @Test(arguments: [(SIGTERM, "Two Postgres clusters"), (SIGINT, "kill -9 "), (SIGKILL, "A data repository")])
    func `a signal ends it and leaves nothing`(_ number: Int32, _ moment: String) async throws {
        let place = try Place()
        let demo = try await PseudoTerminal(
            ["demo", "--seconds", "1"], in: "/tmp", environment: ["TMPDIR": place.path])
        #expect(try await eventually(within: .seconds(180)) { demo.seenSoFar.contains(moment) })
        demo.signal(number)
        let (status, text) = try await demo.end()
        if number != SIGKILL {
            #expect(status == 1 && text.contains("interrupted; removing both sites"))
            #expect(place.isClean, "\(place.content) \(place.processes)")
        }
        #expect(try await eventually { place.isClean }, "\(place.content) \(place.processes)")
    }

    @Test func `without server programs it says what to install, with status 2`() async throws {
        let outcome = try await Program.run(["demo", "--json"], environment: ["SWITCHBACK_PG_BIN": "/nowhere"])
        #expect(outcome.status == 2)
        #expect(outcome.errors == "switchback: could not find a Postgres server in SWITCHBACK_PG_BIN: /nowhere\n")
        #expect(try outcome.document()["hint"] is NSNull)
    }

    @Test func `where it cannot put its clusters it says so, with status 1`() async throws {
        let outcome = try await Program.run(["demo"], environment: ["TMPDIR": "/nowhere"])
        #expect(outcome.status == 1 && outcome.output == "")
        #expect(
            outcome.errors.hasPrefix("switchback: there is no folder /nowhere")
                && outcome.errors.contains("\n  hint: set TMPDIR"))
    }
}
