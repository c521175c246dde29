import Glibc
import LocalCluster
import Testing

@Suite("A throw-away cluster", .serialized) struct LocalClusterTests {
    @Test func `serves clients on the loopback address with its settings, and leaves nothing behind`() async throws {
        let folder = temporaryFolder()
        let cluster = try await LocalCluster.start(
            installation: .preferred(), name: "one", folder: folder, settings: ["work_mem": "5MB", "jit": "off"])
        #expect(await psql(cluster, "SELECT inet_server_port()") == "\(cluster.port)")
        #expect(await psql(cluster, "SHOW work_mem") == "5MB")
        #expect(await psql(cluster, "SHOW fsync") == "off")
        #expect(await psql(cluster, "SHOW server_encoding") == "UTF8")
        #expect(await psql(cluster, "SHOW cluster_name") == "one")
        let bySocket = "host=\(cluster.socketDirectory) port=\(cluster.port) user=postgres dbname=postgres"
        #expect(await psql(cluster, "SELECT 1", dsn: bySocket) == "1")
        let postmaster = try #require(cluster.postmasterPID)
        await cluster.destroy()
        #expect(!isAlive(postmaster))
        #expect(!exists(folder))
    }

    @Test func `keeps its port and its rows over stop, start and restart`() async throws {
        try await withCluster { cluster in
            _ = await psql(cluster, "CREATE TABLE kept AS SELECT 42 AS n")
            let first = try #require(cluster.postmasterPID)
            try await cluster.stop()
            #expect(cluster.postmasterPID == nil)
            #expect(!isAlive(first))
            #expect(await psql(cluster, "SELECT 1").contains("refused"))
            try await cluster.stop()  // again: nothing to do
            try await cluster.start()
            #expect(await psql(cluster, "SELECT n FROM kept") == "42")
            for mode in [LocalCluster.StopMode.smart, .fast, .immediate] {
                try await cluster.restart(mode: mode)
                #expect(await psql(cluster, "SELECT n FROM kept") == "42")
            }
        }
    }

    @Test func `kill9 ends every process, also one busy in a query, and start recovers`() async throws {
        try await withCluster { cluster in
            _ = await psql(cluster, "CREATE TABLE kept AS SELECT 42 AS n")
            let postmaster = try #require(cluster.postmasterPID)
            let clusterDSN = cluster.dsn()
            // Busy without ever waiting: such a process does not notice that its postmaster is gone.
            let busy = "SELECT count(*) FROM generate_series(1, 100000000000) AS n"
            async let cut = Task.detached {
                await run("\(cluster.installation.binDirectory)/psql", ["-XAtqc", busy, clusterDSN])
            }.value
            let wait = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%generate_series%' AND state = 'active'"
            #expect(await eventually { await psql(cluster, wait) == "2" })
            let all = await psql(cluster, "SELECT string_agg(pid::text, ' ') FROM pg_stat_activity").split(
                separator: " ")
            try await cluster.kill9()
            #expect(!isAlive(postmaster))
            #expect(all.count > 3)
            for processID in all.compactMap({ Int32($0) }) { #expect(!isAlive(processID)) }
            #expect(await cut.contains("closed the connection"))
            try await cluster.start()
            #expect(await psql(cluster, "SELECT n FROM kept") == "42")
            #expect(cluster.logTail(50).contains("not properly shut down"))
        }
    }

    @Test func `a frozen server holds its connections without answering, and goes on after resume`() async throws {
        try await withCluster { cluster in
            try await cluster.freeze()
            let dsn = cluster.dsn()
            let program = "\(cluster.installation.binDirectory)/psql"
            let answer = Task.detached { await run(program, ["-XAtqc", "SELECT 42", dsn]) }
            let state = await run("/bin/sh", ["-c", "sed 's/.*) //' /proc/\(cluster.postmasterPID ?? 0)/stat"])
            #expect(state.hasPrefix("T"))
            try await cluster.resume()
            #expect(await answer.value == "42")
            try await cluster.freeze()  // a frozen one can be destroyed
        }
    }

    @Test func `with a password, nobody comes in without it`() async throws {
        try await withCluster(password: "it's a \\ secret") { cluster in
            #expect(await psql(cluster, "SELECT 1") == "1")
            let without = "host=\(cluster.host) port=\(cluster.port) user=postgres dbname=postgres"
            #expect(await psql(cluster, "SELECT 1", dsn: without).contains("no password supplied"))
            #expect(!cluster.logTail(1000).contains("secret"))
        }
    }

    @Test func `two clusters in one folder are apart, and the last one takes the folder with it`() async throws {
        let folder = temporaryFolder()
        let installation = try PostgresInstallation.preferred()
        async let starting = LocalCluster.start(installation: installation, name: "a", folder: folder)
        let second = try await LocalCluster.start(installation: installation, name: "b", folder: folder)
        let first = try await starting
        #expect(first.port != second.port)
        let identifier = "SELECT system_identifier FROM pg_control_system()"
        #expect(await psql(first, identifier) != psql(second, identifier))
        await first.destroy()
        #expect(await psql(second, "SELECT 1") == "1")
        await second.destroy()
        #expect(!exists(folder))
    }

    @Test func `a folder too deep for a socket is no obstacle`() async throws {
        let outer = temporaryFolder()
        mkdir(outer, 0o711)
        let folder = outer + "/" + String(repeating: "deep", count: 30)
        let cluster = try await LocalCluster.start(installation: .preferred(), name: "one", folder: folder)
        let bySocket = "host=\(cluster.socketDirectory) port=\(cluster.port) user=postgres dbname=postgres"
        #expect(await psql(cluster, "SELECT 1", dsn: bySocket) == "1")
        await cluster.destroy()
        #expect(!exists(cluster.socketDirectory))
        #expect(rmdir(outer) == 0)
    }

    @Test func `a server that cannot start says why, and leaves nothing behind`() async throws {
        let folder = temporaryFolder()
        let error = await #expect(throws: LocalClusterError.self) {
            try await LocalCluster.start(
                installation: .preferred(), name: "bad", folder: folder, settings: ["no_such_setting": "1"])
        }
        #expect(error?.description.contains("could not start cluster bad") == true)
        #expect(error?.log.contains("no_such_setting") == true)
        #expect(!exists(folder))
    }

    @Test func `a locale that the machine lacks gives way to C`() async throws {
        let cluster = try await LocalCluster.start(
            installation: .preferred(), name: "one", folder: temporaryFolder(), locale: "xx_YY.UTF-8")
        let locale = "SELECT datcollate FROM pg_database WHERE datname = 'postgres'"
        #expect(await psql(cluster, locale) == "C")
        await cluster.destroy()
    }
}
