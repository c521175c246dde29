import Foundation
import LocalCluster
import Replication
import TestSupport
import Testing

/// P2 and P5: a node that is not what it was, or where it was, is noticed; the stream stops and names the command that
/// mends it, and that command does, and keeps what it overwrites.
@Suite("Nodes restored and replaced") struct RestoreTests {
    private static let items = "CREATE TABLE item (id int PRIMARY KEY, note text)"

    /// A pair with one of its servers its own.
    private func withPair(
        ownSource: Bool, _ body: (TestPair, LocalCluster) async throws -> Void
    ) async throws {
        let server = try await TestServers.own(ownSource ? "restored-source" : "restored-target")
        do {
            let pair = try await TestPair.make(
                schema: Self.items, sourceServer: ownSource ? server : nil, targetServer: ownSource ? nil : server)
            try await pair.source.run("INSERT INTO item SELECT g, 'old' FROM generate_series(1, 50) AS g")
            try await pair.start()
            try await body(pair, server)
        } catch {
            await server.destroy()
            throw error
        }
        await server.destroy()
    }

    /// Expects that nothing moves, and that the reason is given with the command.
    private func expectStopped(_ pair: TestPair, _ words: String, hint: String = "switchback copy main --repair")
        async throws
    {
        let outcome = try await pair.command(["sync", "--timeout", "60"])
        #expect(outcome.status == 3, "\(outcome.output) \(outcome.errors)")
        let text = outcome.output + outcome.errors
        #expect(text.contains(words), "\(text)")
        #expect(text.contains(hint), "\(text)")
    }

    /// Runs the command that was named, and expects everything to go on.
    private func mend(_ pair: TestPair) async throws {
        let outcome = try await pair.command(["copy", "main", "--repair"])
        #expect(outcome.status == 0, "\(outcome.output) \(outcome.errors)")
        try await pair.source.run("INSERT INTO item VALUES (5000, 'after')")
        try await pair.withDaemon { _ in
            let goesOn = try await eventually {
                try await pair.target.value("SELECT note FROM item WHERE id = 5000") == "after"
            }
            #expect(goesOn)
        }
        try await pair.expectEqual()
    }

    private func kept(_ pair: TestPair) async throws -> Set<String> {
        let rows = try await pair.target.rows("SELECT row_values::text FROM switchback.history")
        return Set(rows.compactMap { $0[0] })
    }

    @Test func `a source that is restored from an older backup is noticed`() async throws {
        try await withPair(ownSource: true) { pair, server in
            let backup = try await Backup.take(server)
            try await pair.source.run(
                "INSERT INTO item VALUES (100, 'lost'); UPDATE item SET note = 'lost' WHERE id = 1")
            try await pair.catchUp()
            try await backup.restore()
            // Its transactions have come as far again as the target had seen them.
            for id in 200..<230 { try await pair.source.run("INSERT INTO item VALUES (\(id), 'new')") }
            try await expectStopped(pair, "restored from an older backup")
            try await pair.withDaemon { _ in
                let status = try await eventually {
                    let outcome = try await pair.command(["status", "--json"])
                    return outcome.output.contains("restored from an older backup")
                        && outcome.output.contains("\"stopped\"")
                }
                #expect(status)
                #expect(try await pair.target.value("SELECT count(*) FROM item WHERE note = 'new'") == "0")
            }
            try await mend(pair)
            #expect(try await kept(pair) == ["{100,lost}", "{1,lost}"])
        }
    }

