import Foundation
import LocalCluster
import TestSupport
import Testing

/// P12: a password that the configuration holds is in no output, no log, no error, no table and no process list.
@Suite("Secrets stay secret (P12)") struct SecretTests {
    private static let password = "opensesame-4711"
    private static let wrong = "geheim-0815"

    private static let commands: [[String]] = [
        ["check"], ["schema", "install", "--dry-run"], ["schema", "install"], ["schema", "status"], ["copy"], ["sync"],
        ["status"], ["pause"], ["resume"], ["diff"], ["repair"], ["schema", "upgrade"],
        ["schema", "uninstall", "--dry-run"],
    ]

    /// Every process's command line, and what the servers show of their sessions.
    private func processLists(_ site: CommandSite) async throws -> String {
        let numbers = (try? FileManager.default.contentsOfDirectory(atPath: "/proc"))?.filter { Int($0) != nil } ?? []
        let lines = numbers.compactMap { FileManager.default.contents(atPath: "/proc/\($0)/cmdline") }
        let sessions = try await site.source.rows("SELECT application_name || ' ' || query FROM pg_stat_activity")
        return lines.map { String(decoding: $0, as: UTF8.self) }.joined(separator: "\n")
            + sessions.compactMap { $0[0] }.joined(separator: "\n")
    }

    private func expectSilence(_ texts: [String], _ comment: Comment) {
        for text in texts {
            #expect(!text.contains(Self.password) && !text.contains(Self.wrong), comment)
        }
    }

    @Test func `every command, the daemon, the tables and the process list`() async throws {
        let server = try await TestServers.own("guarded", password: Self.password)
        do {
            let site = try await CommandSite(sourceServer: server)
            for command in Self.commands {
                for options in [[], ["--json"], ["--verbose"]] {
                    let outcome = try await Program.run(command + options, in: site.folder)
                    expectSilence([outcome.output, outcome.errors], "\(command + options)")
                    #expect([0, 3].contains(outcome.status), "\(command + options): \(outcome.errors)")
                }
            }
            let daemon = try await site.daemon("--verbose")
            try await site.source.run("INSERT INTO item VALUES (1, 'one')")
            #expect(try await eventually { try await site.target.value("SELECT count(*) FROM item") == "1" })
            expectSilence([try await processLists(site)], "process list")
            try await server.stop()
            #expect(try await eventually { try await site.run("status").output.contains("UNREACHABLE") })
            expectSilence([try await site.run("status", "--json").output], "status of a node that is gone")
            try await server.start()
            #expect(try await eventually { try await site.run("status").status == 0 })
            daemon.signal(SIGTERM)
            let outcome = try await daemon.end(within: .seconds(30))
            #expect(outcome.errors.contains("debug"))
            expectSilence([outcome.output, outcome.errors], "log")
            expectSilence(
                try await [site.target.dump()] + [String(contentsOfFile: server.folder + "/log", encoding: .utf8)],
                "tables, server log")
            // The source asks for the password, which this dump must be given.
            let tables = try await site.source.rows(
                "SELECT t::text FROM switchback.node AS t UNION ALL SELECT t::text FROM switchback.receiver AS t")
            expectSilence(tables.compactMap { $0[0] }, "tables of the source")
        } catch {
            await server.destroy()
            throw error
        }
        await server.destroy()
    }

    @Test func `failures to connect: a wrong password, a wrong host, a URI, a password that is no URI`() async throws {
        let server = try await TestServers.own("guarded", password: Self.password)
        do {
            let port = server.port
            let dsns = [
                "host=127.0.0.1 port=\(port) dbname=postgres user=postgres password=\(Self.wrong)",
                "postgresql://postgres:\(Self.wrong)@127.0.0.1:\(port)/postgres",
                "postgresql://postgres:\(Self.wrong)@127.0.0.1:1/postgres",
                "host=127.0.0.1 port=\(port) dbname=nosuch user=postgres password=\(Self.password)",
                "host=nosuch.invalid dbname=x user=y password=\(Self.wrong)",
                "postgresql://postgres:\(Self.wrong)@x@127.0.0.1/postgres", "host=127.0.0.1 password='\(Self.wrong)",
                "host=127.0.0.1 pasword=\(Self.wrong)",
            ]
            for dsn in dsns {
                let folder = try Program.folder(CommandSite.yaml(dsn, server.dsn()))
                defer { try? FileManager.default.removeItem(atPath: folder) }
                for command in Self.commands where !["pause", "resume"].contains(command[0]) {
                    let outcome = try await Program.run(command + ["--json", "--verbose"], in: folder)
                    #expect([1, 2, 3].contains(outcome.status), "\(command) \(dsn)")
                    expectSilence([outcome.output, outcome.errors], "\(command) \(dsn)")
                }
            }
        } catch {
            await server.destroy()
            throw error
        }
        await server.destroy()
    }
}
