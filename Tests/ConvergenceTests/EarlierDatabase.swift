import LocalCluster
import TestSupport
import Testing

/// A node's database as it was at a moment, to be put in its place later, as a restore of its server's files would.
///
/// What the node says of itself stays what the streams know of it. But its server goes on numbering transactions where it was.
struct EarlierDatabase: Sendable {
    private let masters: TestMasters
    private let place: Int
    private let copy: TestDatabase
    private let oid: String

    private static func administration(_ node: TestDatabase) -> TestDatabase {
        TestDatabase(server: node.server, name: "postgres")
    }

    /// Keeps the database of a node, by its place among the nodes. Nobody may be connected to it.
    static func keep(_ place: Int, of masters: TestMasters) async throws -> EarlierDatabase {
        let node = masters.nodes[place]
        let copy = TestDatabase(server: node.server, name: node.name + "_earlier")
        try await administration(node).run("CREATE DATABASE \(copy.name) TEMPLATE \(node.name)")
        let oid = try #require(
            try await copy.value("SELECT oid FROM pg_database WHERE datname = current_database()"))
        try await copy.run("UPDATE switchback.node SET database_oid = \(oid)")
        return EarlierDatabase(masters: masters, place: place, copy: copy, oid: oid)
    }

    /// Puts it in the node's place, whoever is connected there.
    func restore() async throws {
        let node = masters.nodes[place]
        let administration = Self.administration(node)
        try await administration.run("DROP DATABASE \(node.name) WITH (FORCE)")
        for other in masters.nodes where other.name != node.name {
            try await other.run(
                "UPDATE switchback.cursor SET source_database_oid = \(oid) WHERE source = '\(TestMasters.name(place))'")
        }
        try await administration.run("ALTER DATABASE \(copy.name) RENAME TO \(node.name)")
    }
}