    @Test func `a source that is restored while its engine runs stops the stream`() async throws {
        try await withPair(ownSource: true) { pair, server in
            let backup = try await Backup.take(server)
            try await pair.withDaemon { _ in
                try await pair.source.run("INSERT INTO item VALUES (100, 'lost')")
                #expect(
                    try await eventually { try await pair.target.value("SELECT count(*) FROM item") == "51" })
                // The source was told, and the target knows that it was.
                #expect(
                    try await eventually {
                        try await pair.target.value("SELECT batch = acknowledged_batch FROM switchback.cursor") == "t"
                    })
                try await backup.restore()
                try await pair.source.run("INSERT INTO item VALUES (300, 'new')")
                let stops = try await eventually {
                    try await pair.target.value("SELECT error FROM switchback.cursor")?.contains("older backup")
                        == true
                }
                #expect(stops)
                #expect(try await pair.target.value("SELECT count(*) FROM item WHERE id = 300") == "0")
                let outcome = try await pair.command(["copy", "main", "--repair"])
                #expect(outcome.status == 0, "\(outcome.output) \(outcome.errors)")
                // The daemon goes on by itself.
                try await pair.source.run("INSERT INTO item VALUES (301, 'new')")
                #expect(
                    try await eventually {
                        try await pair.target.value("SELECT count(*) FROM item WHERE id = 301") == "1"
                    })
            }
            try await pair.expectEqual()
            #expect(try await kept(pair) == ["{100,lost}"])
        }
    }

    @Test func `a source that crashed and lost nothing is not taken for a restored one`() async throws {
        try await withPair(ownSource: true) { pair, server in
            try await pair.withDaemon { _ in
                for round in 1...3 {
                    for _ in 0..<5 { try await pair.source.run("BEGIN; SELECT pg_current_xact_id(); ROLLBACK") }
                    try await pair.source.run("INSERT INTO item VALUES (\(100 + round), 'n')")
                    #expect(
                        try await eventually {
                            try await pair.target.value("SELECT count(*) FROM item WHERE id = \(100 + round)") == "1"
                        })
                    try await server.kill9()
                    try await server.start()
                }
            }
            try await pair.catchUp()
            try await pair.expectEqual()
        }
    }

    @Test func `a target that is restored from an older backup is noticed`() async throws {
        try await withPair(ownSource: false) { pair, server in
            let backup = try await Backup.take(server)
            for round in 1...3 {
                try await pair.source.run(
                    "INSERT INTO item VALUES (\(100 + round), 'new'); DELETE FROM item WHERE id = \(round)")
                try await pair.catchUp()
            }
            try await backup.restore()
            try await expectStopped(pair, "target was restored from an older backup")
            try await mend(pair)
            #expect(try await kept(pair) == ["{1,old}", "{2,old}", "{3,old}"])
        }
    }

    @Test func `a standby that was promoted in the source's place is noticed`() async throws {
        try await withPair(ownSource: true) { pair, server in
            try await pair.source.run("INSERT INTO item VALUES (100, 'seen')")
            try await pair.catchUp()
            // A server that follows nobody and is told to take over.
            try await server.stop()
            #expect(FileManager.default.createFile(atPath: server.dataDirectory + "/standby.signal", contents: nil))
            try await server.start()
            try await expectStopped(pair, "is a standby", hint: "promote the standby")
            try await pair.source.run("SELECT pg_promote()")
            try await expectStopped(pair, "timeline")
            try await mend(pair)
        }
    }

    @Test func `a source database that was dropped and made again is noticed`() async throws {
        let pair = try await TestPair.make(schema: Self.items)
        try await pair.source.run("INSERT INTO item SELECT g, 'old' FROM generate_series(1, 50) AS g")
        try await pair.start()
        let server = TestDatabase(server: pair.source.server, name: "postgres")
        try await server.run("DROP DATABASE \(pair.source.name)")
        try await server.run("CREATE DATABASE \(pair.source.name)")
        try await pair.source.run(Self.items)
        try await pair.source.run("INSERT INTO item SELECT g, 'new' FROM generate_series(10, 60) AS g")
        try await pair.install()
        try await expectStopped(pair, "dropped and made again")
        try await mend(pair)
        #expect(try await kept(pair).count == 50)
    }

    @Test func `a source that was replaced by a new cluster is noticed`() async throws {
        try await withPair(ownSource: true) { pair, server in
            try await server.stop()
            // Another cluster, where the old one was.
            let other = try await TestServers.own("replacement")
            try await other.stop()
            let settings = "postgresql.auto.conf"
            try await Tool.run(
                "/bin/cp", ["-a", "\(server.dataDirectory)/\(settings)", "\(server.folder)/\(settings)"])
            try FileManager.default.removeItem(atPath: server.dataDirectory)
            try await Tool.run("/bin/cp", ["-a", other.dataDirectory, server.dataDirectory])
            try await Tool.run(
                "/bin/cp", ["-a", "\(server.folder)/\(settings)", "\(server.dataDirectory)/\(settings)"])
            await other.destroy()
            try await server.start()
            try await TestDatabase(server: server, name: "postgres").run("CREATE DATABASE \(pair.source.name)")
            try await pair.source.run(Self.items)
            try await pair.source.run("INSERT INTO item SELECT g, 'new' FROM generate_series(10, 60) AS g")
            try await pair.install()
            try await expectStopped(pair, "another database cluster")
            try await mend(pair)
        }
    }

    @Test func `a source that was restored from a dump is noticed, and mended by what is said`() async throws {
        let pair = try await TestPair.make(schema: Self.items)
        try await pair.source.run("INSERT INTO item SELECT g, 'old' FROM generate_series(1, 50) AS g")
        try await pair.start()
        try await pair.source.run("INSERT INTO item VALUES (100, 'pending')")
        let server = TestDatabase(server: pair.source.server, name: "postgres")
        let file = "/tmp/switchback-dump-\(UInt64.random(in: 0 ... .max))"
        let tools = pair.source.server.installation.binDirectory
        try await Tool.run("\(tools)/pg_dump", ["-Fc", "-f", file, "-d", pair.source.dsn])
        try await pair.source.run("INSERT INTO item VALUES (101, 'lost')")
        try await pair.catchUp()
        try await server.run("DROP DATABASE \(pair.source.name)")
        try await server.run("CREATE DATABASE \(pair.source.name)")
        try await Tool.run("\(tools)/pg_restore", ["-d", pair.source.dsn, file])
        try FileManager.default.removeItem(atPath: file)
        try await expectStopped(pair, "is a copy of the one that was installed", hint: "DROP SCHEMA switchback CASCADE")
        let refused = try await pair.command(["copy", "main", "--repair"])
        #expect(refused.status != 0)
        #expect(refused.errors.contains("DROP SCHEMA switchback CASCADE"), "\(refused.errors)")
        try await pair.source.run("DROP SCHEMA switchback CASCADE")
        try await pair.install()
        try await mend(pair)
        #expect(try await kept(pair) == ["{101,lost}"])
    }
}
