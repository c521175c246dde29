import Assets
import DNSWire
import HTTP
import LocalCluster
import Postgres

/// What people see of the repository: one name, and behind it a page and a database, at one of two places.
struct TheSite: Sendable {
    /// Where the two places are reached, in the order of the clusters. Both are addresses of this machine.
    static let addresses = ["127.0.0.11", "127.0.0.12"]

    /// At first the name leads to the first of them.
    let clusters: [LocalCluster]
    let names: NameService
    let pages: [PageServer]

    var port: Int { pages[0].port }
    var url: String { "http://\(NameService.name):\(port)/" }

    /// The database that belongs to where the name leads.
    ///
    /// - Throws: `DNSClientError`.
    func node() async throws -> LocalCluster {
        let address = try await names.lookUp()
        return address == Self.addresses[1] ? clusters[1] : clusters[0]
    }

    /// The page as somebody sees it who asks for the name.
    func page() async throws -> (address: String, text: String) {
        let address = try await names.lookUp() ?? "nowhere"
        var request = HTTPRequest(url: url, shown: url, limit: .seconds(5))
        request.resolve = ["\(NameService.name):\(port):\(address)"]
        request.usesProxy = false
        request.usesFreshConnection = true
        let text = try await HTTPClient().send(request).text
        return (address, String(text.prefix { $0 != "\n" }))
    }

    func stop() async {
        for page in pages { page.stop() }
        await names.stop()
    }

    /// Keeps the pages as the databases are, until the task is cancelled.
    func keepPages() async throws {
        try await withThrowingDiscardingTaskGroup { group in
            for (page, cluster) in zip(pages, clusters) {
                group.addTask { try await Self.keep(page, cluster) }
            }
        }
    }

    private static let between = Duration.milliseconds(200)

    private static func keep(_ page: PageServer, _ cluster: LocalCluster) async throws {
        while true {
            try Task.checkCancellation()
            do {
                let connection = try await DemoNodes.open(cluster)
                do {
                    while true {
                        let text = try await connection.run(deadline: .seconds(2)) { session in
                            try session.prepare("page", Assets.demo("look/page"))
                            let row = try session.queryPrepared("page", []).rows[0]
                            return "A data repository, served by \(cluster.name): \(row.int(0) ?? 0) communities,"
                                + " \(row.int(1) ?? 0) visits\n"
                        }
                        page.page.change { $0 = text }
                        try await Task.sleep(for: between)
                    }
                } catch {
                    await connection.close()
                    throw error
                }
            } catch let error as PostgresError where error.kind != .cancelled {
                page.page.change { $0 = nil }
                try await Task.sleep(for: between)
            }
        }
    }
}
