import Foundation
import LocalCluster
import Programs
import TestSupport
import Testing

/// Two databases, a folder with the configuration that joins them, and the program in it: what a user has before them.
final class CommandSite: Sendable {
    let source: TestDatabase
    let target: TestDatabase
    let folder: String

    static let schema = """
        CREATE TABLE item (id int PRIMARY KEY, name text);
        CREATE TABLE note (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, item_id int REFERENCES item, body text);
        """

    /// - Parameters:
    ///   - schema: for both nodes.
    ///   - sync: further lines of the sync, at its indentation.
    ///   - sourceDSN, targetDSN: what stands in the configuration; that of the database when nil.
    init(
        schema: String = CommandSite.schema, sync: String = "", sourceServer: LocalCluster? = nil,
        sourceDSN: ((TestDatabase) -> String)? = nil, targetDSN: ((TestDatabase) -> String)? = nil
    ) async throws {
        let home: LocalCluster
        if let sourceServer { home = sourceServer } else { home = try await TestServers.shared.server("source") }
        source = try await TestDatabase.make(in: home)
        target = try await TestDatabase.make(in: TestServers.shared.server("target"))
        for database in [source, target] { try await database.run(schema) }
        folder = try Program.folder(
            Self.yaml(sourceDSN?(source) ?? source.dsn, targetDSN?(target) ?? target.dsn, sync: sync))
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    static func yaml(_ source: String, _ target: String, sync: String = "") -> String {
        """
        cluster: library
        nodes:
          here: { dsn: "\(source)" }
          there: { dsn: "\(target)" }
        syncs:
          main:
            nodes: { here: source, there: target }
            tables: ["public.*"]
        \(sync)
        """
    }

    /// Runs a command to its end.
    func run(_ arguments: String..., environment: [String: String] = [:]) async throws -> Program.Outcome {
        try await Program.run(arguments, in: folder, environment: environment)
    }

    /// Runs a command that must end with a status.
    @discardableResult func expect(
        _ status: Int32, _ arguments: String..., sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> Program.Outcome {
        let outcome = try await Program.run(arguments, in: folder)
        #expect(
            outcome.status == status, "\(arguments): \(outcome.output)\(outcome.errors)",
            sourceLocation: sourceLocation)
        return outcome
    }

    /// Installs and copies, so that the stream can run.
    func begin() async throws {
        try await expect(0, "schema", "install")
        try await expect(0, "copy")
    }

    /// Starts the daemon.
    func daemon(_ arguments: String...) async throws -> RunningProgram {
        try await RunningProgram(["run"] + arguments, in: folder)
    }

    /// Both databases, whole, as `pg_dump` writes them.
    func dumps() async throws -> [String] { [try await source.dump(), try await target.dump()] }
}

extension TestDatabase {
    /// The database as `pg_dump` writes it, without the lines that differ from one dump to the next.
    func dump(_ options: String...) async throws -> String {
        let program = ExternalProgram([server.installation.binDirectory + "/pg_dump"] + options + [dsn])
        let outcome = try await program.run(limit: .seconds(120), outputBytesMax: 1 << 26)
        let text = outcome.output
        try #require(outcome.ending == .exited(0) && text.contains("PostgreSQL database dump complete"))
        return text.split(separator: "\n").filter { !$0.hasPrefix("\\restrict") && !$0.hasPrefix("\\unrestrict") }
            .joined(separator: "\n")
    }
}
