import Foundation
import LocalCluster
import Testing

@Suite("Finding Postgres") struct PostgresInstallationTests {
    /// A folder with programs that only say which version they are. A shell writes them: were they written here, a
    /// process that another test forks meanwhile could hold them open for writing, and they could not be run.
    private func makeInstallation(_ version: String, in folder: String) async -> String {
        let bin = "\(folder)/it's \(version)/bin"
        let script = """
            mkdir -p "$1" && for name in postgres initdb; do
                printf '#!/bin/sh\\necho "%s (PostgreSQL) %s (built by hand)"\\n' $name "$2" >"$1/$name" && chmod 755 "$1/$name"
            done
            """
        #expect(await run("/bin/sh", ["-c", script, "sh", bin, version]) == "")
        return bin
    }

    @Test func `lists each installation once, the newest first, and leaves out folders without a server`() async throws
    {
        let folder = temporaryFolder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let old = await makeInstallation("90.9", in: folder)
        let new = await makeInstallation("90.10", in: folder)
        let beta = await makeInstallation("91beta2", in: folder)
        let environment = [
            "SWITCHBACK_PG_INSTALLATIONS": "\(old):\(new):\(old)/../bin:/nowhere/bin:\(folder)::\(beta)"
        ]
        let found = PostgresInstallation.find(environment: environment).filter { $0.major >= 90 }
        #expect(found.map(\.version) == ["91beta2", "90.10", "90.9"])
        #expect(found.map(\.major) == [91, 90, 90])
        #expect(found.map(\.binDirectory) == [beta, new, old])
        #expect(try PostgresInstallation.newest(environment: environment).version == "91beta2")
        #expect(try PostgresInstallation.newest(environment: environment, major: 90).version == "90.10")
    }

    @Test func `prefers the folder that SWITCHBACK_PG_BIN names, and says so when there is no server in it`()
        async throws
    {
        let folder = temporaryFolder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let old = await makeInstallation("90.9", in: folder)
        let new = await makeInstallation("90.10", in: folder)
        let environment = ["SWITCHBACK_PG_BIN": old, "SWITCHBACK_PG_INSTALLATIONS": new]
        #expect(try PostgresInstallation.preferred(environment: environment).version == "90.9")
        let error = #expect(throws: LocalClusterError.self) {
            try PostgresInstallation.preferred(environment: ["SWITCHBACK_PG_BIN": "/nowhere"])
        }
        #expect(error?.message == "could not find a Postgres server in SWITCHBACK_PG_BIN: /nowhere")
    }

    @Test func `names the remedy when there is none`() {
        let error = #expect(throws: LocalClusterError.self) { try PostgresInstallation.newest(major: 7) }
        #expect(error?.message == "could not find the server programs of Postgres 7 on this machine")
        #expect(error?.hint?.contains("apt-get install postgresql") == true)
    }

    @Test func `every installation of this machine makes a cluster`() async throws {
        for installation in PostgresInstallation.find() {
            let cluster = try await LocalCluster.start(
                installation: installation, name: "v\(installation.major)", folder: temporaryFolder())
            #expect(await psql(cluster, "SHOW server_version").hasPrefix(installation.version))
            await cluster.destroy()
        }
    }
}
