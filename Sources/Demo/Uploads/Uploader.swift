import Assets
import DNSWire
import LocalCluster
import Postgres

/// Somebody who hands in files, one after the other, at the site that the name leads to. Each lies in the site's folder and has
/// a row that names it, written in one transaction: first the row, which a fence refuses, and then the file.
struct Uploader: Sendable {
    let site: TheSite
    let files: DemoFiles

    private static let between = Duration.milliseconds(200)
    private static let afterFailure = Duration.milliseconds(50)

    /// Goes on until it is over, through everything that happens to the site.
    func run(until isOver: Shared<Bool>) async throws {
        while !isOver.value {
            do { try await session(until: isOver) } catch {
                try Task.checkCancellation()
                guard error is PostgresError || error is DNSClientError else { throw error }
                try await Task.sleep(for: Self.afterFailure)
            }
        }
    }

    private func session(until isOver: Shared<Bool>) async throws {
        try await with { connection, server in
            while !isOver.value {
                _ = try await one(over: connection, at: server)
                try await Task.sleep(for: Self.between)
            }
        }
    }

    /// Runs something with a connection to the site.
    func with(_ body: (Connection, LocalCluster) async throws -> Void) async throws {
        let server = try await site.node()
        let connection = try await DemoNodes.open(server)
        do { try await body(connection, server) } catch {
            await connection.close()
            throw error
        }
        await connection.close()
    }

    /// Hands in one file.
    /// - Returns: its path, once its row is committed.
    func one(over connection: Connection, at server: LocalCluster) async throws -> String {
        let path = files.book.change { $0.begin() }
        let text = "\(path), handed in at \(server.name)\n" + String(repeating: "1, 2, 3\n", count: 60)
        let tree = server.name == site.clusters[0].name ? files.primary : files.secondary
        try await connection.run(deadline: .seconds(30)) { session in
            try session.prepare("upload", Assets.demo("errands/upload"))
            try session.transaction {
                _ = try session.queryPrepared("upload", [path, String(text.utf8.count)])
                try tree.write(path, text)
            }
        }
        files.book.change { $0.handedIn(path, text) }
        return path
    }
}
