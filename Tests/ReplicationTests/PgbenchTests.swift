import Foundation
import LocalCluster
import Postgres
import Programs
import Synchronization
import TestSupport
import Testing

/// P2, P3, P4 under load: pgbench's four clients write while an engine carries what they write.
@Suite("pgbench") struct PgbenchTests {
    private static let path: String? = {
        let folder = try? TestServers.installation(nil).binDirectory
        return folder.map { $0 + "/pgbench" }.flatMap { FileManager.default.isExecutableFile(atPath: $0) ? $0 : nil }
    }()

    private func pgbench(_ database: TestDatabase, _ arguments: [String]) async throws {
        let address = ["-h", database.server.host, "-p", String(database.server.port), "-U", "postgres", database.name]
        let outcome = try await ExternalProgram([Self.path ?? ""] + arguments + address).run(limit: .seconds(300))
        #expect(outcome.ending == .exited(0), "\(arguments): \(outcome.errors)")
    }

    @Test(.enabled(if: path != nil, "there is no pgbench beside the server's programs"))
    func `what pgbench writes under load is equal at the end`() async throws {
        let pair = try await TestPair.make(schema: "SELECT 1")
        for database in [pair.source, pair.target] {
            try await pgbench(database, ["-i", "-q", "--foreign-keys", "-s", "2"])
        }
        let key = "ALTER TABLE pgbench_history ADD COLUMN id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY"
        for database in [pair.source, pair.target] { try await database.run(key) }
        try await pair.target.run("TRUNCATE pgbench_accounts, pgbench_branches, pgbench_tellers, pgbench_history")
        try await pair.start()
        try await pair.expectEqual(nil, "after the first copy")
        // The sums that always balance at the source, read at the target while it is written to.
        let balances = """
            SELECT (SELECT sum(abalance) FROM pgbench_accounts) = (SELECT sum(bbalance) FROM pgbench_branches)
               AND (SELECT sum(tbalance) FROM pgbench_tellers) = (SELECT coalesce(sum(delta), 0) FROM pgbench_history)
               AND (SELECT sum(bbalance) FROM pgbench_branches) = (SELECT coalesce(sum(delta), 0) FROM pgbench_history)
            """
        try await pair.withEngine {
            // By count and not by time: pgbench tells the time by a signal, which our threads do not let it have.
            let load = Task { try await pgbench(pair.source, ["-n", "-c", "4", "-j", "2", "-t", "600"]) }
            let isOver = Mutex(false)
            async let looks = {
                var looks = 0
                while !isOver.withLock({ $0 }) {
                    let balanced = try await pair.target.value(balances)
                    #expect(balanced == "t", "look \(looks)")
                    looks += 1
                }
                return looks
            }()
            do { try await load.value } catch {
                isOver.withLock { $0 = true }
                throw error
            }
            isOver.withLock { $0 = true }
            let count = try await looks
            #expect(count > 0)
            try await pair.catchUp()
        }
        try await pair.expectEqual()
        let written = try await pair.target.value("SELECT count(*) FROM pgbench_history") ?? ""
        #expect(Int(written) ?? 0 > 0)
    }
}
