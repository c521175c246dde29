import Foundation
import Glibc
import LocalCluster
import Model
import Postgres
import Replication
import TestSupport
import Testing

/// Status tells what is, with the reason when a stream does not move, and calls nothing good that was not looked at (P7).
@Suite("Status") struct StatusTests {
    private static let schema = "CREATE TABLE item (id int PRIMARY KEY, v int)"

    static func status(_ pair: TestPair) async throws -> StatusReport.Stream {
        let report = try await StatusReader(pair.cluster).read()
        return try #require(report.syncs.first?.streams.first)
    }

    /// The contract of `status --json`: every key is there, and what is unknown is null.
    @Test func `the program's JSON has every key of the contract`() async throws {
        let pair = try await TestPair.make(schema: Self.schema)
        let folder = try Program.folder(pair.yaml)
        try await pair.source.run("INSERT INTO item VALUES (1, 1)")
        try await pair.start()
        let outcome = try await Program.run(["status", "--json"], in: folder)
        #expect(outcome.status == 3, "no engine runs")
        let report = try #require(
            JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any])
        #expect(report["cluster"] as? String == "test")
        let nodes = try #require(report["nodes"] as? [[String: Any]])
        #expect(nodes.map { $0["name"] as? String } == ["source", "target"])
        for node in nodes {
            #expect(node["reachable"] as? Bool == true && node["version"] is String && node["error"] is NSNull)
        }
        #expect(nodes.map { $0["fenced"] as? Bool } == [false, true])
        let syncs = try #require(report["syncs"] as? [[String: Any]])
        #expect(syncs.map { $0["name"] as? String } == ["main"] && syncs[0]["state"] as? String == "idle")
        let stream = try #require((syncs[0]["streams"] as? [[String: Any]])?.first)
        #expect(stream["from"] as? String == "source" && stream["to"] as? String == "target")
        #expect(stream["lag_seconds"] as? Double == 0 && stream["pending_rows"] as? Int == 0)
        #expect(stream["error"] as? String == "no engine carries it")
        #expect(stream["last_applied_at"] != nil && stream["copy"] is NSNull)
        #expect((report["conflicts"] as? [String: Any])?["total"] as? Int == 0)
        #expect((report["conflicts"] as? [String: Any])?["held"] as? Int == 0)
        #expect(report["quarantined"] as? Int == 0)
        let site = try #require(report["site"] as? [String: Any])
        #expect(site["active"] is NSNull && site["state"] is String && site["epoch"] as? Int == 0)

        try await pair.withEngine {
            #expect(try await eventually { try await Program.run(["status"], in: folder).status == 0 })
            let well = try await Program.run(["status", "--json"], in: folder)
            let report = try #require(JSONSerialization.jsonObject(with: Data(well.output.utf8)) as? [String: Any])
            let streams = try #require((report["syncs"] as? [[String: Any]])?.first?["streams"] as? [[String: Any]])
            #expect(streams[0]["error"] is NSNull, "there is none, and that is said")
        }
    }

    @Test func `a stream's way from nothing to streaming is told as it is`() async throws {
        let pair = try await TestPair.make(schema: Self.schema)
        try await pair.source.run("INSERT INTO item SELECT g, 0 FROM generate_series(1, 5000) AS g")
        let bare = try await StatusReader(pair.cluster).read()
        #expect(!bare.isWell && bare.nodes.allSatisfy { $0.error?.contains("is not installed here") == true })
        #expect(bare.syncs[0].streams[0].pendingRows == nil && bare.syncs[0].streams[0].lagSeconds == nil)

        try await pair.install()
        var stream = try await Self.status(pair)
        #expect(stream.state == "not copied" && stream.hint?.contains("switchback copy main") == true)
        #expect(stream.lagSeconds == nil && stream.pendingRows == nil)

        let gate = try await Gate(pair.target, table: "item", row: "NEW.id = 3000")
        async let copying = FirstCopyTests.copy(pair, jobs: 1)
        #expect(try await gate.isReached())
        try await pair.source.run("UPDATE item SET v = 1 WHERE id <= 7")
        stream = try await Self.status(pair)
        #expect(stream.state == "copying" && stream.lagSeconds == nil && stream.pendingRows == 7)
        #expect((stream.copy?.chunksDone ?? 0) > 0 && (stream.copy?.chunksDone ?? 0) < (stream.copy?.chunksTotal ?? 0))
        #expect(stream.error == nil)
        await gate.open()
        _ = try await copying

        // All is copied and nothing carried: the rows are of different moments, and no engine mends that.
        stream = try await Self.status(pair)
        #expect(stream.state == "idle" && stream.pendingRows == 7 && (stream.lagSeconds ?? 0) > 0)
        try await pair.catchUp()
        stream = try await Self.status(pair)
        #expect(stream.state == "idle" && stream.pendingRows == 0 && stream.lagSeconds == 0)
        try await pair.withEngine {
            #expect(try await eventually { try await Self.status(pair).state == "streaming" })
            let report = try await StatusReader(pair.cluster).read()
            #expect(report.isWell && report.syncs[0].state == "streaming")
        }
    }

    @Test func `an unfinished copy is told, and that nobody works on it`() async throws {
        let pair = try await TestPair.make(schema: Self.schema)
        try await pair.source.run("INSERT INTO item VALUES (1, 1)")
        try await pair.install()
        try await pair.target.run("ALTER TABLE item ADD CONSTRAINT c CHECK (v > 1)")
        await #expect(throws: CopyFailed.self) { _ = try await FirstCopyTests.copy(pair) }
        let stream = try await Self.status(pair)
        #expect(stream.state == "copying" && stream.error == "the first copy was begun and has not finished")
    }

    @Test func `what waits is counted, with its age, whatever kind it is`() async throws {
        let pair = try await TestPair.make(
            schema: Self.schema + "; CREATE TABLE log (a int); CREATE TABLE gone (id int PRIMARY KEY)",
            sync: "    overrides: { public.log: { full_copy: true } }")
        try await pair.source.run("INSERT INTO gone VALUES (1)")
        try await pair.start()
        try await pair.source.run("INSERT INTO log VALUES (1)")
        var stream = try await Self.status(pair)
        #expect(stream.pendingRows == 1 && (stream.lagSeconds ?? 0) > 0)
        try await pair.catchUp()
        try await pair.source.run("TRUNCATE gone")
        stream = try await Self.status(pair)
        #expect(stream.pendingRows == 1 && (stream.lagSeconds ?? 0) > 0)
        try await pair.catchUp()
        try await pair.source.run("INSERT INTO item SELECT g, 0 FROM generate_series(1, 1000) AS g")
        try await pair.source.run("UPDATE item SET v = 1 WHERE id <= 10")
        stream = try await Self.status(pair)
        #expect(stream.pendingRows == 1010 && (stream.lagSeconds ?? 0) > 0)
        try await pair.catchUp()
        #expect(try await Self.status(pair).pendingRows == 0)
    }

    /// Symptom: a transaction that was open for an hour made the lag an hour the moment it committed. Cause: a change's age
    /// was counted from when it was made. It cannot have been carried before it was committed, and that was after the
    /// moment that the receiver is up to.
    @Test func `a transaction that was open for long is late by no more than since the last batch`() async throws {
        let pair = try await TestPair.make(schema: Self.schema)
        try await pair.start()
        let long = try await pair.source.connect()
        try await long.run {
            try $0.execute("BEGIN; INSERT INTO item VALUES (1, 1)")
            // As if that had been a day ago.
            try $0.execute("UPDATE switchback.delta_1_a SET at = at - interval '1 day'")
            try $0.execute("UPDATE switchback.delta_1_b SET at = at - interval '1 day'")
        }
        try await pair.source.run("INSERT INTO item VALUES (2, 2)")
        try await pair.catchUp()
        var stream = try await Self.status(pair)
        #expect(stream.pendingRows == 0 && stream.lagSeconds == 0, "it is not committed")
        #expect(
            try await StatusReader(pair.cluster).read().nodes[0].oldestTransactionSeconds != nil,
            "that it is open is told")
        try await long.run { try $0.execute("COMMIT") }
        await long.close()
        stream = try await Self.status(pair)
        #expect(stream.pendingRows == 1)
        #expect((stream.lagSeconds ?? 0) > 0 && (stream.lagSeconds ?? .infinity) < 3600)
    }

    @Test func `a batch counts as pending until it is committed`() async throws {
        let pair = try await TestPair.make(schema: Self.schema)
        try await pair.start()
        let gate = try await Gate(pair.target, table: "item", row: "NEW.id = 4000")
        try await pair.withEngine {
            try await pair.source.run("INSERT INTO item SELECT g, 0 FROM generate_series(1, 5000) AS g")
            #expect(try await gate.isReached())
            try await pair.source.run("INSERT INTO item VALUES (0, 0)")
            let stream = try await Self.status(pair)
            #expect(stream.pendingRows == 5001 && (stream.lagSeconds ?? 0) > 0 && stream.engine == true)
            #expect(stream.error?.contains("it waits for a lock that process") == true)
            #expect(stream.error?.contains("(test) holds at the receiver") == true)
            await gate.open()
            #expect(
                try await eventually {
                    let stream = try await Self.status(pair)
                    return stream.pendingRows == 0 && stream.error == nil && stream.state == "streaming"
                })
        }
        try await pair.expectEqual()
    }

    @Test func `a paused stream and one that a schema difference stops say so, with what to do`() async throws {
        let pair = try await TestPair.make(schema: Self.schema)
        try await pair.start()
        let control = StreamControl(stream: pair.streams[0], cluster: pair.cluster)
        try await pair.withEngine {
            try await control.set(paused: true)
            try await pair.source.run("INSERT INTO item VALUES (1, 1)")
            var stream = try await Self.status(pair)
            #expect(stream.state == "paused" && stream.pendingRows == 1 && (stream.lagSeconds ?? 0) > 0)
            #expect(stream.hint?.contains("switchback resume main") == true)
            try await control.set(paused: false)
            #expect(
                try await eventually {
                    let now = try await Self.status(pair)
                    return now.state == "streaming" && now.pendingRows == 0
                })

            try await pair.source.run("ALTER TABLE item ADD COLUMN more int; INSERT INTO item VALUES (2, 2, 2)")
            #expect(try await eventually { try await Self.status(pair).state == "stopped" })
            stream = try await Self.status(pair)
            #expect(stream.error?.contains("column more of public.item exists at source and not at target") == true)
            #expect(stream.hint != nil && stream.pendingRows == 1)
            try await pair.target.run("ALTER TABLE item ADD COLUMN more int")
            #expect(
                try await eventually {
                    let stream = try await Self.status(pair)
                    return stream.state == "streaming" && stream.error == nil && stream.pendingRows == 0
                })
            try await pair.source.run("ALTER TABLE item DROP COLUMN more; INSERT INTO item VALUES (3, 3)")
            #expect(try await eventually { try await Self.status(pair).state == "stopped" })
        }
        // The engine is gone, and what it said last is told as that.
        let stream = try await Self.status(pair)
        #expect(stream.state == "idle")
        #expect(stream.error?.hasPrefix("no engine carries it; the last one had stopped: column more") == true)
    }

    @Test func `a node that is down makes its streams unreachable and their lag known or null`() async throws {
        let server = try await TestServers.own("target")
        let pair = try await TestPair.make(schema: Self.schema, targets: 1, targetServer: server)
        let folder = try Program.folder(pair.yaml)
        try await pair.source.run("INSERT INTO item VALUES (1, 1)")
        try await pair.start()
        try await pair.source.run("INSERT INTO item VALUES (2, 2), (3, 3)")
        try await server.stop(mode: .fast)
        let report = try await StatusReader(pair.cluster).read()
        #expect(report.nodes.map(\.reachable) == [true, false])
        #expect(report.nodes[1].error != nil && report.nodes[1].version == nil)
        let stream = report.syncs[0].streams[0]
        #expect(stream.state == "unreachable" && stream.error?.contains("node target does not answer") == true)
        // The source knows what the receiver had confirmed.
        #expect(stream.pendingRows == 2 && (stream.lagSeconds ?? 0) > 0 && stream.engine == nil)
        let text = try await Program.run(["status"], in: folder)
        #expect(text.status == 3 && text.output.contains("UNREACHABLE"))
        await server.destroy()
    }

    /// A source that is another database than the one that the stream was begun with: numbers counted past the old
    /// cursor would say that nothing is pending.
    @Test func `a source that is not the one is not called caught up, also when no engine runs`() async throws {
        let pair = try await TestPair.make(schema: Self.schema)
        try await pair.start()
        try await pair.target.run("UPDATE switchback.cursor SET source_system_identifier = '1'")
        let stream = try await Self.status(pair)
        #expect(stream.state == "stopped" && stream.error?.contains("is another database cluster") == true)
        #expect(stream.hint?.contains("switchback copy main --repair") == true)
        #expect(stream.lagSeconds == nil && stream.pendingRows == nil)
    }

    @Test func `tables that are named and not captured are told`() async throws {
        let pair = try await TestPair.make(schema: Self.schema)
        let folder = try Program.folder(pair.yaml)
        try await pair.start()
        for database in [pair.source, pair.target] {
            try await database.run(
                "CREATE TABLE later (id int PRIMARY KEY); CREATE SCHEMA other; CREATE TABLE other.t (id int)")
            try await database.run(
                "CREATE TABLE later_p (id int PRIMARY KEY) PARTITION BY LIST (id); CREATE TABLE later_p1 PARTITION OF later_p DEFAULT"
            )
        }
        try await pair.withEngine {
            #expect(try await eventually { try await Self.status(pair).state == "streaming" })
            #expect(try await Self.status(pair).tablesNotCaptured == ["public.later", "public.later_p"])
            let text = try await Program.run(["status"], in: folder)
            #expect(text.status == 3 && text.output.contains("not captured yet: public.later, public.later_p"))
            try await pair.install()
            #expect(try await Self.status(pair).tablesNotCaptured == [])
            #expect(try await Self.status(pair).tablesNotCopied == ["public.later", "public.later_p"])
            // They are not the stream's yet, and what is written to them is not counted as its.
            try await pair.source.run("INSERT INTO later VALUES (1)")
            #expect(try await Self.status(pair).pendingRows == 0)
            _ = try await FirstCopyTests.copy(pair)
            #expect(try await eventually { try await Program.run(["status"], in: folder).status == 0 })
        }
    }

    @Test func `watching goes on until it is interrupted, and that is no failure`() async throws {
        let pair = try await TestPair.make(schema: Self.schema)
        let folder = try Program.folder(pair.yaml)
        try await pair.start()
        let watching = try await RunningProgram(["status", "--watch"], in: folder)
        // What it shows goes to a file, which the test can read while it grows.
        #expect(try await eventually { watching.outputSoFar.components(separatedBy: "cluster test").count > 3 })
        watching.signal(SIGINT)
        let outcome = try await watching.end()
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(outcome.errors == "")
    }
}
