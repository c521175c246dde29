import Foundation
import Postgres
import Replication
import TestSupport
import Testing

/// `fence` and `unfence`, as somebody types them.
@Suite("switchback fence, unfence") struct FenceCommandTests {
    @Test func `a source that has no fence gets one, is closed and opened again`() async throws {
        let site = try await CommandSite()
        try await site.begin()
        let none = try await site.expect(2, "unfence", "here")
        #expect(
            none.errors.contains("it has no fence that could be opened")
                && none.errors.contains("switchback fence here"))
        let fenced = try await site.expect(0, "fence", "here", "--reason", "kernel upgrade", "--json")
        let document = try fenced.document()
        #expect(document["fenced"] as? Bool == true && document["reason"] as? String == "kernel upgrade")
        #expect(try await site.source.failure("INSERT INTO item VALUES (1, 'a')")?.sqlState == "25006")
        let status = try await site.run("status", "--json")
        let nodes = try #require(try status.document()["nodes"] as? [[String: Any]])
        #expect(nodes.map { $0["fenced"] as? Bool } == [true, true])
        // What is installed again stays fenced.
        try await site.expect(0, "schema", "install")
        #expect(try await site.source.failure("INSERT INTO item VALUES (1, 'a')")?.sqlState == "25006")
        try await site.expect(0, "unfence", "here")
        try await site.source.run("INSERT INTO item VALUES (1, 'a')")
        try await site.expect(0, "sync")
        #expect(try await site.target.value("SELECT name FROM item") == "a")
        try await site.expect(0, "schema", "uninstall")
        try await site.source.run("INSERT INTO item VALUES (2, 'b')")
    }

    @Test func `a target is told to be read-only by its role, and an unknown node is named`() async throws {
        let site = try await CommandSite()
        try await site.begin()
        let target = try await site.expect(2, "fence", "there")
        #expect(target.errors.contains("it is read-only as a target of sync main"))
        let unknown = try await site.expect(2, "fence", "elsewhere")
        #expect(unknown.errors.contains("there is no node named elsewhere") && unknown.errors.contains("here, there"))
    }

    @Test func `of a site and its standby one is opened at a time`() async throws {
        let site = try await TestSite.make(schema: CommandSite.schema)
        try await site.start()
        let folder = try Program.folder(site.yaml)
        func run(_ arguments: String...) async throws -> Program.Outcome {
            try await Program.run(arguments, in: folder)
        }
        let refused = try await run("unfence", "durham")
        #expect(refused.status == 3 && refused.errors.contains("durham stays fenced: raleigh is open"))
        #expect(refused.errors.contains("switchback switchover"))
        #expect(try await run("fence", "raleigh").status == 0)
        #expect(try await run("unfence", "durham").status == 0)
        try await site.secondary.run("INSERT INTO item VALUES (1, 'a')")
        #expect(try await run("sync").status == 0)
        #expect(try await site.primary.value("SELECT name FROM item") == "a")
    }

    @Test func `who still writes is named, with status 1, and the fence is closed`() async throws {
        let site = try await TestSite.make(schema: CommandSite.schema)
        try await site.start()
        let folder = try Program.folder(site.yaml)
        let writer = try await site.primary.connect()
        try await writer.run { try $0.execute("BEGIN; INSERT INTO item VALUES (1, 'a')") }
        let outcome = try await Program.run(["fence", "raleigh", "--timeout", "0.2"], in: folder)
        #expect(outcome.status == 1)
        #expect(outcome.errors.contains("the fence of raleigh is closed, and 1 transactions"), "\(outcome.errors)")
        #expect(outcome.errors.contains("--terminate"))
        #expect(try await site.fence("raleigh").state()?.isClosed == true)
        await writer.close()
    }
}
